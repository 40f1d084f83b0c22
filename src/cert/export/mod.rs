//! Certificates out again, in the form that a device takes.
//!
//! In: certificates, what is wished, and which of them are the path. Out: [`ExportFile`]s: names and
//! bytes, nothing written yet; `write` puts them into a folder and overwrites only when told to.
//! Private keys cannot come out here: this room keeps none.

mod forms;
mod script;
mod write;

pub use forms::armour;
pub(in crate::cert) use script::scripts_of;
pub use script::{Script, scripts};
pub use write::{ExportError, write};

use super::certificate::Certificate;
use super::chain::chain;
use crate::device::{DeviceProfile, Limit, LimitKind};

/// Form of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ExportForm {
    /// PEM, lines ended by LF.
    #[default]
    Pem,
    /// PEM, lines ended by CR LF.
    PemCrLf,
    /// DER, one certificate a file.
    Der,
    /// C source: an array of the DER.
    CArray,
    /// C source: the PEM as a string, with its NUL.
    CString,
    /// Commands for a modem, with the files that they send; the id of the script.
    Script(String),
}

impl ExportForm {
    /// The forms without a script, with the words of the command line.
    pub const PLAIN: [(Self, &'static str); 5] = [
        (Self::Pem, "pem"),
        (Self::PemCrLf, "pem-crlf"),
        (Self::Der, "der"),
        (Self::CArray, "c-array"),
        (Self::CString, "c-string"),
    ];
}

/// What is wished.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent switches
pub struct ExportWish {
    /// Form.
    pub form: ExportForm,
    /// One certificate a file.
    pub split: bool,
    /// Bytes and the first digits of the SHA-256 in the file name.
    pub hash_names: bool,
    /// A NUL behind the PEM: Mbed TLS wants it within the length.
    pub nul: bool,
    /// Without the root: servers do not send it.
    pub without_root: bool,
    /// Without certificates that are not part of the path.
    pub without_extra: bool,
}

impl ExportWish {
    /// What a device takes: its script where there is one, one certificate a file where it wants
    /// that.
    #[must_use]
    pub fn for_device(profile: &DeviceProfile) -> Self {
        Self::for_device_by(profile, scripts())
    }

    /// The same with these scripts.
    #[must_use]
    pub fn for_device_by(profile: &DeviceProfile, scripts: &[Script]) -> Self {
        let script = scripts.iter().find(|s| s.devices.contains(&profile.id));
        let alone = profile
            .limits_of(LimitKind::CertificatesPerFile)
            .any(|l| l.at_most.last() == Some(&1));
        Self {
            form: script.map_or(ExportForm::Pem, |s| ExportForm::Script(s.id.clone())),
            split: alone,
            without_extra: true,
            ..Self::default()
        }
    }
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is, a few words.
    pub about: String,
    /// Certificates in it; 0 for a script that sends other files.
    pub certificates: usize,
    /// All of them are of CAs: a bundle that a device trusts.
    pub anchors: bool,
    /// The bytes are text.
    pub text: bool,
}

/// The certificates in the order of their path, as the wish keeps them.
fn kept<'a>(certificates: &[&'a Certificate], wish: &ExportWish) -> Vec<&'a Certificate> {
    let Some(found) = chain(certificates) else {
        return Vec::new();
    };
    let pick = |i: &usize| certificates.get(*i).copied();
    let path = found.found.iter().filter_map(pick);
    let last = found.found.len();
    let path: Vec<&Certificate> = path
        .enumerate()
        .filter(|(place, c)| {
            // A certificate that stands alone stays, also when it is a root.
            !(wish.without_root && last > 1 && place + 1 == last && c.self_issued())
        })
        .map(|(_, c)| c)
        .collect();
    let extra = found
        .extra
        .iter()
        .filter(|i| !found.duplicates.contains(i) && !wish.without_extra)
        .filter_map(pick);
    path.iter().copied().chain(extra).collect()
}

/// The files for these certificates.
#[must_use]
pub fn export(certificates: &[&Certificate], wish: &ExportWish) -> Vec<ExportFile> {
    export_with(certificates, wish, scripts())
}

/// The same with these scripts.
#[must_use]
pub fn export_with(
    certificates: &[&Certificate],
    wish: &ExportWish,
    scripts: &[Script],
) -> Vec<ExportFile> {
    let kept = kept(certificates, wish);
    if kept.is_empty() {
        return Vec::new();
    }
    let mut out = match &wish.form {
        ExportForm::Script(id) => (scripts.iter().find(|s| s.id == *id))
            .map_or_else(Vec::new, |script| script::files(&kept, script, wish)),
        ExportForm::Der => forms::split(&kept, wish, forms::der),
        ExportForm::Pem | ExportForm::PemCrLf => forms::bundle(&kept, wish, forms::pem),
        ExportForm::CArray => forms::bundle(&kept, wish, forms::c_array),
        ExportForm::CString => forms::bundle(&kept, wish, forms::c_string),
    };
    distinct(&mut out);
    out
}

/// Two files never share a name, also where letters count the same.
fn distinct(files: &mut [ExportFile]) {
    let mut taken: Vec<String> = Vec::new();
    for file in files {
        let (stem, end) = match file.name.rsplit_once('.') {
            Some((stem, end)) => (stem.to_owned(), format!(".{end}")),
            None => (file.name.clone(), String::new()),
        };
        let mut n = 2;
        while taken.contains(&file.name.to_lowercase()) {
            file.name = format!("{stem}-{n}{end}");
            n += 1;
        }
        taken.push(file.name.to_lowercase());
    }
}

/// Where a file that is to be stored stands to the limits of the device: each limit with its
/// readings, and by how much the largest is passed.
#[must_use]
pub fn stored_fit<'p>(
    file: &ExportFile,
    profile: &'p DeviceProfile,
) -> Vec<(&'p Limit, Option<u64>)> {
    if file.certificates == 0 {
        return Vec::new();
    }
    let value = |limit: &Limit| match limit.what {
        LimitKind::StoredFileBytes => Some(file.bytes.len() as u64),
        LimitKind::StoredBundleBytes if file.anchors => Some(file.bytes.len() as u64),
        LimitKind::StoredItemBytes | LimitKind::StoredTextBytes if file.certificates == 1 => {
            Some(file.bytes.len() as u64)
        }
        LimitKind::CertificatesPerFile => Some(file.certificates as u64),
        _ => None,
    };
    profile
        .limits
        .iter()
        .filter_map(|limit| {
            let value = value(limit)?;
            let most = limit.at_most.last().filter(|_| !limit.floor)?;
            Some((limit, value.checked_sub(*most).filter(|n| *n > 0)))
        })
        .collect()
}
