//! Asking a server, and what is done with its answer.
//!
//! In: wishes, numbers of probes. Out: orders to the engine; the chain of a probe as an input. Must
//! not know how a server is asked.

use super::Session;
use crate::evidence::InputId;
use crate::session::engine::Order;
use crate::session::probe_wish::ProbeWish;

// The id of a new input is a service to those who want it; the input comes with the snapshot.
#[allow(clippy::must_use_candidate)]
impl Session {
    /// Asks a server; connects only to what the wish names. How it goes stands in the next snapshots.
    pub fn ask_server(&self, wish: ProbeWish) {
        self.shared.send(Order::Probe(Box::new(wish)));
    }

    /// Stops a probe; what it found is kept.
    pub fn cancel_probe(&self, number: u32) {
        self.shared.send(Order::CancelProbe(number));
    }

    /// Opens the chain that a probe was sent, as an input with certificates.
    pub fn open_probe_chain(&self, number: u32) -> Option<InputId> {
        let snapshot = self.snapshot();
        let run = snapshot.probes.iter().find(|p| p.number == number)?;
        let chain = run.probe()?.chain();
        if chain.is_empty() {
            return None;
        }
        let name = format!("chain of {} port {}", run.target.host, run.target.port);
        Some(self.open_bytes(&name, pem_of(chain).into_bytes()))
    }

    /// Takes a probe out of the session with what it proved.
    pub fn remove_probe(&self, number: u32) {
        self.shared.send(Order::RemoveProbe(number));
    }
}

/// Certificates as PEM.
fn pem_of(chain: &[Vec<u8>]) -> String {
    chain
        .iter()
        .map(|der| {
            let text = data_encoding::BASE64.encode(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        })
        .collect()
}
