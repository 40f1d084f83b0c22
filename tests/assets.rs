//! The tables as shipped hang together, and a user's folder can replace parts of them safely.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use handlens::knowledge::Knowledge;

#[test]
fn the_shipped_tables_are_sound() {
    let problems = Knowledge::embedded().check();
    let sentences: Vec<&str> = problems.iter().map(|p| p.sentence.as_str()).collect();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        sentences.len(),
        sentences.join("\n")
    );
}

#[test]
fn every_cause_has_its_number_once() {
    let knowledge = Knowledge::embedded();
    let numbers: BTreeSet<u16> = knowledge.causes.iter().map(|c| c.number).collect();
    assert_eq!(numbers, (1..=49).collect());
    assert_eq!(knowledge.causes.len(), 49);
}
