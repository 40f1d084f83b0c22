//! A ClientHello of our own making and the fields of the server's reply, for the prober.
//!
//! In: what a hello shall hold, or bytes of handshake messages. Out: bytes, or fields. The readers
//! here know the shape of a reply to *our* hello (which key exchange was asked for); those beside
//! this folder read whatever a capture holds. Must not know sockets.

mod client_hello;
mod hello_extension;
mod reply;
mod wire;

pub use client_hello::{ClientHello, HelloError};
pub use hello_extension::{HelloExtension, extension};
pub use reply::{CertificateRequest, ServerHello, ServerKey, ServerKeyExchange, certificate_list};
