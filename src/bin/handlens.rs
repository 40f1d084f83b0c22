//! `handlens`: the window.

fn main() {}
