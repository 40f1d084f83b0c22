//! Alerts by the names that stacks print: IANA's with spaces, underscores or in one word, and the
//! words of OpenSSL, Go, GnuTLS and Erlang where they differ.
//!
//! Sources: RFC 8446 section 6; OpenSSL `ssl/ssl_stat.c` and `ssl/ssl_err.c`; Go `crypto/tls/alert.go`;
//! GnuTLS `lib/alert.c`; Erlang/OTP `lib/ssl/ssl_alert.erl`; the JDK's `sun.security.ssl.Alert`.

use crate::tls::Alert;

/// Names that are not IANA's, letters alone and in lower case.
const OTHERS: &[(&str, u8)] = &[
    ("badmac", 20),
    ("decryptionfailure", 21),
    ("handshakefailed", 40),
    ("sslhandshakefailure", 40),
    ("nocertificatereserved", 41),
    ("certificateisbad", 42),
    ("certificateisnotsupported", 43),
    ("certificatewasrevoked", 44),
    ("revokedcertificate", 44),
    ("certificateisexpired", 45),
    ("expiredcertificate", 45),
    ("unknowncertificate", 46),
    ("unknowncertificateauthority", 48),
    ("caisunknown", 48),
    ("accesswasdenied", 49),
    ("errordecodingmessage", 50),
    ("decodingerror", 50),
    ("errordecryptingmessage", 51),
    ("decryptionerror", 51),
    ("protocolversionnotsupported", 70),
    ("errorinprotocolversion", 70),
    ("insufficientsecuritylevel", 71),
    ("unrecognisedname", 112),
    ("usercancelled", 90),
    ("unsupportedextensionwassent", 110),
    ("theservernamesentwasnotrecognized", 112),
    ("certificateisrequired", 116),
    ("nocommonapplicationprotocolcouldbenegotiated", 120),
];

/// Number of the alert of this name, or of this number in digits.
pub(super) fn number(name: &str) -> Option<u8> {
    if let Ok(number) = name.trim().parse::<u8>() {
        return Alert(number).name().map(|_| number);
    }
    let plain = letters(name);
    OTHERS
        .iter()
        .find(|(other, _)| *other == plain)
        .map(|(_, number)| *number)
        .or_else(|| {
            (0..=u8::MAX).find(|n| {
                Alert(*n)
                    .name()
                    .is_some_and(|known| letters(known) == plain)
            })
        })
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_alert_in_the_words_of_each_stack() {
        for name in [
            "unknown_ca",
            "unknown ca",
            "Unknown CA",
            "UnknownCA",
            "UNKNOWN_CA",
            "unknown certificate authority",
        ] {
            assert_eq!(number(name), Some(48), "{name}");
        }
        assert_eq!(number("Certificate Expired"), Some(45));
        assert_eq!(number("expired certificate"), Some(45));
        assert_eq!(number("bad record MAC"), Some(20));
        assert_eq!(number("protocol version not supported"), Some(70));
        assert_eq!(number("close notify"), Some(0));
        assert_eq!(number("something else"), None);
        assert_eq!(number(""), None);
    }
}
