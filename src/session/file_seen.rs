//! Inputs that are files of certificates or a configuration: what was read in them, and the part of
//! their bytes that may be kept.
//!
//! In: bytes of a whole file. Out: [`ReadFile`]. The bytes of private keys never leave this file:
//! what goes on is blanked, and the buffer that was read is overwritten.

use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::capture_seen::{CaptureReading, CaptureSeen, KeyLogText};
use super::private_keys::blank_private_keys;
use super::recognise::Content as Recognised;
use crate::capture::DeviceSide;
use crate::cert::{self, CertFile, Content, Encoding, Object, Passwords, PrivateKey};
use crate::device::{ConfigReading, DeviceProfile, read_config};
use crate::evidence::{InputId, InputKind};

/// What a file that is no log holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FileContent {
    /// Certificates, keys, requests.
    Certificates(Arc<CertFile>),
    /// A configuration of the TLS library.
    Config(Arc<ConfigReading>),
    /// A network capture.
    Capture(Arc<CaptureSeen>),
    /// A key log for captures.
    KeyLog(KeyLogText),
}

impl FileContent {
    /// The kind of input that it is.
    #[must_use]
    pub fn kind(&self) -> InputKind {
        match self {
            Self::Certificates(_) => InputKind::Certificate,
            Self::Config(_) => InputKind::Config,
            Self::Capture(_) => InputKind::Capture,
            Self::KeyLog(_) => InputKind::KeyLog,
        }
    }
}

/// A file of the session that is no log.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSeen {
    /// Its input.
    pub input: InputId,
    /// Name to show.
    pub name: String,
    /// What it holds.
    pub content: FileContent,
}

/// The certificates of a session with everything that they are held against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CertificatesSeen {
    /// Files with certificates, keys or requests that are not taken as what the device trusts, in
    /// the order of the inputs.
    pub files: Vec<CertFile>,
    /// Their inputs.
    pub inputs: Vec<InputId>,
    /// Files that hold CA certificates only, beside one that holds a leaf: what the device trusts.
    pub trusted: Vec<CertFile>,
    /// Their inputs.
    pub trusted_inputs: Vec<InputId>,
    /// Rules, clocks, scripts and texts in use.
    pub tables: cert::CertTables,
    /// Device whose limits count.
    pub profile: Option<Arc<DeviceProfile>>,
    /// Host or address that the device asks for.
    pub host: Option<String>,
    /// Time of judgement, seconds since 1970 UTC.
    pub at_unix_s: i64,
    /// Inputs in which something waits for a password.
    pub closed: Vec<InputId>,
}

impl CertificatesSeen {
    /// Chain, names, fit, pairs and path. Checks signatures: ask once for each new value, not once
    /// for each frame.
    #[must_use]
    pub fn inspection(&self) -> cert::Inspection<'_> {
        cert::Inspection::of(
            &self.files,
            &cert::Question {
                trusted: &self.trusted,
                profile: self.profile.as_deref(),
                host: self.host.as_deref(),
                at_unix_s: self.at_unix_s,
            },
        )
    }

    /// Is there nothing to show?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.trusted.is_empty()
    }
}

/// A file that was read, and what is kept of its bytes.
pub(super) struct ReadFile {
    pub content: FileContent,
    /// The bytes without private keys; offsets and lines stay.
    pub kept: Vec<u8>,
    /// The bytes as they were, where something in them waits for a password.
    pub closed: Option<Closed>,
}

/// Bytes of a container or key that a password protects, for as long as it may come: in memory
/// alone, never saved, overwritten when dropped.
#[derive(Clone)]
pub(super) struct Closed(Arc<Zeroizing<Vec<u8>>>);

/// Larger files are not held for a password.
const LARGEST_CLOSED: usize = 16 * 1024 * 1024;

impl Closed {
    /// The bytes of `file`, if it waits for a password.
    fn of(file: &CertFile, bytes: &[u8]) -> Option<Self> {
        (file.wants_password() && bytes.len() <= LARGEST_CLOSED)
            .then(|| Self(Arc::new(Zeroizing::new(bytes.to_vec()))))
    }

    /// Reads them with passwords.
    pub fn open(&self, name: &str, passwords: &Passwords) -> ReadFile {
        let file = cert::read_with(name, &self.0, passwords);
        ReadFile {
            closed: file.wants_password().then(|| self.clone()),
            content: FileContent::Certificates(Arc::new(file)),
            kept: Vec::new(),
        }
    }
}

/// What is kept of a private key that a file held: never its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// The summary.
    pub key: PrivateKey,
    /// Offset of its first byte in the file, in bytes.
    pub offset: usize,
    /// Bytes that it takes in the file.
    pub file_bytes: usize,
    /// Size of its DER in bytes.
    pub der_bytes: usize,
}

/// Reads a file that is no log; `None` for other content. Takes `bytes` away.
pub(super) fn read_file(name: &str, is: Recognised, bytes: &mut Vec<u8>) -> Option<ReadFile> {
    match is {
        Recognised::Certificate => Some(read_certificates(name, bytes)),
        Recognised::Config => Some(ReadFile {
            content: read_configuration(name, bytes),
            kept: std::mem::take(bytes),
            closed: None,
        }),
        Recognised::KeyLog => {
            let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
            bytes.zeroize();
            Some(ReadFile {
                content: FileContent::KeyLog(KeyLogText(Arc::new(text))),
                kept: Vec::new(),
                closed: None,
            })
        }
        _ => None,
    }
}

/// Reads certificates, keys and requests.
fn read_certificates(name: &str, bytes: &mut Vec<u8>) -> ReadFile {
    let file = cert::read(name, bytes);
    let closed = Closed::of(&file, bytes);
    let mut kept = std::mem::take(bytes);
    for object in &file.objects {
        if is_secret(&object.content) {
            let end = object.offset.saturating_add(object.file_bytes);
            let text = matches!(object.encoding, Encoding::Pem | Encoding::SourceCode);
            let end = end.min(kept.len());
            if let Some(span) = kept.get_mut(object.offset.min(end)..end)
                && !(text && blank_private_keys(span) > 0)
            {
                span.zeroize();
            }
        }
    }
    blank_private_keys(&mut kept);
    ReadFile {
        content: FileContent::Certificates(Arc::new(file)),
        kept,
        closed,
    }
}

/// May it hold a private key?
fn is_secret(content: &Content) -> bool {
    matches!(
        content,
        Content::PrivateKey(_) | Content::Pkcs12 | Content::Unreadable
    )
}

/// Reads the kept bytes of an input again; `None` for kinds that are no files.
pub(super) fn read_again(
    name: &str,
    kind: InputKind,
    kept: &[u8],
    keys: &[KeptKey],
) -> Option<FileContent> {
    match kind {
        InputKind::Certificate => Some(read_kept(name, kept, keys)),
        InputKind::Config => Some(read_configuration(name, kept)),
        InputKind::Capture => {
            let mut reading = CaptureReading::new(None, DeviceSide::default());
            reading.push(kept);
            Some(FileContent::Capture(Arc::new(reading.finish(name))))
        }
        _ => None,
    }
}

/// Certificates from kept bytes and what was kept of the keys in them.
fn read_kept(name: &str, kept: &[u8], keys: &[KeptKey]) -> FileContent {
    let mut file = cert::read(name, kept);
    let lies_in = |offset: usize| {
        keys.iter()
            .any(|k| (k.offset..k.offset + k.file_bytes.max(1)).contains(&offset))
    };
    // Blanked places are unreadable now; what was read in them is known.
    file.objects.retain(|o| !lies_in(o.offset));
    file.problems.retain(|p| {
        p.offset
            .and_then(|o| usize::try_from(o).ok())
            .is_none_or(|o| !lies_in(o))
    });
    file.objects.extend(keys.iter().map(|k| Object {
        content: Content::PrivateKey(k.key.clone()),
        encoding: Encoding::Pem,
        label: None,
        offset: k.offset,
        file_bytes: k.file_bytes,
        der_bytes: k.der_bytes,
    }));
    file.objects.sort_by_key(|o| o.offset);
    FileContent::Certificates(Arc::new(file))
}

/// What is kept of the private keys of a file.
pub(super) fn kept_keys(content: &FileContent) -> Vec<KeptKey> {
    let FileContent::Certificates(file) = content else {
        return Vec::new();
    };
    file.objects
        .iter()
        .filter_map(|o| match &o.content {
            Content::PrivateKey(key) => Some(KeptKey {
                key: key.clone(),
                offset: o.offset,
                file_bytes: o.file_bytes,
                der_bytes: o.der_bytes,
            }),
            _ => None,
        })
        .collect()
}

/// What a saved session keeps of a PKCS#12 container, whose own bytes are blanked: its certificates
/// as PEM, and what is known of its keys. `None` for other files, and where it was not opened.
pub(super) fn kept_of_container(content: &FileContent) -> Option<(Vec<u8>, Vec<KeptKey>)> {
    let FileContent::Certificates(file) = content else {
        return None;
    };
    let container = file.objects.iter().any(|o| o.content == Content::Pkcs12);
    let text: String = file.certificates().map(|c| cert::armour(c, "\n")).collect();
    if !container || text.is_empty() {
        return None;
    }
    let mut keys = kept_keys(content);
    for (i, key) in keys.iter_mut().enumerate() {
        // Behind the text: no certificate lies there.
        key.offset = text.len() + i;
        key.file_bytes = 1;
    }
    Some((text.into_bytes(), keys))
}

/// Reads a configuration of the TLS library.
fn read_configuration(name: &str, bytes: &[u8]) -> FileContent {
    FileContent::Config(Arc::new(read_config(name, &String::from_utf8_lossy(bytes))))
}
