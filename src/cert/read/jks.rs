//! Java key stores: JKS and JCEKS, version 1 and 2.
//!
//! In: bytes that begin with the magic number of one, and passwords. Out: the certificates with their
//! places; keys by kind and size where a password opens them, else by their place alone. No password
//! is needed for the certificates. The layout is that of `java.io.DataOutputStream`: big-endian numbers, and
//! texts behind a length of two bytes.

use super::password::Budget;
use super::{Encoding, Passwords, add, der, jks_key};
use crate::cert::file::{CertFile, Content, PrivateKey};
use crate::cert::problem::{Problem, Severity};

/// Is it one?
pub(super) fn is_store(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(..4),
        Some([0xFE, 0xED, 0xFE, 0xED] | [0xCE, 0xCE, 0xCE, 0xCE])
    )
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let slice = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(slice)
    }

    fn u32(&mut self) -> Option<usize> {
        let four: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(four)).ok()
    }

    fn text(&mut self) -> Option<String> {
        let two: [u8; 2] = self.take(2)?.try_into().ok()?;
        let text = self.take(usize::from(u16::from_be_bytes(two)))?;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

/// Reads the store into `file`.
pub(super) fn read_into(file: &mut CertFile, bytes: &[u8], passwords: &Passwords) {
    let jceks = bytes.first() == Some(&0xCE);
    let mut walk = Walk { bytes, at: 4 };
    let (keys, trusted, whole) = entries(file, &mut walk, passwords);
    let closed = file
        .objects
        .iter()
        .filter(|o| matches!(&o.content, Content::PrivateKey(key) if key.kind.is_none()))
        .count();
    let name = if jceks { "JCEKS" } else { "JKS" };
    file.problems.push(
        Problem::new(
            "jks.store",
            Severity::Note,
            format!(
                "A Java key store ({name}): {keys} with a private key and {trusted} trusted. Devices do not read it; export the certificates."
            ),
        )
        .at(0),
    );
    if closed > 0 {
        file.problems.push(closed_problem(bytes, passwords).at(0));
    }
    if !whole {
        file.problems.push(
            Problem::new(
                "jks.damaged",
                Severity::Error,
                format!(
                    "The key store cannot be read further at byte {}. What stands before was read.",
                    walk.at
                ),
            )
            .at(walk.at),
        );
    }
}

/// What to say of keys that stay closed.
fn closed_problem(bytes: &[u8], passwords: &Passwords) -> Problem {
    if !passwords.any_given() {
        return Problem::new(
            "jks.closed",
            Severity::Note,
            "A private key of the key store has a password. Give the password to see its kind and size.",
        );
    }
    let of_store = passwords.iter().any(|p| jks_key::is_password_of(bytes, p));
    Problem::new(
        "jks.closed",
        Severity::Error,
        if of_store {
            "The password is that of the key store, but a private key in it has another one."
        } else {
            "The password is not that of the key store, and opens no private key in it."
        },
    )
}

/// Reads all entries: how many with a key, how many trusted, and whether the end was reached.
fn entries(
    file: &mut CertFile,
    walk: &mut Walk<'_>,
    passwords: &Passwords,
) -> (usize, usize, bool) {
    let budget = Budget::new();
    let (mut keys, mut trusted) = (0, 0);
    let (Some(version), Some(count)) = (walk.u32(), walk.u32()) else {
        return (0, 0, false);
    };
    for _ in 0..count {
        let read = match walk.u32() {
            Some(1) => {
                keys += 1;
                key_entry(file, walk, version, (passwords, &budget))
            }
            Some(2) => {
                trusted += 1;
                walk.text()
                    .and_then(|alias| walk.take(8).map(|_| alias))
                    .and_then(|alias| certificate(file, walk, version, &alias))
            }
            // A secret key of JCEKS is a serialised Java object, whose end only Java finds.
            _ => None,
        };
        if read.is_none() {
            return (keys, trusted, false);
        }
    }
    // A SHA-1 over password and content ends the file.
    let whole = walk.bytes.len().saturating_sub(walk.at) == 20;
    (keys, trusted, whole)
}

fn key_entry(
    file: &mut CertFile,
    walk: &mut Walk<'_>,
    version: usize,
    (passwords, budget): (&Passwords, &Budget),
) -> Option<()> {
    let alias = walk.text()?;
    walk.take(8)?;
    let size = walk.u32()?;
    let start = walk.at;
    let protected = walk.take(size)?;
    let key = jks_key::open(protected, passwords, budget).unwrap_or(PrivateKey {
        format: "PKCS#8",
        encrypted: true,
        kind: None,
        bits: None,
        curve: None,
        spki_sha256: None,
        compressed_sha256: None,
    });
    add(
        file,
        Content::PrivateKey(key),
        (start, walk.at),
        Encoding::Jks,
        Some(alias.clone()),
        size,
        &|i| i,
    );
    for _ in 0..walk.u32()? {
        certificate(file, walk, version, &alias)?;
    }
    Some(())
}

fn certificate(
    file: &mut CertFile,
    walk: &mut Walk<'_>,
    version: usize,
    alias: &str,
) -> Option<()> {
    if version >= 2 {
        walk.text()?;
    }
    let size = walk.u32()?;
    let start = walk.at;
    let bytes = walk.take(size)?;
    let before = file.objects.len();
    der::read_into(
        file,
        bytes,
        Encoding::Jks,
        |i| start + i,
        None,
        &Passwords::none(),
    );
    for object in file.objects.iter_mut().skip(before) {
        object.label = Some(alias.to_owned());
    }
    Some(())
}
