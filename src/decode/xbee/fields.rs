//! Frame data → events: requests, statuses, settings (Digi guides, frames 0x08 to 0xCF).

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use super::super::devices;
use super::settings::XbeeSettings;
use crate::evidence::{Event, FactValue};

/// TLS as the protocol byte of 0x20 and 0x40.
const PROTOCOL_TLS: u8 = 4;
/// Keys of sockets stand above those of frame IDs.
const SOCKET: u16 = 0x100;

/// Reads frames of one input.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) settings: XbeeSettings,
    /// Frame IDs of requests without status: is it one for TLS?
    requests: BTreeMap<u8, bool>,
    /// Frame IDs of socket creations without answer: is it a TLS socket?
    creating: BTreeMap<u8, bool>,
    /// TLS sockets, with the frame ID of the connection request.
    sockets: BTreeMap<u8, Option<u8>>,
    /// Where a TX request has an open TLS socket.
    open: Option<(Ipv4Addr, u16)>,
    asking: Option<(Ipv4Addr, u16)>,
}

impl Fields {
    /// Takes the data of one frame, type byte first.
    pub(super) fn take(&mut self, data: &[u8], emit: &mut dyn FnMut(Event)) {
        match data {
            [0x08 | 0x09, _, a, b, value @ ..] => self.settings.take([*a, *b], value, emit),
            [0x88, _, a, b, 0, value @ ..] => self.settings.take([*a, *b], value, emit),
            [0x20, id, ip @ ..] if ip.len() >= 10 => {
                let (to, rest) = address(ip);
                // Source port, protocol, options.
                let tls = rest.get(2) == Some(&PROTOCOL_TLS);
                self.requests.insert(*id, tls);
                if tls {
                    self.request(*id, to, "0x20", 0, emit);
                }
            }
            [0x23, id, ip @ ..] if ip.len() >= 10 => {
                let (to, rest) = address(ip);
                let profile = rest.get(2).copied().unwrap_or(0);
                self.requests.insert(*id, true);
                self.request(*id, to, "0x23", profile, emit);
            }
            [0x89, id, status] => self.tx_status(*id, *status, emit),
            [0x8A, status] => devices::code_events("xbee-modem-status", i64::from(*status), emit),
            [0x40, id, protocol] => {
                self.creating.insert(*id, *protocol == PROTOCOL_TLS);
            }
            [0xC0, id, socket, status] => {
                if self.creating.remove(id).unwrap_or(false) {
                    self.sockets.insert(*socket, None);
                    devices::code_events("xbee-socket-response", i64::from(*status), emit);
                }
            }
            // Option 0 is the TLS profile.
            [0x41, _, socket, 0, profile] if self.sockets.contains_key(socket) => {
                self.settings.use_profile(*profile, emit);
            }
            [0x42, id, socket, high, low, kind, address @ ..] => {
                self.connect(*id, *socket, [*high, *low], *kind, address, emit);
            }
            [0xC2, _, socket, status] if *status != 0 && self.sockets.contains_key(socket) => {
                self.answer("xbee-socket-response", *socket, *status, emit);
            }
            [0xCF, socket, state] if self.sockets.contains_key(socket) => {
                self.answer("xbee-socket-status", *socket, *state, emit);
                if *state != 0 {
                    self.sockets.remove(socket);
                }
            }
            [0x43, _, 0xFF] => self.sockets.clear(),
            [0x43, _, socket] => {
                self.sockets.remove(socket);
            }
            _ => {}
        }
    }

    /// A status in words, without its frames.
    pub(super) fn status_alone(&mut self, status: u8, emit: &mut dyn FnMut(Event)) {
        devices::code_events("xbee-tx-status", i64::from(status), emit);
    }

    fn request(
        &mut self,
        id: u8,
        to: (Ipv4Addr, u16),
        frame: &str,
        profile: u8,
        emit: &mut dyn FnMut(Event),
    ) {
        self.asking = Some(to);
        // A request to where a socket is open sends data on it: no handshake.
        if self.open == Some(to) {
            self.requests.insert(id, false);
            return;
        }
        emit(Event::SessionStart);
        emit(Event::Target(format!("{}:{}", to.0, to.1)));
        self.settings.use_profile(profile, emit);
        set("module.name_in_request", false, emit);
        set("module.sends_sni", false, emit);
        // Kept beyond the attempt: a settings file and a frame may come in different inputs.
        for (fact, value) in [("host", to.0.to_string()), ("host.kind", "ip".to_owned())] {
            emit(Event::Setting {
                fact: Arc::from(fact),
                value: FactValue::Text(value),
            });
        }
        let what = format!(
            "TX request {frame} to {}:{}, TLS profile {profile}",
            to.0, to.1
        );
        emit(Event::Request {
            key: u16::from(id),
            what: Arc::from(what),
        });
    }

    fn tx_status(&mut self, id: u8, status: u8, emit: &mut dyn FnMut(Event)) {
        let code = i64::from(status);
        let tls = match self.requests.remove(&id) {
            Some(tls) => tls,
            // The request is not in the log: only these statuses are about TLS for certain.
            None => matches!(status, 0x85 | 0x86 | 0x8B),
        };
        if status != 0 {
            self.open = None;
        }
        if !tls {
            return;
        }
        let what = devices::code_words("xbee-tx-status", code);
        emit(Event::Answer {
            key: u16::from(id),
            what: Arc::from(what),
        });
        if status == 0 {
            self.open = self.asking;
            emit(Event::Established);
        } else {
            devices::code_events("xbee-tx-status", code, emit);
        }
    }

    fn connect(
        &mut self,
        id: u8,
        socket: u8,
        port: [u8; 2],
        kind: u8,
        address: &[u8],
        emit: &mut dyn FnMut(Event),
    ) {
        // Without the creation in the log a connection to 443 or 8883 is taken for one of TLS.
        let port = u16::from_be_bytes(port);
        if !self.sockets.contains_key(&socket) && !matches!(port, 443 | 8443 | 8883) {
            return;
        }
        self.sockets.insert(socket, Some(id));
        let host = match (kind, address) {
            (0, [a, b, c, d]) => Ipv4Addr::new(*a, *b, *c, *d).to_string(),
            _ => String::from_utf8_lossy(address).into_owned(),
        };
        emit(Event::SessionStart);
        let named = host.parse::<Ipv4Addr>().is_err();
        set("module.name_in_request", named, emit);
        let what = format!("socket connect 0x42 to {host}:{port}");
        emit(Event::Target(format!("{host}:{port}")));
        emit(Event::Request {
            key: SOCKET | u16::from(socket),
            what: Arc::from(what),
        });
    }

    fn answer(&mut self, table: &str, socket: u8, code: u8, emit: &mut dyn FnMut(Event)) {
        let asked = matches!(self.sockets.get(&socket), Some(Some(_)));
        // A connection that was up and ends is no handshake that fails.
        if !asked {
            return;
        }
        let code = i64::from(code);
        emit(Event::Answer {
            key: SOCKET | u16::from(socket),
            what: Arc::from(devices::code_words(table, code)),
        });
        devices::code_events(table, code, emit);
        self.sockets.insert(socket, None);
    }
}

fn set(fact: &str, value: bool, emit: &mut dyn FnMut(Event)) {
    emit(Event::Setting {
        fact: Arc::from(fact),
        value: FactValue::Bool(value),
    });
}

/// IPv4 address and port, and what follows.
fn address(bytes: &[u8]) -> ((Ipv4Addr, u16), &[u8]) {
    match bytes {
        [a, b, c, d, high, low, rest @ ..] => (
            (
                Ipv4Addr::new(*a, *b, *c, *d),
                u16::from_be_bytes([*high, *low]),
            ),
            rest,
        ),
        _ => ((Ipv4Addr::UNSPECIFIED, 0), &[]),
    }
}
