//! `handlens-cli`: the headless commands.

fn main() {}
