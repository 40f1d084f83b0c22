//! The file of a recording: its name, and that it is new.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why no recording could be started. The text is the sentence for the person.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There is a file of that name.
    #[error("{0} exists already and is never overwritten. Choose another name.")]
    Exists(PathBuf),
    /// The file cannot be made.
    #[error("{path} cannot be written: {source}. Choose another folder.")]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes a file that does not exist yet.
pub(super) fn create_new(path: &Path) -> Result<File, RecordError> {
    OpenOptions::new()
        .append(true)
        .create_new(true)
        .open(path)
        .map_err(|source| {
            if source.kind() == ErrorKind::AlreadyExists {
                RecordError::Exists(path.to_owned())
            } else {
                RecordError::Create {
                    path: path.to_owned(),
                    source,
                }
            }
        })
}

/// Date, time (UTC) and the last part of the port's name, without what file systems dislike.
pub(super) fn file_stem(port: &str) -> String {
    let now = time::OffsetDateTime::now_utc();
    let last = port.rsplit(['/', '\\']).next().unwrap_or(port);
    let port: String = last
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    format!(
        "{} {:02}.{:02}.{:02}Z {port}",
        now.date(),
        now.hour(),
        now.minute(),
        now.second()
    )
}
