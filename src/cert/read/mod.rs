//! Reads a file by its content: armoured, encoded or as source code.
//!
//! In: a name to show and bytes. Out: [`CertFile`]. Nothing is refused as a whole: what is damaged is
//! named with its offset, and what is readable is there. Must not touch the disk.

mod armour;
mod arrays;
mod base64;
mod cipher;
mod commands;
mod der;
mod jks;
mod jks_key;
mod message;
mod password;
mod pbes2;
mod pem_key;
mod pkcs12;
mod pkcs12_kdf;
mod private_key;
mod text;

pub use password::Passwords;
pub use private_key::read_private_key;

use zeroize::Zeroize;

use super::file::{CertFile, Content, Encoding, Object};
use super::problem::{Problem, Severity};
use text::Text;

/// Larger files are searched for armour and DER alone.
const LARGEST_DUMP: usize = 32 * 1_024 * 1_024;
/// A Certificate message with its records.
const LARGEST_MESSAGE: usize = 17 * 1_024 * 1_024;
/// More objects of one file are not kept.
const MOST_OBJECTS: usize = 20_000;
/// More problems of one file are not told.
const MOST_PROBLEMS: usize = 50_000;

/// Is so much of the file read that the rest is left? Says so once.
fn is_full(file: &mut CertFile) -> bool {
    let full = file.objects.len() >= MOST_OBJECTS || file.problems.len() >= MOST_PROBLEMS;
    if full && file.problems.last().is_none_or(|p| p.id != "limit.objects") {
        file.problems.push(Problem::new(
            "limit.objects",
            Severity::Error,
            format!(
                "refused: limit of {MOST_OBJECTS} objects and {MOST_PROBLEMS} remarks for a file; the rest was not read."
            ),
        ));
    }
    full
}

/// Reads `bytes`, shown as `name`. Containers are tried with the empty password.
#[must_use]
pub fn read(name: &str, bytes: &[u8]) -> CertFile {
    read_with(name, bytes, &Passwords::none())
}

/// The same with passwords for containers and encrypted keys.
#[must_use]
pub fn read_with(name: &str, bytes: &[u8], passwords: &Passwords) -> CertFile {
    let mut file = CertFile {
        name: name.to_owned(),
        size_bytes: bytes.len(),
        objects: Vec::new(),
        problems: Vec::new(),
    };
    if bytes.is_empty() {
        file.problems.push(Problem::new(
            "file.empty",
            Severity::Error,
            "The file is empty.",
        ));
        return file;
    }
    if jks::is_store(bytes) {
        jks::read_into(&mut file, bytes, passwords);
        return file;
    }
    let binary = !looks_like_text(bytes);
    if bytes.first() == Some(&0x30) && binary {
        der::read_into(&mut file, bytes, Encoding::Der, |i| i, None, passwords);
        return file;
    }
    if binary && bytes.len() <= LARGEST_MESSAGE && read_message(&mut file, bytes, &|i| i, passwords)
    {
        return file;
    }
    if is_data(bytes) {
        der::search(&mut file, bytes, passwords);
        return file;
    }
    let text = Text::of(bytes, &mut file.problems);
    armour::read_into(&mut file, &text, passwords);
    if file.objects.is_empty() && text.bytes.len() > LARGEST_DUMP {
        file.problems.push(Problem::new(
            "limit.dump",
            Severity::Error,
            format!(
                "refused: limit of {} MB for arrays and dumps. PEM and DER were looked for, and not found.",
                LARGEST_DUMP >> 20
            ),
        ));
    } else if file.objects.is_empty() {
        for blob in arrays::find(&text) {
            let at = |i: usize| blob.offsets.get(i).copied().unwrap_or(blob.end);
            if read_message(&mut file, &blob.bytes, &at, passwords) {
                continue;
            }
            if der::holds_element(&blob.bytes) {
                let span = (at(0), blob.end);
                der::read_into(
                    &mut file,
                    &blob.bytes,
                    blob.encoding,
                    at,
                    Some(span),
                    passwords,
                );
            }
        }
    }
    if file.objects.is_empty()
        && let Some(mut blob) = base64::bare(&text)
        && der::holds_element(&blob.bytes)
    {
        let span = (text.offset(blob.start), text.offset(blob.end));
        file.problems.push(
            Problem::new(
                "pem.no_header",
                Severity::Warning,
                "Base64 without BEGIN and END lines. Most devices want them.",
            )
            .at(span.0),
        );
        let places = std::mem::take(&mut blob.places);
        der::read_into(
            &mut file,
            &blob.bytes,
            Encoding::Base64,
            |i| text.offset(places.of_byte(i).unwrap_or(blob.end)),
            Some(span),
            passwords,
        );
        blob.bytes.zeroize();
    }
    if file.objects.is_empty() {
        der::search(&mut file, bytes, passwords);
    }
    file
}

/// Bytes of another kind than text: zeros inside, no byte order mark, no armour.
fn is_data(bytes: &[u8]) -> bool {
    let marked = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    !marked
        && memchr::memchr(0, bytes).is_some_and(|at| at + 1 < bytes.len())
        && memchr::memmem::find(bytes, b"-BEGIN ").is_none()
        && !looks_like_text(bytes)
}

/// Reads the certificates of a TLS Certificate message; false where there is none.
fn read_message(
    file: &mut CertFile,
    bytes: &[u8],
    file_offset: &dyn Fn(usize) -> usize,
    passwords: &Passwords,
) -> bool {
    let Some(message) = message::find(bytes) else {
        return false;
    };
    let at = |i: usize| {
        let last = message.places.last().map_or(0, |l| l + 1);
        file_offset(message.places.get(i).copied().unwrap_or(last))
    };
    file.problems.push(
        Problem::new(
            "tls.certificate_message",
            Severity::Note,
            format!(
                "A TLS Certificate message as TLS {} writes it, with {} certificates.",
                if message.is_13 { "1.3" } else { "1.2" },
                message.certificates.len()
            ),
        )
        .at(file_offset(0)),
    );
    for (from, to) in &message.certificates {
        let der = message.bytes.get(*from..*to).unwrap_or_default();
        der::read_into(
            file,
            der,
            Encoding::TlsMessage,
            |i| at(from + i),
            None,
            passwords,
        );
    }
    true
}

/// Nine of ten of the first bytes are printable or white.
fn looks_like_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..512).unwrap_or(bytes);
    let printable = head
        .iter()
        .filter(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
        .count();
    printable * 10 >= head.len() * 9
}

/// Adds an object and places its own problems in the file.
fn add(
    file: &mut CertFile,
    mut content: Content,
    place: (usize, usize),
    encoding: Encoding,
    label: Option<String>,
    der_bytes: usize,
    file_offset: &dyn Fn(usize) -> usize,
) {
    if let Content::Certificate(certificate) = &mut content {
        for problem in &mut certificate.problems {
            if let Some(at) = problem.der_offset.and_then(|o| usize::try_from(o).ok()) {
                problem.offset = u64::try_from(file_offset(at)).ok();
            }
        }
    }
    file.objects.push(Object {
        content,
        encoding,
        label,
        offset: place.0,
        file_bytes: place.1.saturating_sub(place.0),
        der_bytes,
    });
}
