//! Commands of modems that carry a certificate and announce its size.
//!
//! In: a text and where its PEM blocks stand. Out: problems where the size of the command is not the
//! size of what follows: the modem then waits for more, or cuts. The commands are read from their
//! manuals: u-blox AT commands manual (+USECMNG), ST UM2114 (+S.TLSCERT), Quectel FILE manual
//! (+QFUPL), Telit SSL guide (#SSLSECDATA), `SIMCom` SSL note (+CCERTDOWN), Nordic AT reference
//! (%CMNG, without a size).

use std::sync::OnceLock;

use regex::bytes::Regex;

use super::text::Text;
use crate::cert::file::CertFile;
use crate::cert::problem::{Problem, Severity};

/// What stands between a command and its certificate is at most this: echo, prompt, answers.
const FARTHEST: usize = 400;

const COMMANDS: [(&str, &str); 6] = [
    (
        "AT+USECMNG",
        r#"(?i-u)AT\+USECMNG=0,\d+,"?[^",\r\n]*"?,(\d{1,7})"#,
    ),
    (
        "AT+S.TLSCERT",
        r"(?i-u)AT\+S\.TLSCERT2?=(?:f_)?(?:ca|cert|key),(\d{1,7})",
    ),
    ("AT+QFUPL", r#"(?i-u)AT\+QFUPL="[^"\r\n]*",(\d{1,7})"#),
    ("AT#SSLSECDATA", r"(?i-u)AT#SSLSECDATA=\d+,1,\d+,(\d{1,7})"),
    (
        "AT+CCERTDOWN",
        r#"(?i-u)AT\+CCERTDOWN="[^"\r\n]*",(\d{1,7})"#,
    ),
    ("AT%CMNG", r"(?i-u)AT%CMNG=0,\d+,\d+,?()"),
];

fn patterns() -> &'static [(&'static str, Regex)] {
    static CELL: OnceLock<Vec<(&'static str, Regex)>> = OnceLock::new();
    CELL.get_or_init(|| {
        COMMANDS
            .iter()
            .filter_map(|(name, text)| Some((*name, Regex::new(text).ok()?)))
            .collect()
    })
}

/// Looks before the block from `start` to `end` of the text.
pub(super) fn tell(file: &mut CertFile, text: &Text, start: usize, end: usize) {
    let from = start.saturating_sub(FARTHEST);
    let before = text.bytes.get(from..start).unwrap_or_default();
    // A block between belongs to an earlier command.
    let after = memchr::memmem::rfind(before, b"-END ").map_or(0, |at| at + 5);
    let before = before.get(after..).unwrap_or_default();
    let found = patterns().iter().find_map(|(name, pattern)| {
        let captures = pattern.captures_iter(before).last()?;
        let size = captures.get(1)?;
        let size = std::str::from_utf8(size.as_bytes())
            .ok()?
            .parse::<usize>()
            .ok();
        Some((*name, size, captures.get(0)?.start()))
    });
    let Some((name, size, at)) = found else {
        return;
    };
    let place = from + after + at;
    let mut say = |id, severity, sentence: String| {
        let mut problem = Problem::new(id, severity, sentence).at(text.offset(place));
        problem.line = Some(text.line(place));
        file.problems.push(problem);
    };
    let Some(size) = size else {
        say(
            "at.command",
            Severity::Note,
            format!("The certificate stands behind {name}."),
        );
        return;
    };
    let sizes = sizes_of(text.bytes.get(start..end).unwrap_or_default());
    if sizes.iter().any(|(_, n)| *n == size) {
        let how = sizes
            .iter()
            .find(|(_, n)| *n == size)
            .map_or("", |(how, _)| how);
        say(
            "at.command",
            Severity::Note,
            format!("{name} announces {size} bytes, the size of the block {how}."),
        );
        return;
    }
    let [(_, lf), .., (_, crlf)] = sizes;
    let end_of = if size > crlf {
        "the modem waits for the rest"
    } else if size < lf {
        "the modem cuts the rest"
    } else {
        "it fits neither"
    };
    say(
        "at.size",
        Severity::Error,
        format!(
            "{name} announces {size} bytes; the block has {lf} with LF and {crlf} with CR LF and a last line end: {end_of}."
        ),
    );
}

/// Sizes that the block can have, smallest first: LF or CR LF, without or with a last line end.
fn sizes_of(block: &[u8]) -> [(&'static str, usize); 4] {
    let lines = memchr::memchr_iter(b'\n', block).count();
    let bare = block.iter().filter(|b| **b != b'\r').count();
    [
        ("with LF and no last line end", bare),
        ("with LF", bare + 1),
        ("with CR LF and no last line end", bare + lines),
        ("with CR LF", bare + lines + 2),
    ]
}
