//! Reads a file by its content: armoured, encoded or as source code.
//!
//! In: a name to show and bytes. Out: [`CertFile`]. Nothing is refused as a whole: what is damaged is
//! named with its offset, and what is readable is there. Must not touch the disk.

mod armour;
mod arrays;
mod base64;
mod der;
mod private_key;
mod text;

pub use private_key::read_private_key;

use zeroize::Zeroize;

use super::file::{CertFile, Content, Encoding, Object};
use super::problem::{Problem, Severity};
use text::Text;

/// Reads `bytes`, shown as `name`.
#[must_use]
pub fn read(name: &str, bytes: &[u8]) -> CertFile {
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
    if bytes.first() == Some(&0x30) && !looks_like_text(bytes) {
        der::read_into(&mut file, bytes, Encoding::Der, |i| i, None);
        return file;
    }
    let text = Text::of(bytes, &mut file.problems);
    armour::read_into(&mut file, &text);
    if file.objects.is_empty() {
        for blob in arrays::find(&text) {
            let at = |i: usize| blob.offsets.get(i).copied().unwrap_or(blob.end);
            if der::holds_element(&blob.bytes) {
                let span = (at(0), blob.end);
                der::read_into(&mut file, &blob.bytes, blob.encoding, at, Some(span));
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
            |i| text.offset(places.get(i * 4 / 3).copied().unwrap_or(blob.end)),
            Some(span),
        );
        blob.bytes.zeroize();
    }
    if file.objects.is_empty() {
        der::search(&mut file, bytes);
    }
    file
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
