//! Any code as people write it: the tables are whole, every spelling finds its meaning, and
//! decoders get their names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod asked;
mod decoders;
mod spellings;
mod tables;
mod unknown;

use handlens::codes::{Explained, StackHint, explain};

fn ask(query: &str) -> Explained {
    explain(query, None)
}

fn mbedtls(major: u8, minor: u8) -> StackHint {
    StackHint {
        family: "mbedtls".to_owned(),
        version: Some((major, minor)),
    }
}

fn first(query: &str) -> String {
    let answer = ask(query);
    let meaning = answer.meanings.first();
    meaning
        .unwrap_or_else(|| panic!("{query}: no meaning"))
        .name
        .clone()
}

fn names(query: &str) -> Vec<String> {
    ask(query).meanings.into_iter().map(|m| m.name).collect()
}
