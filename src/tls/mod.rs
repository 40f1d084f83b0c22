//! The protocol's vocabulary: newtypes over the numbers on the wire, so that a value nobody knows
//! survives, is shown and is reported. Sources: RFC 8446, RFC 5246, IANA TLS registries.
//!
//! In: numbers. Out: names. Must not know logs, devices or files.

mod alert;
mod handshake;
mod record;
mod suite;

pub use alert::Alert;
pub use handshake::{HandshakeType, StepName};
pub use record::{ContentType, ProtocolVersion};
pub use suite::CipherSuite;
