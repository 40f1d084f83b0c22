//! The probe against real servers on loopback: OpenSSL in several configurations, rustls, and
//! servers written to do harm. Every statement is compared with what was really set.
#![allow(
    clippy::must_use_candidate,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used
)]

mod by_hand;
mod command_line;
mod dns;
mod harm;
mod hostile;
mod openssl;
#[path = "../support/openssl_server.rs"]
mod openssl_server;
mod resumption;
mod rustls_server;
#[path = "../support/servers.rs"]
mod servers;

use handlens::server::DeviceHello;
use openssl_server::{ask, hasty, question};

/// A device's ClientHello by id.
pub fn device(id: &str) -> Option<DeviceHello> {
    Some(DeviceHello::known(id).unwrap())
}
