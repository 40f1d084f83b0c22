//! What is wrong with the outer shape of DER: lengths and nesting.

use crate::cert::tlv::{self, TlvError};

/// Id, sentence and offset for a first length that is wrong.
pub(super) fn of_length(rest: &[u8], error: &TlvError) -> (&'static str, String, usize) {
    match error {
        TlvError::TooLong {
            declared,
            left,
            header,
            ..
        } => {
            let (id, what) = if *declared > 0x00FF_FFFF {
                ("der.length_impossible", "No certificate is that large.")
            } else if inner_end(rest, *header).is_some_and(|end| end == rest.len()) {
                (
                    "der.length_too_big",
                    "The parts inside end where the data ends, so the outer length is wrong.",
                )
            } else {
                ("der.truncated", "The data is cut.")
            };
            (
                id,
                format!(
                    "The first length declares {declared} bytes of content and {left} are there. {what}"
                ),
                0,
            )
        }
        TlvError::Indefinite { .. } => (
            "der.indefinite_length",
            "The outer element has an indefinite length (30 80), which is BER and not DER. TLS stacks refuse it.".into(),
            0,
        ),
        other => ("der.damaged", other.to_string(), other.offset()),
    }
}

/// Where the last part inside an element with a wrong length ends.
fn inner_end(der: &[u8], header: usize) -> Option<usize> {
    let mut at = header;
    let mut parts = 0;
    while at < der.len() {
        at = tlv::read(der, at, der.len()).ok()?.end();
        parts += 1;
    }
    (parts >= 3).then_some(at)
}

/// How deep constructed elements are nested along their first parts; not counted beyond `most`.
pub(super) fn depth(der: &[u8], most: usize) -> usize {
    let mut deep = 0;
    let (mut at, mut end) = (0, der.len());
    while deep <= most {
        match tlv::read(der, at, end) {
            Ok(tlv) if tlv.tag & 0x20 != 0 => {
                at = tlv.content();
                end = tlv.end();
                deep += 1;
            }
            _ => break,
        }
    }
    deep
}
