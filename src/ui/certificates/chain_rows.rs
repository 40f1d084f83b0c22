//! The rows of the chain: what is sent, what is missing, what is extra.
//!
//! In: the inspection and the limits of the device. Out: [`ChainRow`]s, owned.

use super::bricks::{Brick, Field, bricks, fields};
use crate::cert::{self, Certificate, Chain, Inspection, SignatureCheck};
use crate::session::Tone;
use crate::ui::words;

/// A certificate with its bytes told apart.
#[derive(Debug)]
pub struct Looked {
    /// The certificate.
    pub certificate: Certificate,
    /// Its bytes in the order of the file.
    pub bricks: Vec<Brick>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Limit of the device, and how many of its first names stay below it.
    pub names_that_fit: Vec<(u64, Option<usize>)>,
}

/// A row of the chain.
#[derive(Debug)]
pub struct ChainRow {
    /// `Leaf`, `Intermediate`, `Root`, `Missing`, `Extra`, `More`.
    pub part: &'static str,
    /// Whose it is.
    pub title: String,
    /// `from the server`, `on the device` …
    pub place: &'static str,
    /// The server sends it, so that the limits of the device count.
    pub sent: bool,
    /// How it stands.
    pub tone: Tone,
    /// The certificate; `None` where it is missing.
    pub looked: Option<Looked>,
    /// More for the tooltip.
    pub more: String,
}

impl ChainRow {
    /// Its size in bytes of DER.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.looked
            .as_ref()
            .map(|l| l.certificate.der_bytes() as u64)
    }
}

/// More certificates of other files than this take one row together.
const LISTED: usize = 3;

pub(super) fn chain_rows(found: &Inspection<'_>, each: &[u64], stored: &[u64]) -> Vec<ChainRow> {
    let mut rows = Vec::new();
    let Some(chain) = &found.chain else {
        return rows;
    };
    // A CA that stands where a server's certificate should be is the leaf all the same.
    let as_server = found.statements.iter().any(|s| s.id == "cert.leaf_is_ca");
    for (place, index) in chain.found.iter().enumerate() {
        let Some(certificate) = found.certificate(*index) else {
            continue;
        };
        let part = if place > 0 && certificate.self_issued() {
            "Root"
        } else if place > 0 {
            "Intermediate"
        } else if certificate.is_ca() && !as_server {
            "CA"
        } else {
            "Leaf"
        };
        rows.push(row(found, chain, *index, part, each, stored));
    }
    for missing in found.missing.iter().filter(|m| m.at_hand.is_none()) {
        rows.push(ChainRow {
            part: "Missing",
            title: words::visible(&missing.name),
            place: "not sent",
            sent: false,
            tone: Tone::Warn,
            looked: None,
            more: match missing.from.first() {
                Some(url) => format!("It could be had from {}.", words::visible(url)),
                None => "The certificate below it does not say where to get it.".into(),
            },
        });
    }
    // What lies in other files is listed there when it is many.
    let elsewhere = |i: &usize| !found.sent.contains(i);
    let others = chain.extra.iter().copied().filter(elsewhere).count();
    for index in &chain.extra {
        if others <= LISTED || !elsewhere(index) {
            rows.push(row(found, chain, *index, "Extra", each, stored));
        }
    }
    if others > LISTED {
        rows.push(ChainRow {
            part: "More",
            title: format!("{others} certificates in other files"),
            place: "a row each under Files",
            sent: false,
            tone: Tone::Unknown,
            looked: None,
            more: String::new(),
        });
    }
    rows
}

fn row(
    found: &Inspection<'_>,
    chain: &Chain,
    index: usize,
    part: &'static str,
    each: &[u64],
    stored: &[u64],
) -> ChainRow {
    let certificate = found.certificate(index);
    let sent = found.sent.contains(&index);
    let trusted = index >= found.certificates.len();
    let bytes = certificate.map_or(0, |c| c.der_bytes() as u64);
    let limits = if sent {
        each
    } else if trusted {
        stored
    } else {
        &[]
    };
    let position = chain.found.iter().position(|i| *i == index);
    let link = position.and_then(|p| chain.links.get(p));
    let tone = match (limits.first(), limits.last()) {
        (_, Some(most)) if bytes > *most => Tone::Fail,
        _ if link == Some(&SignatureCheck::Bad) => Tone::Fail,
        (Some(least), _) if bytes > *least => Tone::Warn,
        _ if part == "Extra" => Tone::Warn,
        _ if limits.is_empty() && sent => Tone::Unknown,
        _ => Tone::Ok,
    };
    let place = if sent {
        "from the server"
    } else if trusted {
        "on the device"
    } else if part == "Extra" {
        "in another file"
    } else {
        "at hand, not sent"
    };
    ChainRow {
        part,
        title: certificate.map_or_else(String::new, |c| words::visible(&c.title())),
        place: if sent && part == "Extra" {
            "sent, not needed"
        } else {
            place
        },
        sent,
        tone,
        more: certificate.map_or_else(String::new, |c| about(c, link)),
        looked: certificate.map(|c| look(c, limits)),
    }
}

fn look(certificate: &Certificate, limits: &[u64]) -> Looked {
    let bricks = bricks(certificate.size_tree());
    Looked {
        fields: fields(certificate, &bricks),
        bricks,
        names_that_fit: limits
            .iter()
            .filter(|_| {
                let names = certificate.extensions.alt_names.as_ref();
                names.is_some_and(|n| n.len() > 1)
            })
            .filter(|limit| certificate.der_bytes() as u64 > **limit)
            .map(|limit| {
                let bytes = usize::try_from(*limit).unwrap_or(usize::MAX);
                (*limit, cert::names_that_fit(certificate, bytes))
            })
            .collect(),
        certificate: certificate.clone(),
    }
}

/// Sizes in all forms, names, key, hash; one a line.
fn about(c: &Certificate, link: Option<&SignatureCheck>) -> String {
    let der = c.der_bytes();
    let size = |n: usize| words::grouped(n as u64);
    let mut out = format!(
        "{} bytes as DER, {} as PEM with LF, {} with CR LF\nSubject {}\nIssuer {}",
        size(der),
        size(cert::pem_bytes(der, 1)),
        size(cert::pem_bytes(der, 2)),
        words::visible(&c.subject.text()),
        words::visible(&c.issuer.text()),
    );
    if let Some(key) = &c.key {
        out.push_str(&format!("\nKey {}", key.text()));
    }
    if let Some(algorithm) = &c.signature_algorithm {
        out.push_str(&format!("\nSigned with {algorithm}"));
    }
    if let Some(serial) = &c.serial {
        out.push_str(&format!("\nSerial number {}", serial.hex));
    }
    match link {
        Some(SignatureCheck::Good) => out.push_str("\nThe signature is of its issuer's key."),
        Some(SignatureCheck::Bad) => out.push_str("\nThe signature is not of its issuer's key."),
        Some(SignatureCheck::NotChecked(why)) => {
            out.push_str(&format!("\nSignature not checked: {why}"));
        }
        None => {}
    }
    out.push_str(&format!("\nSHA-256 {}", c.sha256));
    out
}
