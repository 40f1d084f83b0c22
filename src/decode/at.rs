//! AT dialogues of modems and modules: which line is a command, which answers it, which comes unasked.
//!
//! In: one line without its time, and what a pattern file expects of the command. Out: commands and
//! answers as they are, and at the end of a connection request what its success or failure proves.
//! Must not know what a command means: that is data (`assets/dialects/devices/`).

use crate::evidence::{Event, ReplyKind};

use super::devices::{self, Expect};
use super::prefilter::Anchors;

/// Longest command or answer that is kept; certificates and keys follow on lines of their own.
const KEPT: usize = 400;
/// An answer of plain text (`ATI`, `AT+CGMR`) has at most so many lines.
const PLAIN_LINES: u8 = 8;
/// So many lines of something else may stand between a command and its answer.
const PATIENCE: u16 = 400;

/// Reader of the dialogue of one input.
#[derive(Debug, Default)]
pub(super) struct AtSession {
    open: Option<Open>,
    /// A command was seen: only then are `+NAME:` lines a modem's.
    talks: bool,
}

/// A command whose final result has not come.
#[derive(Debug)]
struct Open {
    text: String,
    /// `+QSSLOPEN` of `AT+QSSLOPEN=1,…`; empty of a bare `AT`.
    name: String,
    expect: Option<Expect>,
    plain: u8,
    others: u16,
}

/// Texts behind which a command may stand; elsewhere it begins its line ([`may_begin`]).
pub(super) fn anchors() -> Anchors {
    Anchors::exact(MARKS)
}

/// Does the line begin as a command does?
pub(super) fn may_begin(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let line = line
        .strip_prefix(b"> ")
        .or_else(|| line.strip_prefix(b"< "))
        .unwrap_or(line);
    let line = line.strip_prefix(b"\"").unwrap_or(line).trim_ascii_start();
    matches!(line, [b'A' | b'a', b'T' | b't', ..])
}

impl AtSession {
    /// Every line may be part of the dialogue.
    pub(super) fn open(&self) -> bool {
        self.open.is_some() || self.talks
    }

    /// Takes one line; `true` when it belongs to a dialogue.
    pub(super) fn take(
        &mut self,
        line: &[u8],
        expect: Option<Expect>,
        emit: &mut dyn FnMut(Event),
    ) -> bool {
        let line = core(line);
        if line.is_empty() {
            return false;
        }
        if let Some(command) = command(line) {
            self.command(command, expect, emit);
            return true;
        }
        if self.open.is_some() {
            return self.answer(line, emit);
        }
        if self.talks && unasked(line).is_some() {
            reply(line, ReplyKind::Unasked, emit);
            return true;
        }
        false
    }

    fn command(&mut self, command: &[u8], expect: Option<Expect>, emit: &mut dyn FnMut(Event)) {
        let text = shown(command);
        if self.open.as_ref().is_some_and(|o| o.text == text) {
            // The module's echo of what was sent, or the terminal's own.
            return;
        }
        let name = name_of(command);
        self.talks = true;
        emit(Event::Command {
            text: text.as_str().into(),
        });
        self.open = Some(Open {
            text,
            name,
            expect,
            plain: 0,
            others: 0,
        });
    }

    fn answer(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Some(open) = &mut self.open else {
            return false;
        };
        if let Some(ok) = end(line) {
            let expect = open.expect.take();
            self.open = None;
            let kind = if ok { ReplyKind::Ok } else { ReplyKind::Failed };
            reply(line, kind, emit);
            if let Some(expect) = expect {
                devices::ended(expect, ok, &shown(line), emit);
            }
            return true;
        }
        if line.starts_with(b"CONNECT") {
            reply(line, ReplyKind::Info, emit);
            // A data connection is up; an upload only begins.
            if let Some(expect) = open.expect.take() {
                devices::ended(expect, true, &shown(line), emit);
            }
            return true;
        }
        if let Some(name) = unasked(line) {
            let own = name.eq_ignore_ascii_case(open.name.as_bytes());
            let kind = if own {
                ReplyKind::Info
            } else {
                ReplyKind::Unasked
            };
            reply(line, kind, emit);
            return true;
        }
        let asks = asks_plain(&open.name);
        if asks && open.plain < PLAIN_LINES {
            open.plain += 1;
            reply(line, ReplyKind::Info, emit);
            return true;
        }
        open.others += 1;
        if open.others > PATIENCE {
            self.open = None;
        }
        false
    }
}

/// `modem: >> AT+CSQ`, `-> AT`, `[TX] AT`, `<- OK`; the marks stand near the front.
const MARKS: [&str; 10] = [
    ">> ", "<< ", "-> ", "<- ", "[TX] ", "[RX] ", "TX: ", "RX: ", "=> ", "<= ",
];

/// The line without the marks by which consoles tell who speaks.
fn core(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    let front = line.len().min(40);
    for mark in MARKS {
        let found = memchr::memmem::find(line.get(..front).unwrap_or(line), mark.as_bytes());
        if let Some(rest) = found.and_then(|at| line.get(at + mark.len()..)) {
            line = rest.trim_ascii_start();
            break;
        }
    }
    let line = line
        .strip_prefix(b"> ")
        .or_else(|| line.strip_prefix(b"< "))
        .unwrap_or(line);
    // What an echo and its console leave around the text.
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    line.strip_suffix(b"\\r\\n")
        .or_else(|| line.strip_suffix(b"\\r"))
        .unwrap_or(line)
        .trim_ascii()
}

/// The command of a line that is one: `AT` alone, or followed by a sign or a basic command.
fn command(line: &[u8]) -> Option<&[u8]> {
    let [b'A' | b'a', b'T' | b't', rest @ ..] = line else {
        return None;
    };
    let is = match rest {
        [] => true,
        [
            b'+' | b'#' | b'%' | b'$' | b'^' | b'!' | b'&' | b'*' | b'_' | b'@',
            next,
            ..,
        ] => next.is_ascii_alphanumeric(),
        // `ATI`, `ATE0`, `ATD*99#`, `ATH`; no words of a sentence.
        [
            b'I' | b'i' | b'E' | b'e' | b'D' | b'd' | b'H' | b'h' | b'Z' | b'z' | b'V' | b'v'
            | b'O' | b'A',
            digits @ ..,
        ] => digits
            .iter()
            .all(|b| b.is_ascii_digit() || b"*#;,+".contains(b)),
        _ => false,
    };
    is.then_some(line)
}

/// `+QSSLOPEN` of `AT+QSSLOPEN=1`, without what is set or asked.
fn name_of(command: &[u8]) -> String {
    let rest = command.get(2..).unwrap_or_default();
    let end = rest
        .iter()
        .position(|b| matches!(b, b'=' | b'?' | b' ' | b';'))
        .unwrap_or(rest.len());
    String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned()
}

/// Final results: success, failure, or none.
fn end(line: &[u8]) -> Option<bool> {
    const GOOD: [&[u8]; 5] = [b"OK", b"SEND OK", b"SHUT OK", b"CONNECT OK", b"CLOSE OK"];
    const BAD: [&[u8]; 9] = [
        b"ERROR",
        b"FAIL",
        b"NO CARRIER",
        b"NO ANSWER",
        b"NO DIALTONE",
        b"BUSY",
        b"SEND FAIL",
        b"CONNECT FAIL",
        b"ABORTED",
    ];
    if GOOD.contains(&line) || line.starts_with(b"AT-S.OK") {
        return Some(true);
    }
    let bad = BAD.contains(&line)
        || line.starts_with(b"+CME ERROR:")
        || line.starts_with(b"+CMS ERROR:")
        || line.starts_with(b"AT-S.ERROR");
    bad.then_some(false)
}

/// The name of a line such as `+QSSLURC: "closed",4`.
pub(super) fn unasked(line: &[u8]) -> Option<&[u8]> {
    let [b'+' | b'#' | b'%' | b'^', first, ..] = line else {
        return None;
    };
    let colon = memchr::memchr(b':', line.get(..line.len().min(24))?)?;
    let name = line.get(..colon)?;
    let fits = first.is_ascii_alphabetic()
        && name
            .iter()
            .skip(1)
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (fits && name.len() > 2).then_some(name)
}

/// Commands that are answered by plain text.
fn asks_plain(name: &str) -> bool {
    matches!(
        name.to_ascii_uppercase().as_str(),
        "I" | "I0" | "I1" | "I9" | "+CGMR" | "+CGMM" | "+CGMI" | "+GMR" | "+GMM" | "+GMI" | "+CGSN"
    )
}

fn reply(line: &[u8], kind: ReplyKind, emit: &mut dyn FnMut(Event)) {
    emit(Event::Reply {
        text: shown(line).into(),
        kind,
    });
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line.get(..line.len().min(KEPT)).unwrap_or(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Event> {
        let mut session = AtSession::default();
        let mut events = Vec::new();
        for line in lines {
            session.take(line.as_bytes(), None, &mut |e| events.push(e));
        }
        events
    }

    fn said(lines: &[&str]) -> Vec<String> {
        read(lines)
            .into_iter()
            .map(|e| match e {
                Event::Command { text } => format!("> {text}"),
                Event::Reply { text, kind } => format!("{kind:?} {text}"),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_dialogue_with_echo_and_marks() {
        assert_eq!(
            said(&[
                "AT+CSQ",
                "AT+CSQ",
                "+CSQ: 20,99",
                "OK",
                "+QSSLURC: \"closed\",4"
            ]),
            [
                "> AT+CSQ",
                "Info +CSQ: 20,99",
                "Ok OK",
                "Unasked +QSSLURC: \"closed\",4"
            ]
        );
        assert_eq!(
            said(&["modem: >> AT+COPS?", "modem: << +CME ERROR: 30"]),
            ["> AT+COPS?", "Failed +CME ERROR: 30"]
        );
        assert_eq!(
            said(&["ATI", "Quectel", "BG96", "OK"]),
            ["> ATI", "Info Quectel", "Info BG96", "Ok OK"]
        );
    }

    #[test]
    fn other_logs_have_no_dialogue() {
        assert!(
            read(&[
                "OK",
                "ERROR",
                "+NOTE: x",
                "At last it works",
                "ATTENTION",
                "ATED",
                "AT+"
            ])
            .is_empty()
        );
    }
}
