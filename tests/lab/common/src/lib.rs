//! What the two lab programs share.

pub mod certs;
pub mod peer;
pub mod serial;
pub mod truth;
pub mod wire;
