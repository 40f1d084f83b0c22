//! One line as the window shows it: time, text, and what it means in words.
//!
//! Pure and per line, so that only visible rows are ever read. In: the bytes of one line. Out: text
//! made safe to show.

use crate::evidence::{ConnectResult, Direction, Event};
use crate::tls::{Alert, CipherSuite, HandshakeType, ProtocolVersion};

use super::prefilter::{Readers, prefilter};
use super::{application, mbedtls, prefix};

/// One line to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineView {
    /// Time as printed, without date; empty where none is.
    pub time: String,
    /// Text without time and decoration, control characters made visible, cut at 2,000 characters.
    pub text: String,
    /// What it means; empty where nothing is known.
    pub meaning: String,
}

/// At most this many characters of one line are shown.
const SHOWN: usize = 2_000;

/// Reads one line for people.
#[must_use]
pub fn annotate(line: &[u8]) -> LineView {
    let stripped = prefix::strip(line);
    let time = printed(line, stripped.rest);
    let mut meaning = String::new();
    let mut tell = |event: Event| {
        let words = words(&event);
        if !words.is_empty() && !meaning.contains(&words) {
            if !meaning.is_empty() {
                meaning.push_str(" · ");
            }
            meaning.push_str(&words);
        }
    };
    if let Some(trace) = mbedtls::trace_line(line) {
        let mut decoder = mbedtls::MbedTls::default();
        decoder.take(&trace, &mut tell);
    } else {
        let mut may_say = prefilter().scan(stripped.tagged);
        let claim = super::devices::take(stripped.tagged, None, &mut tell);
        if claim.is_some_and(|c| c.code) {
            may_say = may_say.without(Readers::CODES);
        }
        if claim.is_some_and(|c| c.words) {
            may_say = may_say.without(Readers::CONDITIONS);
        }
        application::Application::new(&[]).take(stripped.rest, may_say, &mut tell);
    }
    if meaning.is_empty() && memchr::memmem::find(line, b"7E").is_some() {
        meaning = super::xbee::pasted_words(stripped.rest);
    }
    let shown = if stripped.tag.is_empty() {
        visible(stripped.rest)
    } else {
        format!("{}: {}", visible(stripped.tag), visible(stripped.rest))
    };
    LineView {
        time,
        text: shown,
        meaning,
    }
}

/// A frame of a module for people, from its bytes as they came; its bytes stand behind it on demand.
#[must_use]
pub fn annotate_frame(frame: &[u8]) -> LineView {
    let mut view = LineView::default();
    let mut reader = super::xbee::Frames::default();
    reader.push(frame, &mut |piece| {
        if let super::xbee::Piece::Frame { data, .. } = piece {
            (view.text, view.meaning) = super::xbee::frame_words(data);
        }
    });
    view
}

/// The time as it stands in front of the line.
fn printed(line: &[u8], rest: &[u8]) -> String {
    let front = &line[..line.len() - rest.len()];
    let Some(end) = prefix::strip(line).stamp.map(|_| front.len()) else {
        return String::new();
    };
    let text = String::from_utf8_lossy(&front[..end]);
    // From the last colon-separated time or the bracketed number.
    if let Some(at) = text
        .find(" (")
        .and_then(|i| text[i + 2..].find(')').map(|e| (i + 2, i + 2 + e)))
    {
        return text[at.0..at.1].to_owned();
    }
    text.split([' ', 'T', '[', ']'])
        .find(|part| part.contains(':') || part.contains('.'))
        .unwrap_or("")
        .trim_end_matches(['Z', ',', '-', '>'])
        .to_owned()
}

/// Text with everything that could deceive made visible: control characters, escapes, bidi marks.
#[must_use]
fn visible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for (shown, c) in text.chars().enumerate() {
        if shown == SHOWN {
            let more = text.chars().count() - SHOWN;
            out.push_str(&format!("… {more} more"));
            break;
        }
        match c {
            '\t' => out.push_str("    "),
            '\u{1b}' => out.push_str("‹ESC›"),
            '\0' => out.push_str("‹NUL›"),
            c if c.is_control() => out.push_str(&format!("‹{:02X}›", u32::from(c))),
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200b}'..='\u{200f}'
            | '\u{feff}' => {
                out.push_str(&format!("‹U+{:04X}›", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

fn message(msg_type: u16) -> &'static str {
    if msg_type == crate::evidence::CCS {
        return "ChangeCipherSpec";
    }
    u8::try_from(msg_type)
        .ok()
        .and_then(|t| HandshakeType(t).step())
        .map_or("message", |s| s.title())
}

/// An event in a few words; empty for those that say nothing alone.
pub(super) fn words(event: &Event) -> String {
    let way = |d: &Direction| {
        if *d == Direction::Sent {
            "sent"
        } else {
            "received"
        }
    };
    match event {
        Event::SessionStart => "a new attempt begins".into(),
        Event::HandshakeCalled => "the application lets the library go on".into(),
        Event::HandshakeReturned => "the library returns to the application".into(),
        Event::State { name, number, .. } => match (name, number) {
            (Some(name), Some(n)) => format!("enters state {n} {name}"),
            (Some(name), None) => format!("enters state {name}"),
            (None, Some(n)) => format!("enters state {n} (its name depends on the version)"),
            _ => String::new(),
        },
        Event::AppStep {
            state,
            result,
            rule,
        } => {
            let state = state.map_or(String::new(), |s| match mbedtls::state_name(s, None) {
                Some(name) => format!("enters state {s} {name}"),
                None => format!("enters state {s}"),
            });
            let result = result.map_or(String::new(), |r| format!(", result {r}"));
            format!("{state}{result} (rule \"{rule}\")")
        }
        Event::Message {
            msg_type,
            direction,
            size,
            ..
        } => {
            let size = size.map_or(String::new(), |s| format!(", {s} bytes"));
            format!("{} {}{size}", message(u16::from(*msg_type)), way(direction))
        }
        Event::MessageBegun {
            msg_type,
            direction,
        } => {
            let verb = if *direction == Direction::Sent {
                "begins to write"
            } else {
                "begins to read"
            };
            format!("{verb} {}", message(*msg_type))
        }
        Event::MessageEnded {
            msg_type, skipped, ..
        } => {
            format!(
                "{} {}",
                message(*msg_type),
                if *skipped { "skipped" } else { "done" }
            )
        }
        Event::Record {
            direction,
            content_type,
            version,
            len,
        } => {
            let kind = crate::tls::ContentType(*content_type)
                .name()
                .map_or_else(|| format!("type {content_type}"), str::to_owned);
            format!(
                "{kind} record {}, {} bytes + 5 of header, {}",
                way(direction),
                len,
                ProtocolVersion(*version)
            )
        }
        Event::Read { got } => format!(
            "{got} bytes came from TCP. Not an error: the bracket is −{got} printed unsigned"
        ),
        Event::Wrote { took } => format!(
            "{took} bytes taken by TCP. Not an error: the bracket is −{took} printed unsigned"
        ),
        Event::ReadWants { have, want: 5 } => format!("wants a 5-byte record header, has {have}"),
        Event::ReadWants { have, want } => format!("wants {want} bytes, has {have}"),
        Event::WriteWants { left: 0 }
        | Event::Extension { .. }
        | Event::Random { .. }
        | Event::OfferedVersion { .. } => String::new(),
        Event::Wire { remark, .. } => remark.clone(),
        Event::WriteWants { left } => format!("{left} bytes to be sent"),
        Event::Alert {
            level,
            number,
            direction,
        } => {
            let level = match level {
                Some(1) => "warning ",
                Some(2) => "fatal ",
                _ => "",
            };
            format!("{level}{} {}", Alert(*number), way(direction))
        }
        Event::Code { code, .. } => format!("code −0x{:04X} ({code})", code.unsigned_abs()),
        Event::ErrorName { name, .. } => format!("error {name}"),
        Event::VerifyFlags(flags) => format!("certificate check failed, flags 0x{flags:02X}"),
        Event::VerifyText(name) => format!("verify flag {name}"),
        Event::Condition { name, value } => {
            let says = super::condition_names()
                .iter()
                .find(|(n, _)| n == name)
                .map_or("", |(_, s)| s);
            match value {
                Some(v) if *name == "alloc_failed" => format!("an allocation of {v} bytes failed"),
                _ => says.to_owned(),
            }
        }
        Event::OfferedSuite(id) => format!("offers {}", CipherSuite(*id)),
        Event::ChosenSuite(id) => format!("the server chose {}", CipherSuite(*id)),
        Event::ChosenGroup(name) => format!("group {name}"),
        Event::OfferedGroup(id) => format!("offers group 0x{id:04X}"),
        Event::OfferedSignature(id) => format!("offers signature scheme 0x{id:04X}"),
        Event::ChosenVersion(v) => ProtocolVersion(*v).to_string(),
        Event::KeyExchangeSignature { scheme, len } => {
            format!("signature algorithm 0x{scheme:04X}, signature of {len} bytes")
        }
        Event::PeerError { name } => format!("the server gives up: {name}"),
        Event::DeviceClosed => "the server sees the device close or reset the connection".into(),
        Event::ServerName(name) => format!("asks for the name {name} (SNI)"),
        Event::Alpn(name) => format!("asks for the protocol {name} (ALPN)"),
        Event::PeerCertificate(_) => String::new(),
        Event::NotTls(_) => "what came is not TLS".into(),
        Event::Connect { result } => match result {
            ConnectResult::Connected => "TCP is connected".into(),
            ConnectResult::DnsFailed => "the host name did not resolve".into(),
            ConnectResult::Refused => "the connection was refused".into(),
            ConnectResult::TimedOut => "no answer to the connection request".into(),
            ConnectResult::Failed => "the connection failed".into(),
        },
        Event::Target(host) => format!("connects to {host}"),
        Event::Setting { fact, value } => {
            let name = fact.rsplit('.').next().unwrap_or(fact).replace('_', " ");
            format!("setting: {name} = {}", value.display())
        }
        Event::Request { what, .. } | Event::Answer { what, .. } => what.to_string(),
        Event::Frame { says, .. } => says.to_string(),
        Event::Reached(_) | Event::Command { .. } | Event::Reply { .. } => String::new(),
        Event::GaveUp { .. } => "the device gives up".into(),
        Event::Established => "TLS is up".into(),
        Event::PeerClosed => "the peer closed TCP (end of file)".into(),
        Event::PeerReset => "TCP was reset".into(),
        Event::DeviceClock(_) | Event::Role(_) => String::new(),
        Event::Damaged { bytes } => format!("{bytes} bytes of this line are not shown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_words() {
        let v = annotate(b"ssl_tls.c:2784: ssl->f_send() returned 45 (-0xffffffd3)");
        assert!(
            v.meaning.starts_with("45 bytes taken by TCP. Not an error"),
            "{}",
            v.meaning
        );
        let v = annotate(
            b"06/04 07:54:19.420 I SysLog     [DIAG] IOT TLS handshake step (5) Data: 12/0",
        );
        assert_eq!(v.time, "07:54:19.420");
        assert!(
            v.meaning.contains("SERVER_CHANGE_CIPHER_SPEC"),
            "{}",
            v.meaning
        );
        let v = annotate(b"I (75967) mbedtls: ssl_tls.c:4374 bad message length");
        assert_eq!(v.time, "75967");
        assert!(v.meaning.contains("input buffer"), "{}", v.meaning);
    }

    #[test]
    fn hostile_text_is_made_visible() {
        let v = annotate("a\x1b]0;title\x07 \u{202e}b\0".as_bytes());
        assert!(!v.text.contains('\x1b') && !v.text.contains('\u{202e}') && !v.text.contains('\0'));
        assert!(
            v.text.contains("‹ESC›") && v.text.contains("‹U+202E›") && v.text.contains("‹NUL›")
        );
        let long = vec![b'x'; 1_048_576];
        assert!(annotate(&long).text.ends_with("more"));
    }
}
