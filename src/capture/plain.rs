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
