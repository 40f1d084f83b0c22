//! The built-in cases: own recordings of real stacks that reproduce known faults (see
//! `assets/demo/README.md` for their origin).

use std::sync::Arc;

use super::snapshot::Tone;
use crate::evidence::{Chunk, Micros};
use crate::recording::read_timed;

/// A built-in case: a device to play, what is opened beside it, and what its reporter stated.
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
    /// Inputs opened beside the device: name and bytes (a log, a chain, a configuration).
    pub beside: &'static [(&'static str, &'static [u8])],
    /// Facts that the reporter stated, each as `NAME=VALUE`.
    pub stated: &'static [&'static str],
    timed: &'static [u8],
}

/// 2026-11-21T04:00:12Z, when the sessions were recorded; microseconds since 1970 UTC.
const RECORDED: Micros = 1_795_233_612_000_000;

/// All built-in cases in the order of the first screen; the first is played when none is named.
#[must_use]
pub fn demo_cases() -> &'static [DemoCase] {
    &[
        DemoCase {
            name: "pic32-satellite",
            title: "PIC32 over satellite",
            about: "TLS stops after Finished, no alert",
            tone: Tone::Fail,
            word: "Stalled",
            beside: &[(
                "landline.log",
                include_bytes!("../../assets/demo/pic32-landline.log"),
            )],
            stated: &[],
            timed: include_bytes!("../../assets/demo/pic32-satellite.timed"),
        },
        DemoCase {
            name: "spwf04-azure",
            title: "SPWF04Sx and Azure Storage",
            about: "worked for days, then alert 46",
            tone: Tone::Fail,
            word: "Alert 46",
            beside: &[
                (
                    "server.log",
                    include_bytes!("../../assets/demo/spwf04-azure-server.log"),
                ),
                (
                    "server-chain.pem",
                    include_bytes!("../../assets/demo/spwf04-azure-chain.pem"),
                ),
                (
                    "module-root.pem",
                    include_bytes!("../../assets/demo/spwf04-azure-root.pem"),
                ),
            ],
            stated: &[
                "device.id=spwf04sx",
                "host=fleet47.table.core.storage.test",
                "works.before=yes",
                "works.other_server=yes",
                "dns.alias=table.fleet47.store.core.storage.test",
            ],
            timed: include_bytes!("../../assets/demo/spwf04-azure.timed"),
        },
        DemoCase {
            name: "stm32-two-alerts",
            title: "STM32F4 as server",
            about: "two clients, two different alerts",
            tone: Tone::Fail,
            word: "Alert 47, 51",
            beside: &[
                (
                    "s_client.log",
                    include_bytes!("../../assets/demo/stm32-two-alerts-s_client.log"),
                ),
                (
                    "ssl_client2.log",
                    include_bytes!("../../assets/demo/stm32-two-alerts-ssl_client2.log"),
                ),
                (
                    "mbedtls_config.h",
                    include_bytes!("../../assets/demo/stm32-two-alerts-config.h"),
                ),
                (
                    "board.pem",
                    include_bytes!("../../assets/demo/stm32-two-alerts-server.pem"),
                ),
            ],
            stated: &["host=192.0.2.60"],
            timed: include_bytes!("../../assets/demo/stm32-two-alerts.timed"),
        },
        DemoCase {
            name: "xbee-0x85",
            title: "XBee Cellular LTE-M",
            about: "status 0x85, every time",
            tone: Tone::Fail,
            word: "0x85",
            beside: &[
                (
                    "apache.log",
                    include_bytes!("../../assets/demo/xbee-0x85-apache.log"),
                ),
                (
                    "server.pem",
                    include_bytes!("../../assets/demo/xbee-0x85-server.pem"),
                ),
            ],
            stated: &[
                "device.id=xbee3-cellular-ltem",
                "works.without_verification=yes",
                "works.other_client=yes",
                "device.ca_is_current=yes",
            ],
            timed: include_bytes!("../../assets/demo/xbee-0x85.timed"),
        },
    ]
}

impl DemoCase {
    /// When it was recorded, microseconds since 1970 UTC.
    #[must_use]
    pub fn recorded(&self) -> Micros {
        RECORDED
    }

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
            let chunks = case.chunks();
            let bytes: usize = chunks.iter().map(|c| c.bytes.len()).sum();
            // The shortest, frames of a module, are some twenty pieces.
            assert!(chunks.len() > 15 && bytes > 400, "{}", case.name);
            assert!(
                case.beside.iter().all(|(_, b)| !b.is_empty()),
                "{}",
                case.name
            );
        }
    }

    #[test]
    fn what_is_stated_can_be_stated() {
        let knowledge = crate::knowledge::Knowledge::embedded();
        for text in demo_cases().iter().flat_map(|c| c.stated) {
            let fact = knowledge.parse_stated(text);
            assert!(fact.is_ok(), "{text}: {fact:?}");
        }
    }
}
