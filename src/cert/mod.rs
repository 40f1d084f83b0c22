//! Certificates: reading them in any form, measuring them, checking them against names, times,
//! each other and a device.
//!
//! Files or bytes come in; [`CertFile`]s with [`Certificate`]s go out, and on top of them the chain,
//! the pairs, the name check of each stack, the fit against a device, and the facts that the
//! diagnosis reads. This room must not know sessions, logs or the window, and keeps nothing of a
//! private key but its kind, size, format and the hash of its public half.

mod certificate;
mod extensions;
mod file;
mod names;
mod oids;
mod problem;
mod public_key;
mod read;
mod size_map;
mod tlv;

pub use certificate::{Certificate, END_OF_32_BIT_TIME, Moment, Serial};
pub use extensions::{Extension, Extensions};
pub use file::{CertFile, Content, Encoding, Object, PrivateKey, Request};
pub use names::{AltName, Attribute, DistinguishedName, address_text};
pub use problem::{Problem, Severity};
pub use public_key::PublicKey;
pub use read::{read, read_private_key};
pub use size_map::{SizeNode, flat};
