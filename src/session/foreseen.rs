//! What the device and its peer are expected to agree on, made ready to show.
//!
//! In: a snapshot with the device's configuration or profile, the probe that is looked at, the hello
//! that is sent. Out: [`Foreseen`]s: one for each peer. All of it is decided in
//! [`crate::server::predict`]; here it is put into words.

use std::fmt::Write as _;

use super::CertificatesSeen;
use super::figures::size;
use super::predicting::{chain, client_hello, seen_handshake, telling_attempt};
use super::probe_wish::configurations;
use super::snapshot::{Snapshot, Tone};
use crate::device::Build;
use crate::evidence::Role;
use crate::server::predict::{
    Agreement, Device, Prediction, ServerSide, SizeVerdict, predict_alone, predict_client,
    predict_server,
};
use crate::server::{Order, known_hellos};
use crate::timeline::Attempt;
use crate::tls::ProtocolVersion;

/// One line of a prediction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenRow {
    /// What.
    pub label: &'static str,
    /// Good, bad or neither.
    pub tone: Option<Tone>,
    /// In words, with the source.
    pub words: String,
}

/// A part of a prediction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeseenPart {
    /// Such as `Sizes`.
    pub title: String,
    /// It stands beside the choice where there is room.
    pub aside: bool,
    /// Its lines.
    pub rows: Vec<ForeseenRow>,
}

/// A prediction in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Whose configuration or profile it is made from.
    pub of: String,
    /// Parts in order.
    pub parts: Vec<ForeseenPart>,
}

/// Version of the library that the chosen device states.
fn generation(snap: &Snapshot) -> Option<String> {
    let id = &snap.named_device.as_ref()?.id;
    Build::stock(id).map(|b| b.generation.id.clone())
}

fn device(snap: &Snapshot) -> Option<Device> {
    let files = configurations(snap);
    if !files.is_empty() {
        return Some(Device::of_config(&files, generation(snap).as_deref()));
    }
    snap.named_device.as_deref().map(Device::of_profile)
}

/// Is the device the server of this case?
fn serves(snap: &Snapshot, device: &Device) -> bool {
    let attempt = snap.attempts.last().map(|a| a.role == Role::Server);
    let Some(build) = device.build() else {
        return attempt == Some(true);
    };
    let alone = match (build.client, build.server) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    };
    build.says_server.or(alone).or(attempt).unwrap_or(false)
}

/// What is foreseen in this case: `known` for a server that is known, else by what the case holds.
pub(super) fn foreseen(snap: &Snapshot, known: Option<&Prediction>) -> Option<Foreseen> {
    let device = device(snap);
    let certificates = &snap.certificates;
    let predictions = match (&device, known) {
        (Some(device), _) if serves(snap, device) => as_server(snap, device, &chain(certificates)),
        (_, Some(known)) => vec![known.clone()],
        (Some(device), None) => vec![as_client(snap, device, certificates)],
        (None, None) => return None,
    };
    words(device.as_ref(), &predictions)
}

fn as_client(snap: &Snapshot, device: &Device, certificates: &CertificatesSeen) -> Prediction {
    let attempts = snap.attempts.iter().map(AsRef::as_ref);
    if let Some(attempt) = telling_attempt(attempts).filter(|a| a.role == Role::Client) {
        let seen = seen_handshake(attempt, certificates);
        let name = format!("the server of attempt {}", attempt.index + 1);
        return predict_client(device, &ServerSide::of_seen(&name, seen), None);
    }
    let chain = chain(certificates);
    if chain.is_empty() {
        return predict_alone(device, false, &[]);
    }
    let side = ServerSide {
        name: "the certificates at hand".into(),
        chain,
        ..ServerSide::default()
    };
    let sized = predict_client(device, &side, None);
    let alone = predict_alone(device, false, &[]);
    Prediction {
        certificates: sized.certificates,
        fits: sized.fits,
        memory: sized.memory,
        ..alone
    }
}

fn as_server(snap: &Snapshot, device: &Device, own: &[Vec<u8>]) -> Vec<Prediction> {
    let seen: Vec<(&Attempt, _)> = snap
        .attempts
        .iter()
        .filter(|a| a.role == Role::Server)
        .filter_map(|a| Some((a.as_ref(), client_hello(a)?)))
        .collect();
    if !seen.is_empty() {
        let mut out: Vec<Prediction> = Vec::new();
        for (attempt, hello) in seen {
            let name = format!("the client of attempt {}", attempt.index + 1);
            let prediction = predict_server(device, &hello, &name, own);
            if !out.iter().any(|p| p.agreement == prediction.agreement) {
                out.push(prediction);
            }
        }
        return out;
    }
    known_hellos()
        .into_iter()
        .filter(|h| !h.id.ends_with("-tls12") && !h.id.ends_with("-tls13"))
        .map(|h| {
            let name = h.name.trim_end_matches(", stock configuration");
            predict_server(device, &h.fresh(Some("device.example")), name, own)
        })
        .collect()
}

fn row(label: &'static str, tone: Option<Tone>, words: impl Into<String>) -> ForeseenRow {
    ForeseenRow {
        label,
        tone,
        words: words.into(),
    }
}

fn words(device: Option<&Device>, predictions: &[Prediction]) -> Option<Foreseen> {
    let first = predictions.first()?;
    let mut parts: Vec<ForeseenPart> = Vec::new();
    let mut peers: Vec<Vec<&str>> = Vec::new();
    for prediction in predictions {
        let rows = if prediction.peer.is_some() {
            chosen(prediction)
        } else {
            device.map(offered).unwrap_or_default()
        };
        let peer = prediction.peer.as_deref();
        // Clients that get the same stand together.
        if let Some(at) = parts.iter().position(|p| p.rows == rows) {
            peers.get_mut(at)?.extend(peer);
        } else {
            parts.push(ForeseenPart {
                rows,
                ..ForeseenPart::default()
            });
            peers.push(peer.into_iter().collect());
        }
    }
    for (part, peers) in parts.iter_mut().zip(peers) {
        part.title = match peers.as_slice() {
            [] => "What it offers".to_owned(),
            names if first.device_is_server => format!("As the server of {}", listed(names)),
            names => format!("With {}", listed(names)),
        };
    }
    let mut reasons: Vec<ForeseenRow> = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for (index, prediction) in predictions.iter().enumerate() {
        let differs = |about: &str| index == 0 || about == "signature_algorithm";
        for reason in prediction.reasons.iter().filter(|r| differs(r.about)) {
            if !told.contains(&reason.sentence.as_str()) {
                told.push(&reason.sentence);
                let words = format!("{} [{}]", reason.sentence, reason.source);
                reasons.push(row(label(reason.about), None, words));
            }
        }
    }
    parts.push(part("Why", false, reasons));
    parts.push(part("Certificates", true, certificates(first)));
    parts.push(part("Sizes", true, sizes(first)));
    parts.push(part("Traps of the configuration", true, traps(first)));
    parts.retain(|p| !p.rows.is_empty());
    Some(Foreseen {
        of: first.device.clone(),
        parts,
    })
}

fn part(title: &str, aside: bool, rows: Vec<ForeseenRow>) -> ForeseenPart {
    ForeseenPart {
        title: title.to_owned(),
        aside,
        rows,
    }
}

/// Names with commas and an "and".
fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn label(about: &str) -> &'static str {
    match about {
        "generation" => "Library",
        "role" => "Role",
        "version" => "Version",
        "cipher_suite" => "Cipher suite",
        "group" => "Group",
        "signature_algorithm" => "Signature",
        _ => "Asked",
    }
}

fn chosen(prediction: &Prediction) -> Vec<ForeseenRow> {
    let of: &Agreement = &prediction.agreement;
    let mut rows = Vec::new();
    let tone = Some(if of.unsure { Tone::Warn } else { Tone::Ok });
    if let Some(why) = &of.fails {
        rows.push(row("They do not meet", Some(Tone::Fail), why.clone()));
    }
    if let Some(version) = of.version {
        rows.push(row("Version", tone, version.to_string()));
    }
    if let Some(suite) = of.cipher_suite {
        let order = match prediction.order {
            Order::Client => ", the client\u{2019}s order decides",
            Order::Server => ", the server\u{2019}s order decides",
            Order::Unknown => "",
        };
        rows.push(row("Cipher suite", tone, format!("{suite}{order}")));
    }
    if let Some(group) = of.group {
        rows.push(row("Group", tone, group.to_string()));
    }
    if let Some(scheme) = of.scheme {
        let words = match scheme.tls13_name() {
            Some(name) if of.version >= Some(ProtocolVersion::TLS13) => name.to_owned(),
            _ => scheme.to_string(),
        };
        rows.push(row("Signature", tone, words));
    }
    if of.unsure {
        rows.push(row(
            "Not certain",
            Some(Tone::Warn),
            "what is known of the other end leaves another choice open",
        ));
    }
    match &prediction.asked {
        Some(asked) if asked.as_predicted => rows.push(row(
            "Asked",
            Some(Tone::Ok),
            "the rules say what the server really did",
        )),
        Some(_) => rows.push(row(
            "Asked",
            Some(Tone::Warn),
            "the server did otherwise than the rules say; what it did is shown",
        )),
        None => {}
    }
    for addition in &prediction.additions {
        rows.push(row("If added", None, addition.sentence.clone()));
    }
    rows
}

fn offered(device: &Device) -> Vec<ForeseenRow> {
    let Some(build) = device.build() else {
        return Vec::new();
    };
    let join = |words: Vec<String>| words.join(", ");
    let versions: Vec<String> = build.versions.iter().map(ToString::to_string).collect();
    let suites: Vec<String> = build.suites.iter().map(ToString::to_string).collect();
    let more = suites.len().saturating_sub(SUITES_SHOWN);
    let mut shown = join(suites.into_iter().take(SUITES_SHOWN).collect());
    if more > 0 {
        shown.push_str(" and ");
        shown.push_str(&more.to_string());
        shown.push_str(" more");
    }
    let groups: Vec<String> = build.groups.iter().map(ToString::to_string).collect();
    let schemes: Vec<String> = build.schemes.iter().map(ToString::to_string).collect();
    [
        ("Versions", join(versions)),
        ("Cipher suites", shown),
        ("Groups", join(groups)),
        ("Signatures", join(schemes)),
    ]
    .into_iter()
    .filter(|(_, words)| !words.is_empty())
    .map(|(label, words)| row(label, None, words))
    .collect()
}

/// Most suites that are named.
const SUITES_SHOWN: usize = 8;

fn certificates(prediction: &Prediction) -> Vec<ForeseenRow> {
    prediction
        .certificates
        .iter()
        .map(|c| {
            let (tone, label) = match c.verifies {
                Some(true) => (Tone::Ok, "Checked"),
                Some(false) => (Tone::Fail, "Cannot be"),
                None => (Tone::Unknown, "Not checked"),
            };
            let bytes = size(c.der_bytes as u64);
            row(
                label,
                Some(tone),
                format!("{} ({bytes}): {}", c.title, c.why.join(" ")),
            )
        })
        .collect()
}

fn sizes(prediction: &Prediction) -> Vec<ForeseenRow> {
    let mut rows: Vec<ForeseenRow> = prediction
        .fits
        .iter()
        .map(|f| {
            let (tone, label) = match f.verdict {
                _ if !f.applies => (Tone::Unknown, "If asked"),
                SizeVerdict::Fits => (Tone::Ok, "Fits"),
                SizeVerdict::TooLarge => (Tone::Fail, "Too large"),
                SizeVerdict::Risk => (Tone::Warn, "Risk"),
                SizeVerdict::BetweenReadings => (Tone::Warn, "Unclear"),
            };
            let words = format!(
                "{}: {}, limit {}. {}",
                f.what,
                size(f.bytes),
                size(f.limit_bytes),
                f.says
            );
            row(label, Some(tone), words)
        })
        .collect();
    if let Some(memory) = prediction.memory {
        rows.push(row("Memory", None, {
            let mut words = format!(
                "{} for one connection: incoming records {}, outgoing records {}",
                size(memory.total()),
                size(memory.in_buffer),
                size(memory.out_buffer)
            );
            if memory.peer_chain > 0 {
                let chain = size(memory.peer_chain);
                let _ = write!(words, ", the peer\u{2019}s certificates {chain}");
            }
            words
        }));
    }
    rows
}

fn traps(prediction: &Prediction) -> Vec<ForeseenRow> {
    prediction
        .traps
        .iter()
        .map(|t| {
            let (label, tone) = if t.line > 0 {
                ("Set", Tone::Warn)
            } else {
                ("Missing", Tone::Warn)
            };
            let place = if t.line > 0 {
                format!(", line {}", t.line)
            } else {
                String::new()
            };
            row(
                label,
                Some(tone),
                format!("{}{place}: {}", t.name, t.sentence),
            )
        })
        .collect()
}
