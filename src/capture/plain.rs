//! Protocols that are no TLS, by their first bytes.

/// What protocol begins with these bytes.
pub(super) fn spoken(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'H', b'T', b'T', b'P', ..] | [b'<', b'h' | b'H' | b'!', ..] => "http",
        [b'2', b'2', b'0', b' ' | b'-', ..]
        | [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..] => "smtp",
        [b'S', b'S', b'H', b'-', ..] => "ssh",
        [b'G', b'E', b'T', b' ', ..]
        | [b'P', b'O', b'S', b'T', ..]
        | [b'H', b'E', b'A', b'D', ..] => "http",
        [b'E' | b'H', b'H' | b'E', b'L', b'O', ..] => "smtp",
        // CONNECT, CONNACK and DISCONNECT of MQTT 3.1.1 and 5.
        [0x10, _, 0, 4 | 6, b'M', b'Q', ..] | [0x20, 2..=3, ..] | [0xE0, 0..=2, ..] => "mqtt",
        _ => "other",
    }
}

/// What a client says in the clear to come to TLS: to a proxy, or to a server that begins in the clear.
pub(super) fn opening(client: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(client);
    if text.starts_with("CONNECT ") {
        let to = text.split([' ', '\r']).nth(1).unwrap_or_default();
        return Some(format!("through a proxy: CONNECT {to}"));
    }
    if asks_for_tls(&text) {
        return Some("begun in the clear: STARTTLS".to_owned());
    }
    // SSLRequest of PostgreSQL: its length and 80877103.
    client
        .starts_with(&[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F])
        .then(|| "begun in the clear: SSLRequest of PostgreSQL".to_owned())
}

/// Was that refused: no 2xx of a proxy (RFC 9110 section 9.3.6), 4xx, 5xx, NO or BAD to STARTTLS
/// (RFC 3207, RFC 3501, RFC 2595)?
pub(super) fn refused(client: &[u8], server: &[u8]) -> bool {
    let (client, server) = (
        String::from_utf8_lossy(client),
        String::from_utf8_lossy(server),
    );
    if client.starts_with("CONNECT ") {
        let status = server
            .strip_prefix("HTTP/1.")
            .and_then(|s| s.split(' ').nth(1));
        return status.is_some_and(|s| !s.starts_with('2'));
    }
    let last = server.lines().next_back().unwrap_or_default();
    let no = |word: &str| matches!(word, "NO" | "BAD") || word.starts_with(['4', '5']);
    let refuses = last.starts_with("-ERR") || last.split([' ', '-']).take(2).any(no);
    asks_for_tls(&client) && refuses
}

fn asks_for_tls(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim().to_ascii_uppercase();
        line == "STARTTLS" || line == "STLS" || line.ends_with(" STARTTLS")
    })
}
