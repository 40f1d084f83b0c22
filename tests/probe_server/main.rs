//! The probe against real servers on loopback: OpenSSL in several configurations, rustls, and
//! servers written to do harm. Every statement is compared with what was really set.
#![allow(
    clippy::must_use_candidate,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used
)]

mod command_line;
mod hostile;
mod openssl;
mod rustls_server;

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use handlens::server::{
    DeviceHello, Limits, Manners, NameChoice, Probe, ProbeQuestion, Target, probe,
};

/// A question to this port of loopback, with waits short enough for a test.
pub fn question(address: SocketAddr) -> ProbeQuestion {
    ProbeQuestion {
        target: Target {
            host: address.ip().to_string(),
            port: address.port(),
        },
        name: NameChoice::Given("device.example".to_owned()),
        device: None,
        manners: Manners {
            limits: Limits::default().within(Duration::from_secs(2)),
            ..Manners::default()
        },
        roots: Vec::new(),
        identity: None,
    }
}

/// Asks without a stop.
pub fn ask(question: &ProbeQuestion) -> Probe {
    probe(question, &AtomicBool::new(false), &mut |_| {}).unwrap()
}

/// A device's ClientHello by id.
pub fn device(id: &str) -> Option<DeviceHello> {
    Some(DeviceHello::known(id).unwrap())
}
