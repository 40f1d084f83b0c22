//! Lines of the trace that noise damaged in one place, as far as they can still be read.
//!
//! In: a text that says nothing as it stands. Out: the same with its beginning mended, or that it
//! may have been the line with the server's name, whose absence would else be told as a fact.

use std::borrow::Cow;

use crate::decode::mend;

/// The line with the server's name.
const SERVER_NAME: &[u8] = b"client hello, adding server name extension: ";

/// Beginnings behind which a value stands. Each is long enough that one damaged place leaves no
/// doubt which it was.
const STARTS: [&[u8]; 9] = [
    SERVER_NAME,
    b"client hello, add ciphersuite: ",
    b"got an alert message, type: [",
    b"is a fatal alert message (msg ",
    b"send alert level=",
    b"handshake message: msglen = ",
    b"input record: msgtype = ",
    b"server hello, chosen ciphersuite: ",
    b"peer certificate #",
];

/// The text with a whole beginning, where it is one of [`STARTS`] and damaged.
pub(super) fn mended(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    STARTS.iter().find_map(|start| {
        let value = mend::after_damaged(text, start)?;
        (value.len() + start.len() != text.len()).then(|| Cow::Owned([*start, value].concat()))
    })
}

/// Parts of [`SERVER_NAME`] that no other line of the trace has.
const PARTS: [&[u8]; 4] = [b"ver name", b"name ext", b"adding ser", b"g server n"];

/// Could this be what is left of the line with the server's name?
pub(super) fn may_name_server(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let has = |part: &&[u8]| memchr::memmem::find(text, part).is_some();
    SERVER_NAME.starts_with(text) || PARTS.iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_beginning_is_mended_and_its_value_kept() {
        let mended = mended(b"got an alrt message, type: [2:40]").unwrap();
        assert_eq!(&*mended, b"got an alert message, type: [2:40]");
        for text in [
            &b"got an alert message, type: [2:40]"[..],
            b"client hello, adding session ticket extension",
            b"set_timer to 0 ms",
            b"",
        ] {
            assert_eq!(super::mended(text), None);
        }
    }

    #[test]
    fn what_is_left_of_the_line_with_the_name() {
        for text in [
            &b"client hello, add"[..],
            b"client hello, aing server na",
            b"",
        ] {
            assert!(may_name_server(text));
        }
        assert!(!may_name_server(
            b"client hello, adding session ticket extension"
        ));
        assert!(!may_name_server(b"client hello, session id len.: 0"));
    }
}
