//! The library's texts that are not function traces, hex dumps or certificates.
//!
//! Texts are those of `library/ssl_*.c` at the tags 2.4.0, 2.16.x, 2.28.10 and 3.6.5.

use std::sync::Arc;

use super::dump::Title;
use super::line::digits;
use crate::evidence::{Direction, Event, Role};

/// `client state: 12`, `client state: MBEDTLS_SSL_SERVER_HELLO`, `tls13 server state: NAME(2)`.
#[must_use]
pub fn state(text: &[u8]) -> Option<(Role, Option<u16>, Option<&'static str>)> {
    let text = text.strip_prefix(b"tls13 ").unwrap_or(text);
    let (role, value) = if let Some(v) = text.strip_prefix(b"client state: ") {
        (Role::Client, v)
    } else {
        (Role::Server, text.strip_prefix(b"server state: ")?)
    };
    if let Some((n, _)) = digits(value) {
        return Some((role, u16::try_from(n).ok(), None));
    }
    let end = value
        .iter()
        .position(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        .unwrap_or(value.len());
    let name = value[..end]
        .strip_prefix(b"MBEDTLS_SSL_")
        .unwrap_or(&value[..end]);
    let number = value
        .get(end + 1..)
        .and_then(digits)
        .and_then(|(n, _)| u16::try_from(n).ok());
    Some((role, number, super::version::known_name(name)))
}

/// What a whole hex dump says.
#[must_use]
pub fn dumped(title: Title, bytes: Arc<[u8]>) -> Option<Event> {
    match title {
        Title::InputRecord | Title::InputHeader => {
            let first = *bytes.first()?;
            if !(20..=26).contains(&first) {
                return Some(Event::NotTls(bytes));
            }
            // A record in clear: the handshake message in it, where it is whole.
            let [22, _, _, _, _, msg_type, len @ ..] = &*bytes else {
                return None;
            };
            let [a, b, c, ..] = len else { return None };
            let whole = 9 + (usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c));
            let body = bytes.get(5..whole)?;
            Some(Event::Message {
                msg_type: *msg_type,
                direction: Direction::Received,
                size: None,
                bytes: Some(Arc::from(body)),
            })
        }
        Title::ServerKeyExchange => Some(Event::Message {
            msg_type: 12,
            direction: Direction::Received,
            size: None,
            bytes: Some(bytes),
        }),
        Title::ClientHelloExtensions => None,
        Title::ClientRandom | Title::ServerRandom => Some(Event::Random {
            from_client: title == Title::ClientRandom,
            random: (*bytes).try_into().ok()?,
        }),
    }
}

/// Reads one text.
pub fn event(text: &[u8], emit: &mut impl FnMut(Event)) {
    match text[0] {
        b'i' => input(text, emit),
        b's' => sent_or_server(text, emit),
        b'c' => client(text, emit),
        b'm' if text.starts_with(b"message length: ") => {
            if let Some(left) = number_after(text, b"out_left: ") {
                emit(Event::WriteWants { left });
            }
        }
        b'h' if text.starts_with(b"handshake message: msglen = ") => {
            if let (Some(msg_type), Some(size)) = (
                number_after(text, b"type = "),
                number_after(text, b"hslen = "),
            ) && let Ok(msg_type) = u8::try_from(msg_type)
            {
                emit(Event::Message {
                    msg_type,
                    direction: Direction::Received,
                    size: Some(size),
                    bytes: None,
                });
            }
        }
        b'h' if text.starts_with(b"handshake: done") => {
            emit(Event::Condition {
                name: "handshake_wrapup",
                value: None,
            });
        }
        b'o' if text.starts_with(b"output record: ") => record(text, Direction::Sent, emit),
        b'g' if text.starts_with(b"got an alert message, type: [") => {
            if let Some((level, rest)) = digits(&text[b"got an alert message, type: [".len()..])
                && let Some((number, _)) = rest.strip_prefix(b":").and_then(digits)
                && let (Ok(level), Ok(number)) = (u8::try_from(level), u8::try_from(number))
            {
                emit(Event::Alert {
                    level: Some(level),
                    number,
                    direction: Direction::Received,
                });
            }
        }
        b'r' if text.starts_with(b"reuse previously read message") => {
            emit(Event::Condition {
                name: "message_reused",
                value: None,
            });
        }
        b'r' if text.starts_with(b"received hello verify request") => {
            emit(Event::Condition {
                name: "hello_verify_request",
                value: None,
            });
        }
        b'r' if text.starts_with(b"received HelloRetryRequest") => {
            emit(Event::Condition {
                name: "hello_retry_request",
                value: None,
            });
        }
        b'u' if text.starts_with(b"unknown record type ") => {
            if let Some(first) = digits(&text[b"unknown record type ".len()..])
                .and_then(|(n, _)| u8::try_from(n).ok())
            {
                emit(Event::NotTls(Arc::from([first].as_slice())));
            }
            other(text, emit);
        }
        b'f' if text.starts_with(b"found ") => {
            if let Some(name) = text[6..].strip_suffix(b" extension") {
                emit(Event::Extension {
                    name: lossy(name),
                    from_client: false,
                });
            }
        }
        b'!' if text.starts_with(b"! Certificate verification flags ") => {
            let hex = &text[b"! Certificate verification flags ".len()..];
            let end = hex
                .iter()
                .position(|b| !b.is_ascii_hexdigit())
                .unwrap_or(hex.len());
            if let Some(flags) = std::str::from_utf8(&hex[..end])
                .ok()
                .and_then(|h| u32::from_str_radix(h, 16).ok())
            {
                emit(Event::VerifyFlags(flags));
            }
        }
        b'E' if text.starts_with(b"ECDH curve: ") => emit(Event::ChosenGroup(lossy(&text[12..]))),
        b'D' if text.starts_with(b"DHE group name: ") => {
            emit(Event::ChosenGroup(lossy(&text[16..])));
        }
        b'N' if text.starts_with(b"NamedGroup: ") => {
            let open = memchr::memchr(b'(', text).unwrap_or(text.len());
            if let Some(id) = text
                .get(open + 1..)
                .map(<[u8]>::trim_ascii_start)
                .and_then(hex16)
            {
                emit(Event::OfferedGroup(id));
            }
        }
        b'a' if text.starts_with(b"alloc(") => {
            let bytes = digits(&text[6..]).map(|(n, _)| i64::from(n));
            emit(Event::Condition {
                name: "alloc_failed",
                value: bytes,
            });
        }
        _ => other(text, emit),
    }
}

/// What has no shape of its own: return codes, then texts that the data file names.
fn other(text: &[u8], emit: &mut impl FnMut(Event)) {
    if returned(text, emit) {
        return;
    }
    if let Some(name) = text.strip_prefix(b"ciphersuite = ") {
        if let Some(id) = crate::tls::CipherSuite::from_name(&String::from_utf8_lossy(name)) {
            emit(Event::ChosenSuite(id.0));
        }
        return;
    }
    crate::decode::conditions::library().find(text, emit);
}

fn input(text: &[u8], emit: &mut impl FnMut(Event)) {
    if let Some(rest) = text.strip_prefix(b"in_left: ") {
        if let (Some((have, _)), Some(want)) = (digits(rest), number_after(text, b"nb_want: ")) {
            emit(Event::ReadWants { have, want });
        }
    } else if text.starts_with(b"input record: ") {
        record(text, Direction::Received, emit);
    } else if let Some(rest) = text.strip_prefix(b"is a fatal alert message (msg ") {
        if let Some(number) = digits(rest).and_then(|(n, _)| u8::try_from(n).ok()) {
            emit(Event::Alert {
                level: Some(2),
                number,
                direction: Direction::Received,
            });
        }
    } else if text.starts_with(b"is a close notify message") {
        emit(Event::Alert {
            level: Some(1),
            number: 0,
            direction: Direction::Received,
        });
    } else {
        other(text, emit);
    }
}

/// `input record: msgtype = 22, version = [3:3], msglen = 65`; 3.x prints `[0x303]`.
fn record(text: &[u8], direction: Direction, emit: &mut impl FnMut(Event)) {
    let (Some(kind), Some(len)) = (
        number_after(text, b"msgtype = "),
        number_after(text, b"msglen = "),
    ) else {
        return;
    };
    let version = memchr::memchr(b'[', text).and_then(|at| {
        let v = &text[at + 1..];
        if let Some(hex) = v.strip_prefix(b"0x") {
            return hex16(hex);
        }
        let (major, rest) = digits(v)?;
        let (minor, _) = digits(rest.strip_prefix(b":")?)?;
        u16::try_from(major << 8 | minor & 0xff).ok()
    });
    if let (Ok(kind), Some(version), Direction::Received) = (u8::try_from(kind), version, direction)
        && !(20..=26).contains(&kind)
    {
        // No record: the five bytes read as its header are the first of something else.
        let [major, minor] = version.to_be_bytes();
        let [_, _, high, low] = len.to_be_bytes();
        emit(Event::NotTls(Arc::from(
            [kind, major, minor, high, low].as_slice(),
        )));
        return;
    }
    if let (Ok(content_type), Some(version)) = (u8::try_from(kind), version) {
        emit(Event::Record {
            direction,
            content_type,
            version,
            len,
        });
    }
}

fn sent_or_server(text: &[u8], emit: &mut impl FnMut(Event)) {
    if text.starts_with(b"ssl->f_") {
        returned(text, emit);
    } else if text.starts_with(b"send alert level=") {
        if let (Some(level), Some(number)) = (
            number_after(text, b"level="),
            number_after(text, b"message="),
        ) && let (Ok(level), Ok(number)) = (u8::try_from(level), u8::try_from(number))
        {
            emit(Event::Alert {
                level: Some(level),
                number,
                direction: Direction::Sent,
            });
        }
    } else if let Some(rest) = text.strip_prefix(b"server hello, chosen ciphersuite: ") {
        // 2.x: `c030`; 3.x with TLS 1.3: `( 1302 ) - TLS1-3-AES-256-GCM-SHA384`; then the name again.
        let rest = rest.strip_prefix(b"( ").unwrap_or(rest);
        if let Some(id) =
            hex16(rest).filter(|_| rest.len() >= 4 && rest.get(4).is_none_or(|b| *b == b' '))
        {
            emit(Event::ChosenSuite(id));
        } else if let Some(id) = crate::tls::CipherSuite::from_name(&String::from_utf8_lossy(rest))
        {
            emit(Event::ChosenSuite(id.0));
        }
    } else if text.starts_with(b"sent signature scheme [") {
        if let Some(id) = hex16(&text[b"sent signature scheme [".len()..]) {
            emit(Event::OfferedSignature(id));
        }
    } else if let Some(name) = text.strip_prefix(b"selected ciphersuite: ") {
        if let Some(id) = crate::tls::CipherSuite::from_name(&String::from_utf8_lossy(name)) {
            emit(Event::ChosenSuite(id.0));
        }
    } else {
        other(text, emit);
    }
}

fn client(text: &[u8], emit: &mut impl FnMut(Event)) {
    let Some(rest) = text.strip_prefix(b"client hello, ") else {
        other(text, emit);
        return;
    };
    if let Some(suite) = rest.strip_prefix(b"add ciphersuite: ") {
        // 2.16: `c02c`; 2.28: `0xc02c (TLS-…)`; 3.x: `c02c, TLS-…`; 2.4 prints decimal-like hex too.
        if let Some(id) = hex16(suite.strip_prefix(b"0x").unwrap_or(suite)) {
            emit(Event::OfferedSuite(id));
        }
    } else if let Some(name) = rest.strip_prefix(b"adding server name extension: ") {
        emit(Event::ServerName(lossy(name)));
    } else if let Some(name) = rest
        .strip_prefix(b"adding ")
        .and_then(|r| r.strip_suffix(b" extension"))
    {
        emit(Event::Extension {
            name: lossy(name),
            from_client: true,
        });
    } else if let Some(v) = rest.strip_prefix(b"max version: [") {
        let max = digits(v).and_then(|(a, r)| Some(a << 8 | digits(r.strip_prefix(b":")?)?.0));
        emit(Event::OfferedVersion {
            min: None,
            max: max.and_then(|m| u16::try_from(m).ok()),
        });
    } else if let Some(t) = rest.strip_prefix(b"current time: ") {
        let seconds = std::str::from_utf8(t)
            .ok()
            .and_then(|t| t.trim().parse::<i64>().ok());
        if let Some(s) = seconds.filter(|s| (0..=u32::MAX.into()).contains(s)) {
            emit(Event::DeviceClock(s * 1_000_000));
        }
    } else {
        other(text, emit);
    }
}

/// `NAME() returned -29312 (-0x7280)`. A positive number is a count: the library prints its
/// two's complement in the bracket (`debug.c`), which looks like an error and is none.
fn returned(text: &[u8], emit: &mut impl FnMut(Event)) -> bool {
    let Some(at) = memchr::memmem::find(text, b" returned ") else {
        return false;
    };
    let function = text[..at].strip_suffix(b"()").unwrap_or(&text[..at]);
    let value = &text[at + b" returned ".len()..];
    if is_damaged(value) {
        return true;
    }
    let end = value
        .iter()
        .position(|b| !b.is_ascii_digit() && *b != b'-')
        .unwrap_or(value.len());
    let Some(value) = std::str::from_utf8(&value[..end])
        .ok()
        .and_then(|v| v.parse::<i64>().ok())
    else {
        return false;
    };
    let count = u32::try_from(value).ok();
    if function.starts_with(b"ssl->f_recv") {
        match (value, count) {
            (0, _) => emit(Event::PeerClosed),
            (_, Some(got)) => emit(Event::Read { got }),
            (-80, _) => emit(Event::PeerReset),
            _ => emit(super::code(b"f_recv", value)),
        }
    } else if function.starts_with(b"ssl->f_send") {
        match (value, count) {
            (_, Some(took)) => emit(Event::Wrote { took }),
            (-80, _) => emit(Event::PeerReset),
            _ => emit(super::code(b"f_send", value)),
        }
    } else if value < 0 {
        emit(super::code(function, value));
    }
    true
}

/// `-29312 (-0x7280)` is printed in both forms: one that ends before the bracket was cut, and two
/// that differ were damaged.
fn is_damaged(value: &[u8]) -> bool {
    let Some(open) = memchr::memmem::find(value, b" (-0x") else {
        return value.iter().all(|b| b.is_ascii_digit() || *b == b'-');
    };
    let (decimal, hex) = value.split_at(open);
    let hex = hex.get(b" (-0x".len()..).unwrap_or_default();
    let Some(close) = memchr::memchr(b')', hex) else {
        return false;
    };
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let decimal = text(decimal).and_then(|d| d.parse::<i64>().ok());
    let magnitude = text(&hex[..close]).and_then(|h| u32::from_str_radix(h, 16).ok());
    let (Some(decimal), Some(magnitude)) = (decimal, magnitude) else {
        return true;
    };
    // The library prints the two's complement of 32 bits.
    decimal.rem_euclid(1 << 32) != i64::from(magnitude.wrapping_neg())
}

fn number_after(text: &[u8], key: &[u8]) -> Option<u32> {
    let at = memchr::memmem::find(text, key)?;
    digits(&text[at + key.len()..]).map(|(n, _)| n)
}

fn hex16(text: &[u8]) -> Option<u16> {
    let n = text
        .iter()
        .take(5)
        .take_while(|b| b.is_ascii_hexdigit())
        .count();
    if !(1..=4).contains(&n) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&text[..n]).ok()?, 16).ok()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
