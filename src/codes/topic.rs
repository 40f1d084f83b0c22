//! The word in front of a number that says what it counts: `alert 46`, `state 12`, `flags 0x08`.

use super::Kind;

/// The kind that a word (or two joined by `_`, in lower case) announces.
pub(super) fn topic(word: &str) -> Option<Kind> {
    Some(match word {
        "alert" | "alerts" | "msg" | "alert_message" | "tls_alert" | "ssl_alert" => Kind::Alert,
        "state" | "client_state" | "server_state" | "handshake_state" => Kind::HandshakeState,
        "flag" | "flags" | "verify_flags" | "verification_flags" | "verify_result" => {
            Kind::VerifyFlag
        }
        "group" | "named_group" | "curve" | "supported_group" => Kind::NamedGroup,
        "sigalg"
        | "sig_alg"
        | "sigscheme"
        | "sig_scheme"
        | "signature_algorithm"
        | "signature_scheme" => Kind::SignatureScheme,
        "msgtype" | "content_type" | "record" | "record_type" => Kind::ContentType,
        "handshake_type" | "hs_type" | "hstype" | "message_type" | "handshake_message" => {
            Kind::HandshakeType
        }
        "suite" | "ciphersuite" | "cipher_suite" | "cipher" => Kind::CipherSuite,
        "extension" | "ext" => Kind::Extension,
        "version" => Kind::Version,
        "error" | "err" | "code" | "ret" | "returned" | "rc" | "return" | "mbedtls" => Kind::Error,
        "errno" => Kind::DeviceError,
        "psa" | "psa_status" | "psa_error" => Kind::PsaStatus,
        _ => return None,
    })
}

/// Words that may stand between a topic and its number.
pub(super) fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "is" | "number"
            | "no"
            | "nr"
            | "level"
            | "fatal"
            | "warning"
            | "id"
            | "code"
            | "type"
            | "="
    )
}

/// The pair of a trace such as `[3:3]` or `type: [2:40]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// Major and minor byte of a version: the two bytes as one number.
    Version(u16),
    /// Alert level (1 warning, 2 fatal) and description.
    Alert(u8),
}

/// Every pair in the text.
pub(super) fn pairs(text: &str) -> Vec<Pair> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('[') {
        let Some((inside, behind)) = after.split_once(']') else {
            break;
        };
        let pair = inside.split_once(':').and_then(|(a, b)| {
            let a: u8 = a.trim().parse().ok()?;
            let b: u8 = b.trim().parse().ok()?;
            match a {
                3 => Some(Pair::Version(u16::from_be_bytes([a, b]))),
                1 | 2 => Some(Pair::Alert(b)),
                _ => None,
            }
        });
        found.extend(pair);
        rest = behind;
    }
    found
}
