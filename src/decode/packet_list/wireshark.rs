//! A row of the packet list: `4 0.054 192.0.2.1 → 192.0.2.7 TLSv1.2 158 Server Hello, Certificate` as
//! tshark prints it and as it is copied from the window (number, time, source, destination, protocol,
//! length, info).

use super::Segment;

/// What the protocol column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Tcp,
    /// TLS or DTLS, with the version where the column names one.
    Tls(Option<u16>),
}

/// One row.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) what: What,
    pub(super) len: Option<u32>,
    pub(super) info: &'a str,
}

/// Reads a row; `None` for any other line.
pub(super) fn row(text: &str) -> Option<Row<'_>> {
    let (before, after) = text
        .split_once('\u{2192}')
        .or_else(|| text.split_once(" -> "))?;
    let from = before.trim_end().rsplit([' ', '\t']).next()?;
    let (to, rest) = word(after)?;
    let (protocol, rest) = word(rest)?;
    let what = what(protocol)?;
    if from.is_empty() || !(from.contains('.') || from.contains(':')) {
        return None;
    }
    let (len, info) = match word(rest) {
        Some((len, info)) if len.bytes().all(|b| b.is_ascii_digit()) => (len.parse().ok(), info),
        _ => (None, rest),
    };
    Some(Row {
        from,
        to,
        what,
        len,
        info: info.trim(),
    })
}

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty()).then_some((word, rest.trim_start()))
}

fn what(protocol: &str) -> Option<What> {
    Some(match protocol {
        "TCP" => What::Tcp,
        "TLS" | "SSL" | "DTLS" | "SSLv2" => What::Tls(None),
        "SSLv3" => What::Tls(Some(0x0300)),
        "TLSv1" => What::Tls(Some(0x0301)),
        "TLSv1.1" => What::Tls(Some(0x0302)),
        "TLSv1.2" => What::Tls(Some(0x0303)),
        "TLSv1.3" => What::Tls(Some(0x0304)),
        "DTLSv1.0" => What::Tls(Some(0xFEFF)),
        "DTLSv1.2" => What::Tls(Some(0xFEFD)),
        "DTLSv1.3" => What::Tls(Some(0xFEFC)),
        _ => return None,
    })
}

/// The info of a TCP row: `34754 → 39591 [SYN] Seq=0 Win=64240 Len=0 MSS=1460`, with remarks such as
/// `[TCP Retransmission]` in front.
pub(super) fn segment<'a>(row: &Row<'a>) -> Option<Segment<'a>> {
    let info = row.info;
    let (from_port, to_port) = ports(info)?;
    let noted = |words: &str| info.contains(words);
    let flags = ["[SYN", "[FIN", "[RST", "[ACK", "[PSH"]
        .iter()
        .filter_map(|start| info.find(start))
        .min()
        .and_then(|at| info.get(at + 1..)?.split(']').next())?;
    let number = |name: &str| -> Option<u32> {
        let digits = info.get(info.find(name)? + name.len()..)?;
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        digits.get(..end)?.parse().ok()
    };
    let len = number(" Len=").unwrap_or(0);
    let seq = number(" Seq=");
    let has = |flag: &str| flags.split(", ").any(|f| f == flag);
    Some(Segment {
        from: format!("{}.{from_port}", row.from).into(),
        to: format!("{}.{to_port}", row.to).into(),
        to_port: Some(to_port),
        syn: has("SYN"),
        ack: has("ACK"),
        fin: has("FIN"),
        rst: has("RST"),
        seq: seq.map(|s| (s, s.wrapping_add(len))),
        window: number(" Win="),
        mss: number(" MSS="),
        len,
        again: noted("Retransmission]"),
        shut: noted("[TCP ZeroWindow]"),
    })
}

/// The numbers around the arrow between the ports.
fn ports(info: &str) -> Option<(u16, u16)> {
    let (before, after) = info
        .split_once('\u{2192}')
        .or_else(|| info.split_once(" > "))
        .or_else(|| info.split_once(" -> "))?;
    let from = before.trim_end().rsplit(' ').next()?;
    Some((from.parse().ok()?, word(after)?.0.parse().ok()?))
}
