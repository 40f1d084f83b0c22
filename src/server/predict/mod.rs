//! What a device and its peer would agree on, before anyone connects: version, suite, group and
//! signature algorithm and who decides them, which certificates the device can check, what fits its
//! buffers, what they cost.
//!
//! In: a [`Device`] (a profile, a configured build, a `ClientHello`) and the other end: a server that
//! was probed or seen in a capture or log, or a client whose `ClientHello` is known. Out:
//! [`Prediction`]. What cannot be told is said to be unknown; nothing is guessed from one example.

mod choice;
mod device;
mod key_exchange;
mod outlook;
mod peer;
mod seen;
mod sizes;
mod whatif;

use crate::device::Trap;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

pub use choice::choose;
pub use device::{Device, Sources};
pub use outlook::CertificateOutlook;
pub use peer::{LeafKey, ServerSide};
pub use seen::SeenHandshake;
pub use sizes::{Memory, SizeFit, SizeVerdict};
pub use whatif::{Addition, Overlap};

use super::offer::Order;
use crate::tls::hello::ClientHello;

/// What the two would use. Each is `None` where there is none or it cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Version.
    pub version: Option<ProtocolVersion>,
    /// Suite.
    pub cipher_suite: Option<CipherSuite>,
    /// Group of the key exchange.
    pub group: Option<NamedGroup>,
    /// What signs the key exchange (TLS 1.2) or the handshake (TLS 1.3).
    pub scheme: Option<SignatureScheme>,
    /// Why the handshake ends before they agree; one sentence.
    pub fails: Option<String>,
    /// What is known leaves another choice open.
    pub unsure: bool,
}

/// Why something is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `version`, `cipher_suite`, `group`, `signature_algorithm`, `order`, `buffers` …
    pub about: &'static str,
    /// One sentence.
    pub sentence: String,
    /// What decides it: option with line, call, document, or the probe.
    pub source: String,
}

impl Reason {
    pub(super) fn new(
        about: &'static str,
        sentence: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self {
            about,
            sentence: sentence.into(),
            source: source.into(),
        }
    }
}

/// What the server did with the device's own `ClientHello`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it chose.
    pub agreement: Agreement,
    /// The rules had said the same.
    pub as_predicted: bool,
}

/// What is expected.
#[derive(Clone, Debug, Default)]
pub struct Prediction {
    /// The device, for people.
    pub device: String,
    /// The device is the server.
    pub device_is_server: bool,
    /// The other end, for people; `None` where there is none.
    pub peer: Option<String>,
    /// What they would use.
    pub agreement: Agreement,
    /// Whose order of suites decides.
    pub order: Order,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What the server really answered, where it was asked as the device.
    pub asked: Option<Asked>,
    /// Each certificate of the peer.
    pub certificates: Vec<CertificateOutlook>,
    /// Messages and records against the buffers.
    pub fits: Vec<SizeFit>,
    /// What a connection costs in memory, where the build is known.
    pub memory: Option<Memory>,
    /// Traps of the configuration.
    pub traps: Vec<Trap>,
    /// Suites of the device and whether the other end has them.
    pub overlap: Vec<Overlap>,
    /// What would help when they have nothing in common.
    pub additions: Vec<Addition>,
}

/// The device as a client of this server. `asked` is the server's answer to the device's own
/// `ClientHello`, where it was asked.
#[must_use]
pub fn predict_client(
    device: &Device,
    server: &ServerSide,
    asked: Option<&super::Reply>,
) -> Prediction {
    let mut out = base(device, false);
    out.peer = Some(server.name.clone());
    let Some(hello) = device.hello() else {
        out.agreement.unsure = true;
        out.reasons.push(Reason::new(
            "cipher_suite",
            "What this device offers is not known. Give its configuration, or a capture or log with its ClientHello.",
            device.name(),
        ));
        finish_client(&mut out, device, server);
        return out;
    };
    let (agreement, reasons) = match &server.seen {
        Some(seen) => seen::choose_seen(hello, seen, server, device.sources()),
        None => choose(hello, server, device.sources()),
    };
    out.order = server.order;
    out.agreement = agreement;
    out.reasons.extend(reasons);
    out.overlap = whatif::overlap(hello, server);
    if let Some(reply) = asked {
        let measured = measured(reply);
        let both_fail = out.agreement.fails.is_some() && measured.fails.is_some();
        let same = both_fail
            || out.agreement.version == measured.version
                && out.agreement.cipher_suite == measured.cipher_suite
                && (measured.group.is_none() || out.agreement.group == measured.group)
                && (measured.scheme.is_none() || out.agreement.scheme == measured.scheme)
                && out.agreement.fails.is_some() == measured.fails.is_some();
        if !same {
            out.reasons.push(Reason::new(
                "asked",
                "Asked with this ClientHello the server chose otherwise than its survey lets expect; what it chose is shown.",
                server.source.clone(),
            ));
        }
        let group = measured.group.or(out.agreement.group);
        let scheme = measured.scheme.or(out.agreement.scheme);
        // Why the rules expect it to fail says more than how the server says so.
        let why = out.agreement.fails.clone().filter(|_| both_fail);
        let fails = match (why, &measured.fails) {
            (Some(why), Some(how)) => Some(format!("{why} {how}")),
            (_, how) => how.clone(),
        };
        out.agreement = Agreement {
            fails,
            group: group.filter(|_| measured.fails.is_none()),
            scheme: scheme.filter(|_| measured.fails.is_none()),
            ..measured.clone()
        };
        out.asked = Some(Asked {
            agreement: measured,
            as_predicted: same,
        });
    }
    if out.agreement.fails.is_some() || out.agreement.cipher_suite.is_none() {
        out.additions = whatif::additions(hello, server);
    }
    finish_client(&mut out, device, server);
    out
}

fn finish_client(out: &mut Prediction, device: &Device, server: &ServerSide) {
    out.certificates = outlook::outlook(device, &server.chain);
    out.fits = sizes::client_fits(device, server, out.agreement.version);
    out.memory = device.build().map(|b| Memory::of(b, &server.chain));
}

/// The device as a server for a client that sends this `ClientHello`. `own_chain` are its certificates
/// as DER, where they are known.
#[must_use]
pub fn predict_server(
    device: &Device,
    client: &ClientHello,
    client_name: &str,
    own_chain: &[Vec<u8>],
) -> Prediction {
    let mut out = base(device, true);
    out.peer = Some(client_name.to_owned());
    out.fits = sizes::own_fits(device, own_chain);
    let Some(build) = device.build() else {
        out.agreement.unsure = true;
        out.reasons.push(Reason::new(
            "cipher_suite",
            "What this device takes as a server is not known. Give its configuration.",
            device.name(),
        ));
        return out;
    };
    let server = ServerSide::of_build(build, own_chain);
    let (agreement, reasons) = choose(client, &server, Sources::Named(client_name));
    out.order = server.order;
    out.agreement = agreement;
    out.reasons.extend(reasons);
    out.overlap = whatif::overlap(client, &server);
    if out.agreement.fails.is_some() {
        out.additions = whatif::additions(client, &server);
    }
    out.memory = Some(Memory::of(build, &[]));
    out
}

/// The device alone: what it would offer or take, its sizes and traps.
#[must_use]
pub fn predict_alone(device: &Device, as_server: bool, own_chain: &[Vec<u8>]) -> Prediction {
    let mut out = base(device, as_server);
    out.fits = if as_server {
        sizes::own_fits(device, own_chain)
    } else {
        sizes::hello_fits(device)
    };
    out.memory = device.build().map(|b| Memory::of(b, &[]));
    out
}

fn base(device: &Device, device_is_server: bool) -> Prediction {
    let mut reasons = Vec::new();
    if let Some(build) = device.build() {
        reasons.push(Reason::new(
            "generation",
            format!("Read as {}.", build.generation.name),
            build.generation_from.clone(),
        ));
        if !device_is_server && !build.client {
            reasons.push(Reason::new(
                "role",
                "This build has no client: MBEDTLS_SSL_CLI_C is not defined.",
                build.name.clone(),
            ));
        }
        if device_is_server && !build.server {
            reasons.push(Reason::new(
                "role",
                "This build has no server: MBEDTLS_SSL_SRV_C is not defined.",
                build.name.clone(),
            ));
        }
    }
    Prediction {
        device: device.name().to_owned(),
        device_is_server,
        traps: device.traps().to_vec(),
        reasons,
        ..Prediction::default()
    }
}

fn measured(reply: &super::Reply) -> Agreement {
    if reply.agreed() {
        return Agreement {
            version: reply.version(),
            cipher_suite: reply.cipher_suite(),
            group: reply.group(),
            scheme: reply.signature_scheme(),
            fails: None,
            unsure: false,
        };
    }
    let how = match &reply.ending {
        super::Ending::Alert(alert) => format!("The server answers with {alert}."),
        super::Ending::Closed => "The server closes the connection without an alert.".to_owned(),
        super::Ending::Reset => "The server resets the connection.".to_owned(),
        super::Ending::Timeout => "The server does not answer in time.".to_owned(),
        _ => "The server gives no answer that TLS knows.".to_owned(),
    };
    Agreement {
        fails: Some(how),
        ..Agreement::default()
    }
}
