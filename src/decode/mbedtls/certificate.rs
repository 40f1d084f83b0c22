//! `peer certificate #1:` and the lines that follow: a certificate in words
//! (`mbedtls_x509_crt_info`).

use crate::decode::prefix;
use crate::evidence::PeerCertificate;

/// The first two lines of a description; a certificate has each once.
const FIRST: [&[u8]; 2] = [b"cert. version", b"serial number"];

/// Is this one of the lines that a description begins with?
pub fn begins(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    FIRST.iter().any(|first| text.starts_with(first))
}

/// Such a line belongs to the next certificate: this one has it, or lines that follow it.
pub fn has_begun(cert: &PeerCertificate, text: &[u8]) -> bool {
    let version = text.trim_ascii_start().starts_with(FIRST[0]);
    !cert.issuer.is_empty() || !cert.subject.is_empty() || (version && !cert.serial.is_empty())
}

/// Takes one line of the description; `false` when it belongs to something else.
pub fn line(cert: &mut PeerCertificate, text: &[u8]) -> bool {
    let Some(colon) = memchr::memmem::find(text, b" : ")
        .or_else(|| text.ends_with(b" :").then(|| text.len() - 2))
    else {
        return false;
    };
    let name = text[..colon].trim_ascii();
    let value = text.get(colon + 3..).unwrap_or(b"").trim_ascii();
    let words = || String::from_utf8_lossy(value).into_owned();
    let list = || {
        value
            .split(|b| *b == b',')
            .map(|v| String::from_utf8_lossy(v.trim_ascii()).into_owned())
            .collect()
    };
    match name {
        b"cert. version" => {}
        b"serial number" => cert.serial = words(),
        b"issuer name" => cert.issuer = words(),
        b"subject name" => cert.subject = words(),
        b"issued  on" | b"issued on" => cert.not_before = prefix::date_time(value),
        b"expires on" => cert.not_after = prefix::date_time(value),
        b"signed using" => cert.signed_using = words(),
        b"basic constraints" => cert.is_ca = Some(value.starts_with(b"CA=true")),
        // Up to 2.28 the names stand on the same line, from 3.x on lines of their own.
        b"subject alt name" if value.is_empty() => {}
        b"subject alt name" => cert.alt_names = list(),
        b"dNSName" | b"rfc822Name" | b"iPAddress" | b"uniformResourceIdentifier" => {
            cert.alt_names.push(words());
        }
        b"key usage" => cert.key_usage = list(),
        b"ext key usage" => cert.ext_key_usage = list(),
        b"cert. type"
        | b"certificate policies"
        | b"hardware module name"
        | b"hardware type"
        | b"hardware serial number"
        | b"type-id"
        | b"value" => {}
        _ => {
            let Some(kind) = name.strip_suffix(b" key size") else {
                return false;
            };
            cert.key_type = String::from_utf8_lossy(kind).into_owned();
            cert.key_bits = super::line::digits(value).map(|(n, _)| n);
        }
    }
    true
}
