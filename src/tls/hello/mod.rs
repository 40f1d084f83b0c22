//! A `ClientHello` of our own making, for the prober.
//!
//! In: what a hello shall hold, or the bytes of one to be sent again. Out: bytes. What a server
//! answers is read beside this folder. Must not know sockets.

mod client_hello;
mod hello_extension;
mod wire;

pub use client_hello::{ClientHello, HelloError};
pub use hello_extension::{HelloExtension, extension};
