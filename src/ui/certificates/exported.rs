//! What the export draws, owned and ready; made beside the window.
//!
//! In: the certificates of the session, a pick and a wish. Out: [`Exported`]: the files with their
//! sizes, where they stand to the limits of the device, and their text.

use std::path::PathBuf;

use super::pick::{Pick, side};
use crate::cert::{ExportFile, ExportWish, export_with, stored_fit};
use crate::session::{CertificatesSeen, Tone};
use crate::ui::words;

/// One file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRow {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it is.
    pub about: String,
    /// How it stands to the limits of the device.
    pub tone: Tone,
    /// The same in a few words.
    pub verdict: String,
    /// Limits and their sources.
    pub why: String,
    /// Its text, or its bytes in hexadecimal digits, a line each.
    pub lines: Vec<String>,
    /// The text to copy; empty for bytes.
    pub text: String,
}

/// The files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows in the order of the files.
    pub rows: Vec<ExportRow>,
    /// Name of what is exported.
    pub of: String,
}

/// How the last writing went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportOutcome {
    /// It is being written.
    Busy,
    /// Files and bytes that were written, and where.
    Written {
        /// Files.
        files: usize,
        /// Bytes.
        bytes: u64,
        /// Folder.
        folder: PathBuf,
    },
    /// Files of these names are there; nothing was written.
    Exists(Vec<String>),
    /// One sentence, and the system's word.
    Failed(String, String),
}

/// The files themselves.
#[must_use]
pub fn files_of(seen: &CertificatesSeen, pick: Pick, wish: &ExportWish) -> Vec<ExportFile> {
    side(seen, pick).map_or_else(Vec::new, |(_, s)| {
        export_with(&s.certificates, wish, &seen.tables.scripts)
    })
}

impl Exported {
    /// Makes the files.
    #[must_use]
    pub fn of(seen: &CertificatesSeen, pick: Pick, wish: &ExportWish) -> Self {
        let rows = files_of(seen, pick, wish)
            .into_iter()
            .map(|file| row(seen, file))
            .collect();
        Self {
            rows,
            of: side(seen, pick).map_or_else(String::new, |(name, _)| name),
        }
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.rows.iter().map(|r| r.bytes).sum()
    }
}

fn row(seen: &CertificatesSeen, file: ExportFile) -> ExportRow {
    let fits = seen
        .profile
        .as_ref()
        .map_or_else(Vec::new, |p| stored_fit(&file, p));
    let worst = fits.iter().filter_map(|(_, over)| *over).max();
    let (tone, verdict) = match (fits.is_empty(), worst) {
        _ if file.certificates == 0 => (Tone::Unknown, String::new()),
        (true, _) => (Tone::Unknown, "no limit known".into()),
        (false, None) => (Tone::Ok, "fits".to_owned()),
        (false, Some(over)) => (Tone::Fail, format!("+{}", words::grouped(over))),
    };
    let why: Vec<String> = fits
        .iter()
        .map(|(limit, over)| {
            let readings: Vec<String> = limit.at_most.iter().map(|n| words::grouped(*n)).collect();
            format!(
                "{}: at most {}{}. {} ({})",
                words::sentence_case(limit.what.text()),
                readings.join(" or "),
                over.map_or_else(String::new, |n| format!(", {} over", words::grouped(n))),
                limit.says,
                limit.source
            )
        })
        .collect();
    let text = if file.text {
        String::from_utf8_lossy(&file.bytes).into_owned()
    } else {
        String::new()
    };
    let lines = if file.text {
        text.split('\n').map(words::visible).collect()
    } else {
        file.bytes
            .chunks(16)
            .enumerate()
            .map(|(i, bytes)| {
                let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
                format!("{:05x}  {}", i * 16, hex.join(" "))
            })
            .collect()
    };
    ExportRow {
        bytes: file.bytes.len() as u64,
        name: file.name,
        about: file.about,
        tone,
        verdict,
        why: why.join("\n"),
        lines,
        text,
    }
}
