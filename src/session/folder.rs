//! A folder that is given instead of a file: the files that lie in it.
//!
//! In: a path. Out: its files in the order of their names, without hidden ones and without folders below;
//! one sentence where there are none, or more than can be meant. Of many files it looks at the first bytes
//! of a few; it reads none whole.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::figures::count;
use super::recognise::{Content, PROBE_BYTES, recognise};

/// Files of one folder that are opened together, at most. A case has a few; a home folder is a slip.
pub const MOST_FILES: usize = 200;

/// The same for a folder of certificates, such as those of all devices of a batch.
pub const MOST_CERTIFICATES: usize = 5_000;

/// Files that tell whether a large folder holds certificates; three quarters of them must.
const ASKED: usize = 16;

/// The files of a folder; nothing where `path` is none.
///
/// # Errors
/// One sentence: the folder cannot be read, is empty, or holds more than [`MOST_FILES`] files (of
/// certificates 5,000).
#[must_use]
pub fn files_in(path: &Path) -> Option<Result<Vec<PathBuf>, String>> {
    path.is_dir().then(|| list(path))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    let name = name.to_string_lossy();
    let entries = std::fs::read_dir(folder)
        .map_err(|e| format!("The folder {name} cannot be read ({e}). Open its files instead."))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|e| !e.file_name().to_string_lossy().starts_with('.'))
        .map(|e| e.path())
        .filter(|p| p.is_file())
        .take(MOST_CERTIFICATES + 1)
        .collect();
    if files.is_empty() {
        return Err(format!("The folder {name} holds no files."));
    }
    files.sort();
    if files.len() <= MOST_FILES {
        return Ok(files);
    }
    if !are_certificates(&files) {
        return Err(format!(
            "The folder {name} holds more than {MOST_FILES} files. Open those of one case."
        ));
    }
    if files.len() > MOST_CERTIFICATES {
        return Err(format!(
            "The folder {name} holds more than {}. Open a part of them.",
            count(MOST_CERTIFICATES as u64, "file")
        ));
    }
    Ok(files)
}

/// Files from the whole of the folder are certificates for the most part.
fn are_certificates(files: &[PathBuf]) -> bool {
    let step = files.len().div_ceil(ASKED).max(1);
    let asked: Vec<bool> = (files.iter().step_by(step))
        .map(|path| is_certificate(path))
        .collect();
    asked.iter().filter(|is| **is).count() * 4 >= asked.len() * 3
}

fn is_certificate(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let total = file.metadata().map_or(0, |m| m.len());
    let mut head = Vec::new();
    let read = file.take(PROBE_BYTES as u64).read_to_end(&mut head);
    read.is_ok() && recognise(&head, total) == Content::Certificate
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn folder_of(count: usize, content: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..count {
            std::fs::write(folder.path().join(format!("{i:04}")), content).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_of_many_certificates_is_taken_and_one_of_many_logs_is_not() {
        let pem = include_bytes!("../../tests/fixtures/files/leaf.pem");
        let certificates = folder_of(MOST_FILES + 50, pem);
        let taken = files_in(certificates.path()).unwrap().unwrap();
        assert_eq!(taken.len(), MOST_FILES + 50);
        assert!(taken.is_sorted());
        let logs = folder_of(MOST_FILES + 50, b"I (312) wifi: connected\r\n");
        let refused = files_in(logs.path()).unwrap().unwrap_err();
        assert!(refused.contains("more than 200 files"), "{refused}");
        let few = folder_of(3, b"I (312) wifi: connected\r\n");
        assert_eq!(files_in(few.path()).unwrap().unwrap().len(), 3);
    }
}
