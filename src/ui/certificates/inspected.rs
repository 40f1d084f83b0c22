//! Everything that the Certificates place draws, owned and ready: made once for each new set of
//! certificates, host, device and time, beside the window.
//!
//! In: [`CertificatesSeen`] and the devices. Out: [`Inspected`]. What is said comes from the `cert`
//! room; here it only gets its rows and words.

use std::sync::Arc;

use super::bricks::{Brick, Field, bricks, fields};
use super::fit_rows::{DeviceRow, FitRow, device_row, fit_rows};
use super::listed::{ListRow, listed};
use super::pick::{Choice, choices};
use super::trust_rows::{TrustRow, trust_rows};
use crate::cert::{
    self, AltName, CertFile, Certificate, Chain, ChainOrder, Inspection, NameCheck, Reduction,
    SignatureCheck, Validity,
};
use crate::device::{DeviceList, DeviceProfile, LimitKind};
use crate::evidence::InputId;
use crate::session::{CertificatesSeen, Tone};
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

/// A clock against the certificates of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// A few words.
    pub name: String,
    /// What it reads, seconds since 1970 UTC.
    pub unix_s: i64,
    /// What it means.
    pub says: String,
    /// Where that is documented.
    pub source: String,
    /// One verdict a certificate.
    pub verdicts: Vec<Validity>,
}

/// A name of the leaf, or the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// `host`, `CN`, `DNS`, `IP` …
    pub kind: String,
    /// As written.
    pub text: String,
    /// With its international labels decoded.
    pub unicode: Option<String>,
    /// How it stands.
    pub tone: Tone,
    /// What is odd about it.
    pub said: Vec<String>,
}

/// What the place draws.
#[derive(Debug, Default)]
pub struct Inspected {
    /// The chain: path, what is missing, what is extra.
    pub rows: Vec<ChainRow>,
    /// What is sent, the order, what is missing; one line.
    pub remark: String,
    /// Bytes of the Certificate message of TLS 1.2 with what is sent.
    pub message_bytes: Option<usize>,
    /// The device whose limits count.
    pub device: Option<Arc<DeviceProfile>>,
    /// Readings of the limit for each certificate that the server sends, smallest first.
    pub each: Vec<u64>,
    /// Readings of the limit for the stored bundle.
    pub stored: Vec<u64>,
    /// Limits against values.
    pub fit: Vec<FitRow>,
    /// All devices against this chain.
    pub devices: Vec<DeviceRow>,
    /// What would bring the leaf below the smallest reading.
    pub reductions: Vec<Reduction>,
    /// Host that the names are held against.
    pub host: Option<String>,
    /// What each stack decides about the host; that of the device first.
    pub names: Vec<NameCheck>,
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
    /// Trust, pairs, traps.
    pub trust: Vec<TrustRow>,
    /// Certificates in all files.
    pub certificates: usize,
    /// Everything that was read, a row each.
    pub listed: Vec<ListRow>,
    /// What can be compared and exported.
    pub choices: Vec<Choice>,
    /// File whose chain this is, where it was chosen among many.
    pub focus: Option<InputId>,
    /// Parts of the chain that the clocks are held against.
    pub clock_parts: Vec<String>,
    /// Clocks of devices.
    pub clocks: Vec<ClockRow>,
    /// Host and names of the leaf.
    pub name_rows: Vec<NameRow>,
}

/// With more files than this, one is looked at and the others are listed.
const MANY: usize = 8;

impl Inspected {
    /// Inspects the chain of the leaf that is found first.
    #[must_use]
    pub fn of(all: &CertificatesSeen, devices: &DeviceList) -> Self {
        Self::of_file(all, None, devices)
    }

    /// Inspects the chain of the file `focus` (`None`: of the leaf that is found first); checks
    /// signatures, so it belongs beside the window.
    #[must_use]
    pub fn of_file(all: &CertificatesSeen, focus: Option<InputId>, devices: &DeviceList) -> Self {
        let (focus, narrowed) = narrowed(all, focus);
        let seen = narrowed.as_ref().unwrap_or(all);
        let found = seen.inspection();
        let of = |kind| readings(seen.profile.as_deref(), kind);
        let each = of(LimitKind::PeerCertificateBytes);
        let sent = found.sent_bytes();
        let mut names = found.names.clone();
        let stack = seen.profile.as_ref().map_or("", |p| p.stack.as_str());
        names.sort_by_key(|n| n.id != stack || stack.is_empty());
        let rows = chain_rows(&found, &each, &of(LimitKind::StoredBundleBytes));
        Self {
            remark: remark(&found, &rows),
            message_bytes: (!sent.is_empty()).then(|| cert::certificate_message_bytes(&sent)),
            device: seen.profile.clone(),
            stored: of(LimitKind::StoredBundleBytes),
            fit: fit_rows(&found.fit),
            devices: devices
                .profiles
                .iter()
                .map(|p| device_row(p, &found.fit_of(&seen.files, &seen.trusted, p)))
                .collect(),
            reductions: found.reductions.clone(),
            host: seen.host.clone(),
            names,
            at_unix_s: seen.at_unix_s,
            trust: trust_rows(seen, &found),
            certificates: all
                .files
                .iter()
                .chain(&all.trusted)
                .map(|f| f.certificates().count())
                .sum(),
            clock_parts: rows
                .iter()
                .filter(|r| r.looked.is_some())
                .map(|r| r.part.to_owned())
                .collect(),
            clocks: clock_rows(&rows, seen.at_unix_s),
            name_rows: name_rows(seen.host.as_deref(), found.leaf()),
            listed: listed(all),
            choices: choices(all),
            focus,
            rows,
            each,
        }
    }

    /// The row of the chain that is looked at, else the first that has bytes.
    #[must_use]
    pub fn shown(&self, row: usize) -> Option<(&ChainRow, &Looked)> {
        let with_bytes = |r: &'_ ChainRow| r.looked.is_some();
        let row = self
            .rows
            .get(row)
            .filter(|r| with_bytes(r))
            .or_else(|| self.rows.iter().find(|r| with_bytes(r)))?;
        Some((row, row.looked.as_ref()?))
    }
}

/// The time of judgement, also as signed 32 bits, and every clock of the table.
fn clock_rows(rows: &[ChainRow], at: i64) -> Vec<ClockRow> {
    let certificates: Vec<&Certificate> = rows
        .iter()
        .filter_map(|r| r.looked.as_ref().map(|l| &l.certificate))
        .collect();
    let each = |unix_s| {
        certificates
            .iter()
            .map(|c| cert::validity(c, unix_s))
            .collect()
    };
    let mut out = vec![ClockRow {
        name: "time of judgement".into(),
        unix_s: at,
        says: "A clock that is right at the time of judgement.".into(),
        source: "this session".into(),
        verdicts: each(at),
    }];
    if let Ok(now) = i32::try_from(at) {
        out.push(ClockRow {
            name: "the same, dates in signed 32 bit".into(),
            unix_s: at,
            says: "The device reads the dates of the certificate into signed 32 bits: what lies after 2038-01-19 becomes a date before 1970.".into(),
            source: "RFC 5280 section 4.1.2.5; arduino-esp32 issue 1361".into(),
            verdicts: certificates
                .iter()
                .map(|c| cert::validity_32_bit(c, now))
                .collect(),
        });
    }
    out.extend(cert::clocks().iter().map(|c| ClockRow {
        name: c.name.clone(),
        unix_s: c.unix_s,
        says: c.says.clone(),
        source: c.source.clone(),
        verdicts: each(c.unix_s),
    }));
    out
}

/// The host, the common names and the alternative names, with how they look.
fn name_rows(host: Option<&str>, leaf: Option<&Certificate>) -> Vec<NameRow> {
    let mut names: Vec<(&str, String)> = Vec::new();
    names.extend(host.map(|h| ("host", h.to_owned())));
    if let Some(leaf) = leaf {
        names.extend(leaf.subject.common_names().map(|n| ("CN", n.to_owned())));
        for name in leaf.extensions.alt_names.iter().flatten() {
            names.push(match name {
                AltName::Dns(text) => ("DNS", text.clone()),
                AltName::Ip(bytes) => ("IP", cert::address_text(bytes)),
                AltName::Email(text) => ("email", text.clone()),
                AltName::Uri(text) => ("URI", text.clone()),
                AltName::Other(kind) => ("other", (*kind).to_owned()),
            });
        }
    }
    let no_names = leaf.is_some_and(|l| l.extensions.alt_names.is_none());
    names
        .into_iter()
        .map(|(kind, text)| name_row(kind, &text, no_names))
        .collect()
}

fn name_row(kind: &str, text: &str, no_names: bool) -> NameRow {
    let look = cert::name_look(text);
    let mut tone = Tone::Ok;
    let mut said = Vec::new();
    for problem in &look.problems {
        tone = match (problem.severity, tone) {
            (cert::Severity::Error, _) => Tone::Fail,
            (cert::Severity::Warning, Tone::Ok | Tone::Unknown) => Tone::Warn,
            (_, tone) => tone,
        };
        said.push(words::visible(&problem.sentence));
    }
    let length = text.chars().count();
    let address = text.parse::<std::net::IpAddr>().is_ok();
    let mut warn = |sentence: String| {
        said.push(sentence);
        if tone == Tone::Ok {
            tone = Tone::Warn;
        }
    };
    if kind == "CN" && length > cert::LONGEST_COMMON_NAME {
        warn(format!(
            "{length} characters; X.520 allows {} in a common name (RFC 5280 appendix A.1).",
            cert::LONGEST_COMMON_NAME
        ));
    } else if kind == "CN" && length > 31 {
        warn(format!(
            "{length} characters: more than the 31 that an XBee 3 Cellular takes (its user guide)."
        ));
    }
    if kind == "CN" && address {
        warn(if no_names {
            "An address as common name, and no subjectAltName: most stacks do not compare it (RFC 6125 section 6.4.4).".into()
        } else {
            "An address as common name.".into()
        });
    }
    if kind == "DNS" && address {
        warn("An address in a dNSName: stacks that ask for an iPAddress do not see it (RFC 5280 section 4.2.1.6).".into());
    }
    NameRow {
        kind: kind.to_owned(),
        text: words::visible(text),
        unicode: look.unicode.map(|u| words::visible(&u)),
        tone,
        said,
    }
}

/// The file that is looked at with what may complete its chain: CA certificates of other files, keys
/// and requests. `None`: everything is looked at together.
fn narrowed(
    all: &CertificatesSeen,
    focus: Option<InputId>,
) -> (Option<InputId>, Option<CertificatesSeen>) {
    let files = || all.inputs.iter().copied().zip(&all.files);
    let trusted = || all.trusted_inputs.iter().copied().zip(&all.trusted);
    let is_leaf = |f: &CertFile| f.certificates().any(|c| !c.is_ca());
    let there = |id: &InputId| files().chain(trusted()).any(|(i, _)| i == *id);
    let focus = focus.filter(there).or_else(|| {
        let many = all.files.len() + all.trusted.len() > MANY;
        many.then(|| files().find(|(_, f)| is_leaf(f)).map(|(i, _)| i))
            .flatten()
    });
    let Some(id) = focus else {
        return (None, None);
    };
    let mut out = CertificatesSeen {
        profile: all.profile.clone(),
        host: all.host.clone(),
        at_unix_s: all.at_unix_s,
        ..CertificatesSeen::default()
    };
    for (input, file) in files().chain(trusted()) {
        if input == id {
            out.inputs.insert(0, input);
            out.files.insert(0, file.clone());
        } else if all.trusted_inputs.contains(&input) {
            out.trusted_inputs.push(input);
            out.trusted.push(file.clone());
        } else if !is_leaf(file) {
            out.inputs.push(input);
            out.files.push(file.clone());
        }
    }
    (Some(id), Some(out))
}

/// Readings of the device's limits of one kind, smallest first.
fn readings(profile: Option<&DeviceProfile>, kind: LimitKind) -> Vec<u64> {
    let mut out: Vec<u64> = profile
        .into_iter()
        .flat_map(|p| p.limits_of(kind))
        .flat_map(|l| l.at_most.iter().copied())
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// More certificates of other files than this take one row together.
const LISTED: usize = 3;

fn chain_rows(found: &Inspection<'_>, each: &[u64], stored: &[u64]) -> Vec<ChainRow> {
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
    let bricks = bricks(&certificate.size_tree);
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

/// `sent: leaf, intermediate · order right · nothing missing`.
fn remark(found: &Inspection<'_>, rows: &[ChainRow]) -> String {
    let parts: Vec<&str> = rows.iter().filter(|r| r.sent).map(|r| r.part).collect();
    let sent = match parts.len() {
        0 => String::new(),
        1..=3 => format!("sent: {}", parts.join(", ").to_lowercase()),
        n => format!("sent: {n} certificates"),
    };
    let order = match found.order {
        ChainOrder::Single => "",
        ChainOrder::Right => "order right",
        ChainOrder::Wrong => "order wrong",
        ChainOrder::Unrelated => "they do not belong together",
    };
    let missing = match found.missing.len() {
        0 => "nothing missing".to_owned(),
        n => format!("{n} missing"),
    };
    let extra = match found.extra.len() {
        0 => String::new(),
        n => format!("{n} extra"),
    };
    words::joined(&[&sent, order, &missing, &extra])
}
