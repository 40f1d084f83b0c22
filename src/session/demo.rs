//! The built-in cases: own recordings of real stacks that reproduce known faults (see
//! `assets/demo/README.md` for their origin).

use std::sync::Arc;

use super::snapshot::Tone;
use crate::evidence::Chunk;
use crate::recording::read_timed;

/// A built-in case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoCase {
    /// Name for the command line.
    pub name: &'static str,
    /// Title.
    pub title: &'static str,
    /// What is seen, a few words.
    pub about: &'static str,
    /// Tone of the outcome.
    pub tone: Tone,
    /// The outcome in a word.
    pub word: &'static str,
    timed: &'static [u8],
}

/// 2026-11-21T04:00:12Z, when the sessions were recorded; microseconds since 1970 UTC.
const RECORDED: i64 = 1_795_233_612_000_000;

/// All built-in cases; the first is played when none is named.
#[must_use]
pub fn demo_cases() -> &'static [DemoCase] {
    &[
        DemoCase {
            name: "pic32-satellite",
            title: "Stalls over a satellite link",
            about: "Mbed TLS client, 1,024-byte receive buffer, waits for ChangeCipherSpec",
            tone: Tone::Fail,
            word: "Stalled",
            timed: include_bytes!("../../assets/demo/pic32-satellite.timed"),
        },
        DemoCase {
            name: "pic32-landline",
            title: "The same device over a landline",
            about: "Same client, server and certificates; the handshake completes",
            tone: Tone::Ok,
            word: "Completed",
            timed: include_bytes!("../../assets/demo/pic32-landline.timed"),
        },
    ]
}

impl DemoCase {
    /// What the device wrote, with its times.
    #[must_use]
    pub fn chunks(&self) -> Arc<[Chunk]> {
        // A torn recording would be a fault of the build; a test reads them all.
        read_timed(self.timed, RECORDED).unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_can_be_played() {
        for case in demo_cases() {
            let bytes: usize = case.chunks().iter().map(|c| c.bytes.len()).sum();
            assert!(bytes > 10_000, "{}", case.name);
        }
    }
}
