//! Messages and records against the buffers, with and without smaller records, and what a connection
//! costs in memory.
//!
//! In: a device and the server's chain. Out: [`SizeFit`]s and [`Memory`]. Sources: `ssl_tls.c` and
//! `ssl_msg.c` of Mbed TLS (`bad message length`, `requesting more data than fits`, handshake
//! fragmentation), RFC 6066 section 4.

use super::{Device, ServerSide};
use crate::cert::{
    Certificate, FitVerdict, certificate_message_13_bytes, certificate_message_bytes, chain, fit,
};
use crate::device::{Build, LimitKind};
use crate::server::Verdict;
use crate::tls::ProtocolVersion;

/// Outcome of one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeVerdict {
    /// It fits.
    Fits,
    /// It does not.
    TooLarge,
    /// It can come larger than this, and nothing keeps the server from it.
    Risk,
    /// The source of the limit can be read both ways.
    BetweenReadings,
}

impl SizeVerdict {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::TooLarge => "too_large",
            Self::Risk => "risk",
            Self::BetweenReadings => "between_readings",
        }
    }
}

/// One thing against one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeFit {
    /// What is measured.
    pub what: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The limit in bytes.
    pub limit_bytes: u64,
    /// The outcome.
    pub verdict: SizeVerdict,
    /// What follows, one sentence.
    pub says: String,
    /// It holds as the device is configured; else only if it asked for smaller records.
    pub applies: bool,
}

impl SizeFit {
    /// Does this end the connection, as the device is configured?
    #[must_use]
    pub fn is_problem(&self) -> bool {
        self.applies && self.verdict == SizeVerdict::TooLarge
    }
}

/// What a connection costs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Buffer for incoming records.
    pub in_buffer: u64,
    /// Buffer for outgoing records.
    pub out_buffer: u64,
    /// Copies of the peer's certificates.
    pub peer_chain: u64,
}

impl Memory {
    pub(super) fn of(build: &Build, chain: &[Vec<u8>]) -> Self {
        Self {
            in_buffer: build.buffers.in_buffer,
            out_buffer: build.buffers.out_buffer,
            peer_chain: chain.iter().map(|d| d.len() as u64).sum(),
        }
    }

    /// All of it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.in_buffer + self.out_buffer + self.peer_chain
    }
}

/// Largest payload of a record (RFC 8446 section 5.1).
const LARGEST_PAYLOAD: u64 = 16_384;

fn compare(what: &str, bytes: u64, limit: u64, fits: &str, too_large: &str) -> SizeFit {
    let verdict = if bytes <= limit {
        SizeVerdict::Fits
    } else {
        SizeVerdict::TooLarge
    };
    SizeFit {
        what: what.to_owned(),
        bytes,
        limit_bytes: limit,
        verdict,
        says: if verdict == SizeVerdict::Fits {
            fits
        } else {
            too_large
        }
        .to_owned(),
        applies: true,
    }
}

/// The `ClientHello` against the buffer it is written into.
pub(super) fn hello_fits(device: &Device) -> Vec<SizeFit> {
    let (Some(build), Some(hello)) = (device.build(), device.device_hello()) else {
        return Vec::new();
    };
    // The name of the server is not known here; it adds its length.
    let bytes = hello.fresh(None).message().map_or(0, |m| m.len() as u64);
    vec![compare(
        "ClientHello",
        bytes,
        build.buffers.out_content,
        "It is written whole; the server's name adds its length and 9 bytes.",
        "It cannot be written: the handshake ends before anything is sent (-0x6A00).",
    )]
}

pub(super) fn client_fits(
    device: &Device,
    server: &ServerSide,
    version: Option<ProtocolVersion>,
) -> Vec<SizeFit> {
    let mut out = hello_fits(device);
    let sizes: Vec<usize> = server.chain.iter().map(Vec::len).collect();
    let Some(build) = device.build() else {
        out.extend(by_profile(device, server));
        return out;
    };
    let limit = build.buffers.in_content;
    if !sizes.is_empty() {
        let message = if version >= Some(ProtocolVersion::TLS13) {
            certificate_message_13_bytes(&sizes)
        } else {
            certificate_message_bytes(&sizes)
        } as u64;
        out.push(compare(
            "Certificate message",
            message,
            limit,
            "The server's certificates fit the buffer for incoming records.",
            if build.since_3() {
                "The server's certificates do not fit the buffer for incoming records (-0x7100)."
            } else {
                "The server's certificates do not fit the buffer for incoming records (-0x7200)."
            },
        ));
        out.extend(with_small_records(build, server, message));
    }
    if let Some(largest) = server.largest_record {
        out.push(compare(
            "Largest record of the server's flight",
            largest as u64,
            limit,
            "Every record of the handshake that came fits.",
            "A record of the handshake is larger than the buffer (-0x7200).",
        ));
    }
    let agreed = build
        .max_fragment_length
        .filter(|code| server.fragments.contains(&(*code, Verdict::Honoured)));
    if limit < LARGEST_PAYLOAD && agreed.is_none() {
        out.push(SizeFit {
            what: "Records of application data".to_owned(),
            bytes: LARGEST_PAYLOAD,
            limit_bytes: limit,
            verdict: SizeVerdict::Risk,
            says: "Nothing keeps the server from sending records of up to 16,384 bytes; one that is larger than the buffer ends the connection (-0x7200).".to_owned(),
            applies: true,
        });
    }
    out
}

/// What `max_fragment_length` would change. A Certificate message that is larger than the agreed size
/// comes in pieces.
fn with_small_records(build: &Build, server: &ServerSide, message: u64) -> Vec<SizeFit> {
    if !build.macros.is_on("SSL_MAX_FRAGMENT_LENGTH") {
        return Vec::new();
    }
    let mut out = Vec::new();
    for &(code, verdict) in &server.fragments {
        let size = 256_u64 << code;
        if size > build.buffers.in_content {
            continue;
        }
        let what = format!("Certificate message with max_fragment_length {size}");
        let fit = match verdict {
            Verdict::Honoured if build.buffers.joins_fragments => compare(
                &what,
                message,
                build.buffers.in_content,
                "The server keeps its records this small; the message comes in pieces, which Mbed TLS joins from 3.6.3 on.",
                "Smaller records do not help: the whole message must fit the buffer (-0x7100).",
            ),
            Verdict::Honoured => compare(
                &what,
                message,
                size,
                "The server keeps its records this small, and the message fits one.",
                "The server would split the message over several records, which this version cannot join (-0x7080).",
            ),
            Verdict::Ignored | Verdict::Refused => SizeFit {
                what,
                bytes: message,
                limit_bytes: size,
                verdict: SizeVerdict::Risk,
                says: if verdict == Verdict::Ignored {
                    "The server ignores the wish and sends records as large as it likes."
                } else {
                    "The server ends the handshake when it is asked for this."
                }
                .to_owned(),
                applies: true,
            },
        };
        out.push(SizeFit {
            applies: build.max_fragment_length == Some(code),
            ..fit
        });
    }
    out
}

/// Limits of a device whose build is not known.
fn by_profile(device: &Device, server: &ServerSide) -> Vec<SizeFit> {
    let read: Vec<Certificate> = server
        .chain
        .iter()
        .filter_map(|d| Certificate::read(d))
        .collect();
    let all: Vec<&Certificate> = read.iter().collect();
    fit(&all, chain(&all).as_ref(), &[], device.profile(), false)
        .into_iter()
        .filter(|row| {
            matches!(
                row.kind,
                LimitKind::PeerCertificateBytes
                    | LimitKind::PeerChainBytes
                    | LimitKind::RecordBytes
            )
        })
        .filter_map(|row| {
            let verdict = match row.verdict {
                FitVerdict::Over(_) => SizeVerdict::TooLarge,
                FitVerdict::BetweenReadings => SizeVerdict::BetweenReadings,
                _ => SizeVerdict::Fits,
            };
            Some(SizeFit {
                what: row.of.clone(),
                bytes: row.value?,
                limit_bytes: *row.limits.last()?,
                verdict,
                says: row.says.clone(),
                applies: true,
            })
        })
        .collect()
}

/// The device's own certificates against the buffer they are written into.
pub(super) fn own_fits(device: &Device, own_chain: &[Vec<u8>]) -> Vec<SizeFit> {
    let mut out = Vec::new();
    let Some(build) = device.build() else {
        return out;
    };
    if !own_chain.is_empty() {
        let sizes: Vec<usize> = own_chain.iter().map(Vec::len).collect();
        out.push(compare(
            "Own Certificate message",
            certificate_message_bytes(&sizes) as u64,
            build.buffers.out_content,
            "The own certificates fit the buffer for outgoing records.",
            if build.since_3() {
                "The own certificates do not fit the buffer for outgoing records (-0x6A00): the server stops without an alert."
            } else {
                "The own certificates do not fit the buffer for outgoing records (-0x7500): the server stops without an alert."
            },
        ));
    }
    if build.buffers.in_content < LARGEST_PAYLOAD {
        out.push(SizeFit {
            what: "Records of the client".to_owned(),
            bytes: LARGEST_PAYLOAD,
            limit_bytes: build.buffers.in_content,
            verdict: SizeVerdict::Risk,
            says: "A client that asks for no smaller records may send up to 16,384 bytes in one: its certificate chain or its data (-0x7200).".to_owned(),
            applies: true,
        });
    }
    out
}
