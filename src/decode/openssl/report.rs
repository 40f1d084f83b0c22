//! The report of `s_client` and the lines of certificate verification (`apps/s_client.c`,
//! `apps/lib/s_cb.c`).

use crate::decode::{prefix, stack_codes};
use crate::evidence::{Micros, PeerCertificate};
use crate::tls::CipherSuite;

/// A line of the report.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// `CONNECTED(00000003)`.
    Connected,
    /// `ACCEPT`: the program is `s_server`.
    Accept,
    /// `verify error:num=20:…`.
    VerifyError(u32),
    /// `Verification error: certificate has expired`.
    VerifyText(u32),
    /// `Verify return code: 20 (…)`.
    VerifyCode(u32),
    /// `write:errno=104`.
    Errno(u32),
    /// `SSL handshake has read N bytes and written M bytes`.
    Bytes {
        read: u32,
        written: u32,
    },
    /// `New, TLSv1.2, Cipher is …`; no suite where it says `(NONE)`.
    Session {
        version: Option<u16>,
        suite: Option<CipherSuite>,
    },
    /// `Server Temp Key: X25519, 253 bits`.
    Group(&'static str),
    /// ` 0 s:C = DE, …`, already with number and subject.
    Subject(PeerCertificate),
    /// `   i:C = DE, …`.
    Issuer(String),
    /// `   a:PKEY: rsaEncryption, 2048 (bit); sigalg: RSA-SHA256`.
    Key(String, Option<u32>, String),
    /// `   v:NotBefore: …; NotAfter: …`.
    Validity(Option<Micros>, Option<Micros>),
    PemBegin,
    PemEnd,
    /// `---`.
    EndOfPart,
    /// `closed`.
    ClosedByServer,
    /// One of its own that says nothing more.
    Known,
    /// The same, but only among lines that are surely OpenSSL's.
    KnownIfSure,
}

/// Whole lines that say nothing more.
const KNOWN: [&str; 10] = [
    "Certificate chain",
    "Server certificate",
    "no peer certificate available",
    "No client certificate CA names sent",
    "Using default temp DH parameters",
    "SSL-Session:",
    "read R BLOCK",
    "verify return:1",
    "verify return:0",
    "Post-Handshake New Session Ticket arrived:",
];

/// Texts one of which stands in every line of a report; lines of the issuer follow those of the
/// subject.
pub(super) fn anchors() -> impl Iterator<Item = &'static str> {
    const OTHERS: [&str; 20] = [
        "ACCEPT",
        "---",
        "closed",
        "CONNECTED(",
        "verify error:num=",
        " depth lookup",
        "Verify return code: ",
        "read:errno=",
        "write:errno=",
        "connect:errno=",
        "SSL handshake has read ",
        "New, ",
        "Reused, ",
        "Server Temp Key: ",
        "Peer Temp Key: ",
        "Negotiated TLS1.3 group: ",
        "a:PKEY: ",
        "v:NotBefore: ",
        " s:",
        // Rows of a session ticket.
        " - ",
    ];
    OTHERS.into_iter().chain(KNOWN).chain(STARTS)
}

/// Reads one line.
pub(super) fn line(text: &str) -> Option<Line> {
    Some(match text {
        "ACCEPT" => Line::Accept,
        "---" => Line::EndOfPart,
        "closed" => Line::ClosedByServer,
        _ if KNOWN.contains(&text) => Line::Known,
        "-----BEGIN CERTIFICATE-----" => Line::PemBegin,
        "-----END CERTIFICATE-----" => Line::PemEnd,
        _ => return with_value(text),
    })
}

fn with_value(text: &str) -> Option<Line> {
    if text.starts_with("CONNECTED(") {
        return Some(Line::Connected);
    }
    if let Some(rest) = text.strip_prefix("verify error:num=") {
        return Some(Line::VerifyError(number(rest)?));
    }
    // `openssl verify`: `error 20 at 0 depth lookup: …`.
    if let Some((code, rest)) = text
        .strip_prefix("error ")
        .and_then(|r| r.split_once(" at "))
    {
        return rest
            .contains(" depth lookup")
            .then(|| number(code).map(Line::VerifyError))
            .flatten();
    }
    if let Some(rest) = text.strip_prefix("Verify return code: ") {
        return Some(Line::VerifyCode(number(rest)?));
    }
    for prefix in ["read:errno=", "write:errno=", "connect:errno="] {
        if let Some(rest) = text.strip_prefix(prefix) {
            // 0: the line before says what it was.
            let errno = number(rest)?;
            return Some(if errno == 0 && prefix.starts_with("connect") {
                Line::KnownIfSure
            } else {
                Line::Errno(errno)
            });
        }
    }
    if let Some(rest) = text.strip_prefix("SSL handshake has read ") {
        let written = rest.split_once(" written ").and_then(|(_, w)| number(w));
        return Some(Line::Bytes {
            read: number(rest)?,
            written: written.unwrap_or(0),
        });
    }
    if let Some(row) = text
        .strip_prefix("Verification error: ")
        .and_then(stack_codes::x509_verify_by_text)
    {
        return u32::try_from(row.number.0).ok().map(Line::VerifyText);
    }
    if text.starts_with("New, ") || text.starts_with("Reused, ") {
        return session(text);
    }
    if let Some(rest) = text
        .strip_prefix("Server Temp Key: ")
        .or_else(|| text.strip_prefix("Peer Temp Key: "))
        .or_else(|| text.strip_prefix("Negotiated TLS1.3 group: "))
    {
        return Some(group(rest).map_or(Line::KnownIfSure, Line::Group));
    }
    chain(text).or_else(|| known(text).then_some(Line::KnownIfSure))
}

/// `New, TLSv1.2, Cipher is ECDHE-RSA-AES256-GCM-SHA384`.
fn session(text: &str) -> Option<Line> {
    let mut parts = text.splitn(3, ", ");
    let (_, version, cipher) = (parts.next()?, parts.next()?, parts.next()?);
    let cipher = cipher.strip_prefix("Cipher is ")?;
    Some(Line::Session {
        version: version_number(version),
        suite: CipherSuite::from_name(cipher),
    })
}

/// `TLSv1.2` as on the wire.
pub(in crate::decode) fn version_number(text: &str) -> Option<u16> {
    Some(match text {
        "SSLv3" => 0x0300,
        "TLSv1" | "TLSv1.0" => 0x0301,
        "TLSv1.1" => 0x0302,
        "TLSv1.2" => 0x0303,
        "TLSv1.3" => 0x0304,
        _ => return None,
    })
}

/// IANA name of a group as OpenSSL prints it.
fn group(text: &str) -> Option<&'static str> {
    let has = |name: &str| text.contains(name);
    Some(if has("X25519") || has("x25519") {
        "x25519"
    } else if has("X448") || has("x448") {
        "x448"
    } else if has("prime256v1") || has("P-256") || has("secp256r1") {
        "secp256r1"
    } else if has("secp384r1") || has("P-384") {
        "secp384r1"
    } else if has("secp521r1") || has("P-521") {
        "secp521r1"
    } else {
        return None;
    })
}

/// Lines of "Certificate chain".
fn chain(text: &str) -> Option<Line> {
    let trimmed = text.trim_start();
    if let Some(issuer) = trimmed.strip_prefix("i:") {
        return Some(Line::Issuer(name(issuer)));
    }
    if let Some(rest) = trimmed.strip_prefix("a:PKEY: ") {
        let (key, signed) = rest.split_once("; sigalg: ")?;
        let kind = if key.starts_with("rsa") || key.starts_with("RSA") {
            "RSA"
        } else if key.starts_with("id-ecPublicKey") || key.starts_with("EC") {
            "EC"
        } else {
            ""
        };
        let bits = key.split(", ").nth(1).and_then(number);
        return Some(Line::Key(kind.to_owned(), bits, signature(signed)));
    }
    if let Some(rest) = trimmed.strip_prefix("v:NotBefore: ") {
        let (from, to) = rest.split_once("; NotAfter: ")?;
        return Some(Line::Validity(
            openssl_time(from.trim()),
            openssl_time(to.trim()),
        ));
    }
    let (index, subject) = trimmed.split_once(" s:")?;
    let index: u32 = index.trim().parse().ok().filter(|n| *n < 100)?;
    Some(Line::Subject(PeerCertificate {
        index: index + 1,
        subject: name(subject),
        ..PeerCertificate::default()
    }))
}

/// `C = DE, O = Example` and `/C=DE/O=Example` as `C=DE, O=Example`.
pub(in crate::decode) fn name(text: &str) -> String {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('/') {
        return rest.replace('/', ", ");
    }
    text.replace(" = ", "=")
}

/// `RSA-SHA256`, `ecdsa-with-SHA384`, `sha256WithRSAEncryption` in the wording of the facts.
pub(in crate::decode) fn signature(text: &str) -> String {
    let lower = text.trim().to_ascii_lowercase();
    let hash = ["sha1", "sha224", "sha256", "sha384", "sha512", "md5"]
        .into_iter()
        .find(|h| lower.contains(h));
    let Some(hash) = hash else {
        return text.trim().to_owned();
    };
    let kind = if lower.contains("ecdsa") {
        "ECDSA"
    } else {
        "RSA"
    };
    let hash = match hash {
        "sha256" => "SHA-256",
        "sha384" => "SHA-384",
        "sha512" => "SHA-512",
        "sha224" => "SHA-224",
        "md5" => "MD5",
        _ => "SHA1",
    };
    format!("{kind} with {hash}")
}

/// `Aug  1 00:00:00 2031 GMT` in microseconds since 1970 UTC.
pub(in crate::decode) fn openssl_time(text: &str) -> Option<Micros> {
    let mut parts = text.split_ascii_whitespace();
    let (month, day, time, year) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = (month.len() == 3)
        .then(|| months.find(month).map(|i| i / 3 + 1))
        .flatten()?;
    let day: u8 = day.parse().ok()?;
    prefix::date_time(format!("{year}-{month:02}-{day:02} {time}").as_bytes())
}

fn number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// What other lines of the report begin with.
const STARTS: [&str; 34] = [
    "verify depth is ",
    "depth=",
    "subject=",
    "issuer=",
    "Verification: ",
    "Verification error: ",
    "Verified peername: ",
    "Peer signing digest: ",
    "Peer signature type: ",
    "Server public key is ",
    "Secure Renegotiation IS ",
    "This TLS version forbids renegotiation",
    "Compression: ",
    "Expansion: ",
    "No ALPN negotiated",
    "ALPN protocol: ",
    "Early data was ",
    "Protocol  : ",
    "Cipher    : ",
    "Session-ID",
    "Master-Key:",
    "Resumption PSK:",
    "PSK identity",
    "SRP username:",
    "TLS session ticket",
    "Start Time:",
    "Timeout   :",
    "Extended master secret:",
    "Max Early Data:",
    "TLS server extension",
    "Acceptable client certificate CA names",
    "Requested Signature Algorithms:",
    "Shared Requested Signature Algorithms:",
    "No server certificate CA names sent",
];

/// Lines that the report always has.
fn known(text: &str) -> bool {
    STARTS.iter().any(|s| text.starts_with(s))
        // The hex view of a session ticket: `0010 - 2e 6f …`.
        || text.as_bytes().get(4..7) == Some(b" - ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_report() {
        assert_eq!(line("CONNECTED(00000003)"), Some(Line::Connected));
        assert_eq!(
            line("verify error:num=20:unable to get local issuer certificate"),
            Some(Line::VerifyError(20))
        );
        assert_eq!(
            line("New, TLSv1.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256"),
            Some(Line::Session {
                version: Some(0x0303),
                suite: Some(CipherSuite(0xC02F))
            })
        );
        assert_eq!(
            line("New, (NONE), Cipher is (NONE)"),
            Some(Line::Session {
                version: None,
                suite: None
            })
        );
        assert_eq!(
            line("Server Temp Key: ECDH, prime256v1, 256 bits"),
            Some(Line::Group("secp256r1"))
        );
        assert_eq!(
            line("error 10 at 1 depth lookup: certificate has expired"),
            Some(Line::VerifyError(10))
        );
        assert_eq!(line("error 7 at startup"), None);
        assert_eq!(line("depth of the water: 3 m"), None);
    }

    #[test]
    fn the_chain_section() {
        let Some(Line::Subject(cert)) = line(" 0 s:C = DE, O = Acme, CN = a.example") else {
            panic!("no subject");
        };
        assert_eq!(
            (cert.index, cert.subject.as_str()),
            (1, "C=DE, O=Acme, CN=a.example")
        );
        assert_eq!(
            line("   i:/C=DE/O=Acme/CN=Acme CA"),
            Some(Line::Issuer("C=DE, O=Acme, CN=Acme CA".into()))
        );
        assert_eq!(
            line("   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA384"),
            Some(Line::Key(
                "EC".into(),
                Some(256),
                "ECDSA with SHA-384".into()
            ))
        );
        assert_eq!(
            line("   v:NotBefore: Jan  2 00:00:00 1970 GMT; NotAfter: Jan  3 00:00:00 1970 GMT"),
            Some(Line::Validity(
                Some(86_400_000_000),
                Some(2 * 86_400_000_000)
            ))
        );
    }
}
