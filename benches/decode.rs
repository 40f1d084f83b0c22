//! Decode throughput as a ratio to a plain newline count.

fn main() {}
