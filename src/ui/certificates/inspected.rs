//! Everything that the Certificates place draws, owned and ready: made once for each new set of
//! certificates, host, device and time, beside the window.
//!
//! In: [`CertificatesSeen`] and the devices. Out: [`Inspected`]. What is said comes from the `cert`
//! room; here it only gets its rows and words.

use std::sync::Arc;

use super::chain_rows::chain_rows;
pub use super::chain_rows::{ChainRow, Looked};
pub use super::clock_rows::ClockRow;
use super::clock_rows::clock_rows;
use super::fit_rows::{DeviceRow, FitRow, device_row, fit_rows};
use super::listed::{ListRow, listed};
pub use super::name_rows::NameRow;
use super::name_rows::name_rows;
use super::pick::{Choice, choices};
use super::trust_rows::{TrustRow, trust_rows};
use crate::cert::{self, CertFile, ChainOrder, Inspection, NameCheck, Reduction};
use crate::device::{DeviceList, DeviceProfile, LimitKind};
use crate::evidence::InputId;
use crate::session::{CertificatesSeen, MOST_TOGETHER};
use crate::ui::words;

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
            clocks: clock_rows(&rows, seen.at_unix_s, &seen.tables.clocks),
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
        let many = all.files.len() + all.trusted.len() > MOST_TOGETHER;
        many.then(|| files().find(|(_, f)| is_leaf(f)).map(|(i, _)| i))
            .flatten()
    });
    let Some(id) = focus else {
        return (None, None);
    };
    let mut out = CertificatesSeen {
        tables: all.tables.clone(),
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
