//! What is known before any device is looked at, loaded from `assets/`.

pub mod codes;
