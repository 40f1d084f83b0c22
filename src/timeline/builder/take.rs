//! One observation into the open attempt.
//!
//! In: observations in their order. Out: the fields of the attempt that each tells; what needs more
//! than that is handed to the module of its kind. Must not know where an attempt begins or ends.

use super::messages::step;
use super::{Begun, Working};
use crate::evidence::{ConnectResult, Direction, Event, Observation, Reader, Role};
use crate::timeline::attempt::{ReadPiece, RequestSeen, Step};
use crate::timeline::names;
use crate::tls::{CipherSuite, ProtocolVersion, StepName};

impl Working {
    pub(super) fn take(&mut self, o: &Observation) {
        let a = &mut self.attempt;
        if o.line > 0 {
            a.last_line = o.line;
        }
        if o.at.is_some() {
            a.ended = o.at;
            self.progress.now = o.at;
            if a.started.is_none() {
                a.started = o.at;
            }
        }
        if o.received.is_some() {
            self.progress.now_received = o.received;
        }
        let line = o.line;
        match &o.event {
            Event::State { number, name, role } => self.state(*number, *name, *role, o),
            Event::AppStep { state, result, .. } => {
                if let Some(code) = result.filter(|r| *r < 0) {
                    a.codes.push((String::new(), code, line));
                }
                // The library's own state lines, where they are, say the same with less doubt.
                if let Some(n) = state.filter(|_| !a.seen.traced) {
                    self.state(Some(n), None, self.attempt.role, o);
                }
            }
            Event::MessageBegun {
                msg_type,
                direction,
            } => {
                a.seen.traced = true;
                self.settle_begun(true);
                self.begun = Some(Begun {
                    msg_type: *msg_type,
                    direction: *direction,
                    wrote: false,
                    told: false,
                    read: false,
                    line,
                    at: o.at,
                });
                if *msg_type == 1 {
                    self.attempt.role = if *direction == Direction::Sent {
                        Role::Client
                    } else {
                        Role::Server
                    };
                }
            }
            Event::MessageEnded { skipped, .. } => self.settle_begun(!skipped),
            Event::Message {
                msg_type,
                direction,
                size,
                bytes,
            } => {
                self.message(*msg_type, *direction, *size, bytes.clone(), o);
            }
            Event::Condition { name, value } => self.condition(name, *value, o),
            Event::Record {
                direction,
                content_type,
                len,
                version,
            } => {
                a.seen.datagrams |= is_dtls(*version);
                self.record(*direction, *content_type, *len, o);
            }
            Event::Read { got } => {
                a.reads.push(ReadPiece {
                    offset: a.seen.bytes_received,
                    len: *got,
                    wanted: self.wanted,
                    line,
                });
                a.seen.bytes_received += u64::from(*got);
                // A server of 2.x reads the ClientHello past the function that others go through.
                if let Some(begun) = &mut self.begun {
                    begun.read |= begun.msg_type == 1;
                }
                self.resending = false;
                self.moved(o);
            }
            Event::ReadWants { have, want } => self.wanted = want.saturating_sub(*have),
            Event::Wrote { took } => {
                a.seen.bytes_sent += u64::from(*took);
                if let Some(step) = a
                    .steps
                    .iter_mut()
                    .rev()
                    .find(|s| s.direction == Direction::Sent)
                    && self.unconfirmed > 0
                {
                    let by = if a.seen.datagrams { "UDP" } else { "TCP" };
                    step.remark = format!("taken by {by}: f_send = {took}");
                    if self.unconfirmed == 1 && !a.seen.datagrams {
                        step.size_bytes.get_or_insert(*took);
                    }
                }
                self.unconfirmed = 0;
                if !self.resending {
                    self.moved(o);
                }
            }
            Event::WriteWants { .. } | Event::HandshakeCalled | Event::HandshakeReturned => {
                a.seen.traced = true;
            }
            Event::Alert {
                level,
                number,
                direction,
            } => self.alert(*level, *number, *direction, o),
            Event::Code { function, code, by } => {
                if *by == Reader::Library {
                    a.seen.traced = true;
                    self.settle_failed();
                }
                if function == "f_send" {
                    self.drop_unconfirmed();
                }
                self.attempt.codes.push((function.clone(), *code, line));
            }
            Event::ErrorName { name, .. } => {
                if !a.seen.error_names.iter().any(|(n, _)| n == name) {
                    a.seen.error_names.push((name.clone(), line));
                }
            }
            Event::VerifyFlags(flags) => {
                for (bit, name) in VERIFY_FLAGS {
                    if flags & bit != 0 && *flags != u32::MAX {
                        push_new(&mut a.seen.verify_flags, name, line);
                    }
                }
            }
            Event::VerifyText(name) => push_new(&mut a.seen.verify_flags, name, line),
            Event::Random {
                from_client: true,
                random,
            } => {
                // A renegotiation has its own; the first is that of the handshake.
                a.seen.client_random.get_or_insert(*random);
            }
            Event::Random { random, .. } => {
                a.seen.server_random.get_or_insert(*random);
            }
            Event::OfferedSuite(id) => push_id(&mut a.seen.offered_suites, *id),
            Event::OfferedGroup(id) => push_id(&mut a.seen.offered_groups, *id),
            Event::OfferedSignature(id) => push_id(&mut a.seen.offered_signatures, *id),
            Event::OfferedVersion { min, max } => {
                let known = &mut a.seen.offered_versions;
                *known = (min.or(known.0), max.or(known.1));
            }
            Event::ChosenSuite(id) => {
                a.cipher_suite = Some(CipherSuite(*id));
                if *id >> 8 == 0x13 {
                    a.version = Some(ProtocolVersion::TLS13);
                }
            }
            Event::ChosenVersion(v) => a.version = Some(ProtocolVersion(*v)),
            Event::ChosenGroup(name) => a.seen.group = Some(name.clone()),
            Event::ServerName(name) => a.seen.server_name = Some((name.clone(), line)),
            Event::Alpn(name) => a.seen.alpn = Some(name.clone()),
            Event::Extension { name, from_client } => {
                let list = if *from_client {
                    &mut a.seen.client_extensions
                } else {
                    &mut a.seen.server_extensions
                };
                if !list.contains(name) {
                    list.push(name.clone());
                }
            }
            Event::PeerCertificate(cert) => {
                // A second description of the same chain (sample programs print it again) adds nothing.
                if !a
                    .certificates
                    .iter()
                    .any(|c| c.index == cert.index && c.serial == cert.serial)
                {
                    a.certificates.push((**cert).clone());
                }
            }
            Event::NotTls(bytes) => {
                // The longest view of the first bytes tells most; later ones are not the first.
                if a.seen.not_tls.is_none() {
                    a.seen.not_tls = Some((bytes.clone(), line));
                }
            }
            Event::Connect { result } => {
                // "It failed" behind the line that says how adds nothing.
                let said = matches!(
                    a.seen.connect,
                    Some((
                        ConnectResult::Refused | ConnectResult::TimedOut | ConnectResult::DnsFailed,
                        _
                    ))
                );
                if *result != ConnectResult::Failed || !said {
                    a.seen.connect = Some((*result, line));
                }
                if *result == ConnectResult::Connected {
                    let accepted = a.seen.from_wire && a.role == Role::Server;
                    let direction = if accepted {
                        Direction::Received
                    } else {
                        Direction::Sent
                    };
                    a.steps.push(step(StepName::TcpConnect, direction, o, None));
                }
                self.moved(o);
            }
            Event::Target(host) => {
                // Some programs name the host and then the address it resolves to.
                let resolved = names::is_ip(names::host_and_port(host).0)
                    && a.seen
                        .target
                        .as_ref()
                        .is_some_and(|(known, _)| !names::is_ip(names::host_and_port(known).0));
                if !resolved {
                    a.seen.target = Some((host.clone(), line));
                }
            }
            Event::GaveUp { after_ms } => a.seen.gave_up = Some((*after_ms, line)),
            Event::Established => a.seen.established = Some(line),
            Event::KeyExchangeSignature { scheme, len } => {
                a.seen.key_exchange_signature = Some((*scheme, *len, line));
            }
            Event::PeerError { name } => {
                if !a.seen.peer_errors.iter().any(|(n, _)| n == name) {
                    a.seen.peer_errors.push((name.clone(), line));
                }
                self.moved(o);
            }
            Event::DeviceClosed => {
                if a.seen.device_left.is_none() {
                    a.seen.device_left_at = o.at;
                }
                a.seen.device_left.get_or_insert(line);
                self.moved(o);
            }
            Event::PeerClosed => {
                a.seen.closed.get_or_insert(line);
                self.moved(o);
            }
            Event::PeerReset => {
                a.seen.reset.get_or_insert(line);
                self.drop_unconfirmed();
                self.settle_failed();
            }
            Event::Wire {
                what,
                direction,
                size,
                remark,
            } => self.wire(*what, *direction, *size, remark, o),
            // What the handshake itself shows says more.
            Event::Role(role) => {
                let hello =
                    |s: &Step| matches!(s.name, StepName::ClientHello | StepName::ServerHello);
                if a.states.is_empty() && !a.steps.iter().any(hello) {
                    a.role = *role;
                }
            }
            Event::DeviceClock(at) => a.seen.device_clock = Some((*at, line)),
            Event::Setting { fact, value } => self.setting(fact, value, line),
            Event::Request { key, what } => a.seen.requests.push(RequestSeen {
                key: *key,
                what: what.clone(),
                line,
                at: (o.at, o.received),
                answer: None,
            }),
            Event::Answer { key, what } => self.answer(*key, what, o),
            // "TLS had begun" adds nothing to a step that is known.
            Event::Reached(phase) if *phase == "tls" && a.seen.reached.is_some() => {}
            Event::Reached(phase) => a.seen.reached = Some((phase, line)),
            Event::SessionStart
            | Event::Damaged { .. }
            | Event::Command { .. }
            | Event::Reply { .. }
            | Event::Frame { .. } => {}
        }
    }
}

/// Is it a version of DTLS? They count down from 0xFEFF.
fn is_dtls(version: u16) -> bool {
    version >> 8 == 0xFE
}

fn push_new(list: &mut Vec<(&'static str, u32)>, name: &'static str, line: u32) {
    if !list.iter().any(|(n, _)| *n == name) {
        list.push((name, line));
    }
}

fn push_id(list: &mut Vec<u16>, id: u16) {
    // A device offers a few hundred at most; a corrupt log must not grow this without end.
    if list.len() < 1024 && !list.contains(&id) {
        list.push(id);
    }
}

/// Verify flags (`include/mbedtls/x509.h`, the same in 2.4 to 4.x).
const VERIFY_FLAGS: [(u32, &str); 20] = [
    (0x01, "EXPIRED"),
    (0x02, "REVOKED"),
    (0x04, "CN_MISMATCH"),
    (0x08, "NOT_TRUSTED"),
    (0x10, "BADCRL_NOT_TRUSTED"),
    (0x20, "BADCRL_EXPIRED"),
    (0x40, "MISSING"),
    (0x80, "SKIP_VERIFY"),
    (0x0100, "OTHER"),
    (0x0200, "FUTURE"),
    (0x0400, "BADCRL_FUTURE"),
    (0x0800, "KEY_USAGE"),
    (0x1000, "EXT_KEY_USAGE"),
    (0x2000, "NS_CERT_TYPE"),
    (0x4000, "BAD_MD"),
    (0x8000, "BAD_PK"),
    (0x01_0000, "BAD_KEY"),
    (0x02_0000, "BADCRL_BAD_MD"),
    (0x04_0000, "BADCRL_BAD_PK"),
    (0x08_0000, "BADCRL_BAD_KEY"),
];
