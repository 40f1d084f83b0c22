//! The pattern and code files of devices hang together, and every sample survives every split.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use handlens::codes;
use handlens::decode::check_patterns;
use handlens::knowledge::Knowledge;

#[test]
fn the_files_are_sound() {
    let knowledge = Knowledge::embedded();
    let faults = check_patterns(&|name| knowledge.facts.get(name).is_some());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let faults = codes::check();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
