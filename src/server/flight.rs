//! Bytes of the server become records, messages and at last a [`Reply`]. No sockets: the same for
//! any split of the bytes, bounded for any sender.

use std::time::Duration;

use super::NotTls;
use super::reply::{Ending, RecordSeen, Reply, StepSeen};
use crate::tls::{
    Alert, CertificateRequest, ContentType, HandshakeType, ProtocolVersion, ServerHello,
    ServerKeyExchange, StepName, certificate_list,
};

/// Largest record of TLS 1.2 (RFC 5246 section 6.2.3: 2^14 + 2048).
const LARGEST_RECORD: usize = 16_384 + 2_048;
/// Largest handshake message that is read. Real chains stay below 64 KB; lists of authorities of a
/// large trust store reach some 150 KB.
const LARGEST_MESSAGE: usize = 512 * 1024;
/// Most records that are kept for the report.
const RECORDS_KEPT: usize = 4_096;
/// Most alerts of level warning before it counts as endless.
const MOST_WARNINGS: usize = 8;
/// Most messages of a flight.
const MOST_MESSAGES: usize = 64;

/// The server's flight while it arrives.
#[derive(Debug)]
pub(super) struct Flight {
    pub reply: Reply,
    bytes: Vec<u8>,
    handshake: Vec<u8>,
    /// Handshake bytes that were taken out of `handshake`.
    taken: usize,
    messages: usize,
    version: ProtocolVersion,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Read on.
    More,
    /// A `HelloRetryRequest` came.
    Retry,
    /// It ended; the reply says how.
    Done,
}

impl Flight {
    pub fn new(client_random: [u8; 32]) -> Self {
        Self {
            reply: Reply::ended(Ending::Timeout, client_random),
            bytes: Vec::new(),
            handshake: Vec::new(),
            taken: 0,
            messages: 0,
            version: ProtocolVersion::TLS12,
        }
    }

    fn end(&mut self, ending: Ending) -> Next {
        self.reply.ending = ending;
        Next::Done
    }

    /// Takes bytes that arrived at `at`.
    pub fn take(&mut self, bytes: &[u8], at: Duration) -> Next {
        self.reply.received += bytes.len();
        self.bytes.extend_from_slice(bytes);
        if self.reply.records.is_empty()
            && let Some(protocol) = NotTls::recognise(&self.bytes)
        {
            return self.end(Ending::NotTls(protocol));
        }
        let mut from = 0;
        let next = loop {
            let Some(&[kind, major, _, high, low]) =
                self.bytes.get(from..).and_then(|b| b.first_chunk::<5>())
            else {
                break Next::More;
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if major != 3 || !(20..=26).contains(&kind) {
                break self.end(Ending::Malformed("a record has no valid header".into()));
            }
            if length > LARGEST_RECORD {
                break self.end(Ending::TooMuch(format!(
                    "a record of {length} bytes, where TLS allows {LARGEST_RECORD}"
                )));
            }
            let Some(body) = self
                .bytes
                .get(from + 5..from + 5 + length)
                .map(<[u8]>::to_vec)
            else {
                break Next::More;
            };
            from += 5 + length;
            let next = self.record(ContentType(kind), &body, at);
            if next != Next::More {
                break next;
            }
        };
        self.bytes.drain(..from.min(self.bytes.len()));
        next
    }

    fn record(&mut self, kind: ContentType, body: &[u8], at: Duration) -> Next {
        if self.reply.records.len() < RECORDS_KEPT {
            self.reply.records.push(RecordSeen {
                kind,
                bytes: body.len(),
            });
        }
        match kind {
            ContentType::HANDSHAKE if self.reply.hello.as_ref().is_none_or(|h| !is_13(h)) => {
                self.handshake.extend_from_slice(body);
                self.messages(at)
            }
            ContentType::ALERT => match *body {
                [1, number] if number != 0 => {
                    self.reply.warnings.push(Alert(number));
                    if self.reply.warnings.len() > MOST_WARNINGS {
                        return self.end(Ending::TooMuch("alerts of level warning".to_owned()));
                    }
                    Next::More
                }
                [_, number] => {
                    self.step(StepName::Alert, at, 2);
                    self.end(Ending::Alert(Alert(number)))
                }
                _ => self.end(Ending::Malformed("an alert is not two bytes long".into())),
            },
            _ => Next::More,
        }
    }

    fn messages(&mut self, at: Duration) -> Next {
        loop {
            let Some(&[kind, a, b, c]) = self.handshake.first_chunk::<4>() else {
                return Next::More;
            };
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            if length > LARGEST_MESSAGE {
                let kind = HandshakeType(kind)
                    .step()
                    .map_or("message", StepName::title);
                return self.end(Ending::TooMuch(format!(
                    "a {kind} of {length} bytes; more than {LARGEST_MESSAGE} are not read"
                )));
            }
            let Some(body) = self.handshake.get(4..4 + length).map(<[u8]>::to_vec) else {
                return Next::More;
            };
            self.handshake.drain(..4 + length);
            let offset = self.taken;
            self.taken += 4 + length;
            self.messages += 1;
            if self.messages > MOST_MESSAGES {
                return self.end(Ending::TooMuch("handshake messages without end".to_owned()));
            }
            let next = self.message(HandshakeType(kind), &body, offset, at);
            if next != Next::More {
                return next;
            }
        }
    }

    /// Bytes of encrypted records so far.
    pub fn encrypted(&self) -> usize {
        let sizes = self.reply.records.iter();
        sizes
            .filter(|r| r.kind == ContentType::APPLICATION_DATA)
            .map(|r| r.bytes)
            .sum()
    }

    fn step(&mut self, name: StepName, at: Duration, bytes: usize) {
        self.reply.steps.push(StepSeen {
            name,
            sent: false,
            at,
            bytes,
        });
    }

    fn message(&mut self, kind: HandshakeType, body: &[u8], offset: usize, at: Duration) -> Next {
        let Some(name) = kind.step() else {
            return self.end(Ending::Malformed(
                "a handshake message of unknown type".into(),
            ));
        };
        let bytes = body.len() + 4;
        if self.reply.hello.is_none() && name != StepName::ServerHello {
            return match name {
                StepName::HelloRequest => Next::More,
                _ => self.end(Ending::Malformed(
                    "another message before ServerHello".into(),
                )),
            };
        }
        match name {
            StepName::ServerHello => {
                let Ok(hello) = ServerHello::parse(body) else {
                    return self.end(Ending::Malformed("the ServerHello cannot be read".into()));
                };
                if hello.is_retry() {
                    self.step(StepName::HelloRetryRequest, at, bytes);
                    if self.reply.retry.replace(hello).is_some() {
                        return self.end(Ending::Malformed("a second HelloRetryRequest".into()));
                    }
                    return Next::Retry;
                }
                self.step(name, at, bytes);
                self.version = hello.version();
                let done = is_13(&hello);
                if self.reply.hello.replace(hello).is_some() {
                    return self.end(Ending::Malformed("a second ServerHello".into()));
                }
                if done {
                    return self.end(Ending::Answered);
                }
            }
            StepName::Certificate => {
                self.step(name, at, bytes);
                let Ok(list) = certificate_list(body, false) else {
                    return self.end(Ending::Malformed(
                        "the list of certificates cannot be read".into(),
                    ));
                };
                self.reply.certificates = list.into_iter().map(<[u8]>::to_vec).collect();
                self.reply.certificate_message_bytes = Some(bytes);
                self.reply.certificate_offset = offset;
            }
            StepName::CertificateStatus => {
                self.step(name, at, bytes);
                self.reply.certificate_status_bytes = Some(bytes);
            }
            StepName::ServerKeyExchange => {
                self.step(name, at, bytes);
                self.reply.key_exchange = self.reply.hello.as_ref().and_then(|h| {
                    ServerKeyExchange::parse(body, self.version, h.cipher_suite).ok()?
                });
            }
            StepName::CertificateRequest => {
                self.step(name, at, bytes);
                let Ok(request) = CertificateRequest::parse(body, self.version) else {
                    return self.end(Ending::Malformed(
                        "the CertificateRequest cannot be read".into(),
                    ));
                };
                self.reply.request = Some(request);
            }
            StepName::ServerHelloDone => {
                self.step(name, at, bytes);
                return self.end(Ending::Answered);
            }
            _ => self.step(name, at, bytes),
        }
        Next::More
    }
}

fn is_13(hello: &ServerHello) -> bool {
    hello.version() >= ProtocolVersion::TLS13
}
