//! What a serial line does to text, and how much of it can be undone.
//!
//! In: one line, or a text with what it should begin with. Out: the line without bytes that no text
//! has; what stands behind a known beginning that lost or gained a few bytes in one place. Nothing
//! is guessed: a number that damage touches is not put together. Must not know what a text means.

use std::borrow::Cow;

/// Bytes that an overrun of a UART may cost in one place.
const MOST_LOST: usize = 6;
/// Bytes that noise may put in one place.
const MOST_GAINED: usize = 12;

/// The line without the bytes of a wrong baud rate: runs with control characters or with bytes that
/// are no UTF-8. Terminals show some of them as `?`; `~` is 0x7E, a common one. Between two letters
/// or digits one `?` is left, so that no number grows together from its halves. A lone byte above
/// 0x7F stays: it may be a letter of an older encoding.
pub(super) fn without_junk(line: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let plain = |b: &u8| matches!(b, b'\t' | 0x1b | 0x20..=0x7e);
    if line.iter().all(plain) {
        return line;
    }
    let mut out = Vec::with_capacity(line.len());
    let mut rest: &[u8] = &line;
    let mut removed = false;
    while let Some(first) = rest.iter().position(|b| may_be_junk(*b)) {
        let (text, after) = rest.split_at(first);
        out.extend_from_slice(text);
        let end = after.iter().position(|b| !may_be_junk(*b));
        let (run, next) = after.split_at(end.unwrap_or(after.len()));
        rest = next;
        if !is_junk(run) {
            out.extend_from_slice(run);
            continue;
        }
        removed = true;
        let word = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
        if word(out.last()) && word(rest.first()) && (digit(out.last()) || digit(rest.first())) {
            out.push(b'?');
        }
    }
    if !removed {
        return line;
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

fn may_be_junk(b: u8) -> bool {
    matches!(b, b'?' | b'~') || is_control(b) || b >= 0x80
}

fn is_control(b: u8) -> bool {
    !matches!(b, b'\t' | 0x1b | 0x20..=0x7e | 0x80..)
}

fn is_junk(run: &[u8]) -> bool {
    let control = run.iter().any(|b| is_control(*b));
    control || (run.len() > 1 && std::str::from_utf8(run).is_err())
}

/// What stands behind `start` in `text`, which begins with it but for one place where bytes were
/// lost or put in. The last two bytes of `start` must stand, so that what follows is whole.
pub(super) fn after_damaged<'a>(text: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    let same = text.iter().zip(start).take_while(|(a, b)| a == b).count();
    if same == start.len() {
        return text.get(same..);
    }
    let least = start.len().saturating_sub(2);
    let lost = (1..=MOST_LOST).filter(|n| same + n <= least);
    let kept = |n: usize| start.get(same + n..).unwrap_or_default();
    for n in lost {
        if let Some(rest) = text.get(same..).and_then(|t| t.strip_prefix(kept(n))) {
            return Some(rest);
        }
    }
    (1..=MOST_GAINED).find_map(|n| text.get(same + n..)?.strip_prefix(kept(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(line: &[u8]) -> Vec<u8> {
        without_junk(Cow::Borrowed(line)).into_owned()
    }

    #[test]
    fn bytes_of_a_wrong_baud_rate_are_taken_out() {
        assert_eq!(clean(b"ssl_c~\xff\x1a\x80?li.c:3"), b"ssl_cli.c:3");
        assert_eq!(clean(b"\x7f\x0000:00:01.5 x"), b"00:00:01.5 x");
        assert_eq!(clean(b"extension:\x7f\xc3? a.test"), b"extension: a.test");
    }

    #[test]
    fn a_number_does_not_grow_together() {
        assert_eq!(clean(b"returned -30\xff\xfe592"), b"returned -30?592");
        assert_eq!(clean(b"09:33.\xff\xff170"), b"09:33.170");
    }

    #[test]
    fn text_in_any_encoding_stays() {
        for line in ["Prüfung fehlgeschlagen?", "tab\there ~ ok?", "日本語"] {
            assert_eq!(clean(line.as_bytes()), line.as_bytes());
        }
        assert_eq!(clean(b"Pr\xfcfung"), b"Pr\xfcfung", "Latin-1");
    }

    #[test]
    fn a_beginning_with_one_damaged_place_is_known() {
        let start = b"client hello, adding server name extension: ";
        for text in [
            &b"client hello, adding server name extension: a.test"[..],
            b"client hello, ading server name extension: a.test",
            b"client hello, addserver name extension: a.test",
            b"nt hello, adding server name extension: a.test",
            b"client hello, adding ser?~?ver name extension: a.test",
        ] {
            assert_eq!(after_damaged(text, start), Some(&b"a.test"[..]));
        }
        for text in [
            &b"client hello, adding session ticket extension"[..],
            b"client hello, adding server name extensiona.test",
            b"client hello, adding se",
            b"",
        ] {
            assert_eq!(after_damaged(text, start), None);
        }
    }
}
