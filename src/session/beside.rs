//! The key log that lies beside a capture, under one of the names that programs give it.
//!
//! In: the path of a capture. Out: the path of a file in the same folder whose content is a key log.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::recognise::{Content, recognise};

/// Endings behind the name of the capture, with or without the capture's own.
const ENDINGS: [&str; 6] = [
    ".keys",
    ".keylog",
    ".sslkeylog",
    ".keylog.txt",
    ".keys.txt",
    ".sslkeys",
];
/// Names that browsers, OpenSSL and scripts use.
const NAMES: [&str; 8] = [
    "keylog.txt",
    "sslkeylog.txt",
    "sslkeylog.log",
    "sslkeylogfile.txt",
    "keylog.log",
    "keys.log",
    "sslkeys.log",
    "tls-keys.log",
];
/// A larger file is no key log of one capture.
const MOST_BYTES: u64 = 16 << 20;

/// The key log of a capture, if one lies beside it.
#[must_use]
pub(super) fn key_log_beside(capture: &Path) -> Option<PathBuf> {
    let folder = capture.parent()?;
    let whole = capture.file_name()?.to_str()?;
    let stem = capture.file_stem()?.to_str()?;
    let own = [whole, stem]
        .into_iter()
        .flat_map(|name| ENDINGS.iter().map(move |end| format!("{name}{end}")));
    own.chain(NAMES.iter().map(|n| (*n).to_owned()))
        .map(|name| folder.join(name))
        .find(|path| path != capture && is_key_log(path))
}

fn is_key_log(path: &Path) -> bool {
    let Ok(about) = path.metadata() else {
        return false;
    };
    if !about.is_file() || about.len() > MOST_BYTES {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|f| f.take(4_096).read_to_end(&mut head));
    read.is_ok() && recognise(&head, about.len()) == Content::KeyLog
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_log_is_found_by_its_name_and_content() {
        let folder = tempfile::tempdir().unwrap();
        let capture = folder.path().join("case.pcapng");
        std::fs::write(&capture, b"x").unwrap();
        assert_eq!(key_log_beside(&capture), None);
        let line = format!("CLIENT_RANDOM {} {}\n", "ab".repeat(32), "cd".repeat(48));
        std::fs::write(folder.path().join("keylog.txt"), "not a key log\n").unwrap();
        assert_eq!(key_log_beside(&capture), None);
        let own = folder.path().join("case.keys");
        std::fs::write(&own, line).unwrap();
        assert_eq!(key_log_beside(&capture), Some(own));
    }
}
