//! The protocol's vocabulary: newtypes over the numbers on the wire, so that a value nobody knows
//! survives, is shown and is reported. Sources: RFC 8446, RFC 5246, IANA TLS registries.
//!
//! In: numbers, and the bytes of handshake messages. Out: names, and the messages' fields. Must not
//! know logs, devices or files.

mod alert;
mod client_hello;
pub mod extension;
mod fields;
mod flight;
mod group;
mod handshake;
pub mod hello;
mod record;
mod server_hello;
mod signature;
mod suite;
mod suite_openssl;
mod suite_table;

pub use alert::Alert;
pub use client_hello::ClientHello;
pub use extension::Extension;
pub use fields::Malformed;
pub use flight::{CertificateRequest, ServerKey, ServerKeyExchange, certificate_list};
pub use group::NamedGroup;
pub use handshake::{HandshakeType, StepName};
pub use record::{ContentType, ProtocolVersion};
pub use server_hello::{ServerHello, encrypted_extensions};
pub use signature::{HashAndSignature, SignatureScheme};
pub use suite::{CipherSuite, is_grease};
