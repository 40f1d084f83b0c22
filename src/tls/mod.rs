//! The protocol's vocabulary: newtypes over the numbers on the wire, so that a value nobody knows
//! survives, is shown and is reported. Sources: RFC 8446, RFC 5246, IANA TLS registries.
//!
//! In: numbers. Out: names; ClientHello as bytes and the server's reply as fields. Must not know logs, devices or files.

mod alert;
mod group;
mod handshake;
pub mod hello;
mod record;
mod signature;
mod suite;
mod suite_openssl;
mod suite_table;

pub use alert::Alert;
pub use group::NamedGroup;
pub use handshake::{HandshakeType, StepName};
pub use record::{ContentType, ProtocolVersion};
pub use signature::{HashAndSignature, SignatureScheme};
pub use suite::{CipherSuite, is_grease};
