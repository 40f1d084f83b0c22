//! The forms: PEM, DER, C source.
//!
//! In: certificates in order. Out: [`ExportFile`]s.

use super::{ExportFile, ExportForm, ExportWish};
use crate::cert::certificate::Certificate;

/// A file name out of the certificate's own: small letters, digits and hyphens, at most 48.
pub(super) fn stem(certificate: &Certificate, wish: &ExportWish) -> String {
    let mut out = String::new();
    for c in certificate.title().chars() {
        let c = match c {
            '*' => continue,
            c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
            '.' => '.',
            _ => '-',
        };
        if (c == '-' || c == '.') && (out.is_empty() || out.ends_with(['-', '.'])) {
            continue;
        }
        out.push(c);
        if out.len() >= 48 {
            break;
        }
    }
    let mut out = out.trim_end_matches(['-', '.']).to_owned();
    if out.is_empty() {
        out.push_str("certificate");
    }
    if wish.hash_names {
        let hash: String = certificate.sha256.chars().take(8).collect();
        out.push_str(&format!("-{}-{hash}", certificate.der_bytes()));
    }
    out
}

/// A certificate as PEM by RFC 7468: 64 digits a line, with these line ends.
#[must_use]
pub fn armour(certificate: &Certificate, end: &str) -> String {
    let digits = data_encoding::BASE64.encode(&certificate.der);
    let mut out = format!("-----BEGIN CERTIFICATE-----{end}");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push_str(end);
        rest = more;
    }
    out.push_str("-----END CERTIFICATE-----");
    out.push_str(end);
    out
}

/// One file a certificate.
pub(super) fn split(
    certificates: &[&Certificate],
    wish: &ExportWish,
    form: impl Fn(&[&Certificate], &ExportWish) -> ExportFile,
) -> Vec<ExportFile> {
    certificates.iter().map(|c| form(&[c], wish)).collect()
}

/// One file for all, unless each is wished by itself.
pub(super) fn bundle(
    certificates: &[&Certificate],
    wish: &ExportWish,
    form: impl Fn(&[&Certificate], &ExportWish) -> ExportFile,
) -> Vec<ExportFile> {
    if wish.split {
        split(certificates, wish, form)
    } else {
        vec![form(certificates, wish)]
    }
}

fn name(certificates: &[&Certificate], wish: &ExportWish, end: &str) -> String {
    let stem = certificates
        .first()
        .map_or_else(|| "certificate".into(), |c| stem(c, wish));
    let chain = if certificates.len() > 1 { "-chain" } else { "" };
    format!("{stem}{chain}.{end}")
}

fn count(certificates: &[&Certificate]) -> String {
    match certificates.len() {
        1 => "1 certificate".into(),
        n => format!("{n} certificates"),
    }
}

pub(super) fn der(certificates: &[&Certificate], wish: &ExportWish) -> ExportFile {
    ExportFile {
        name: name(certificates, wish, "der"),
        bytes: certificates.iter().flat_map(|c| c.der.clone()).collect(),
        about: "DER".into(),
        certificates: certificates.len(),
        anchors: certificates.iter().all(|c| c.is_ca()),
        text: false,
    }
}

pub(super) fn pem(certificates: &[&Certificate], wish: &ExportWish) -> ExportFile {
    let (end, word) = match wish.form {
        ExportForm::PemCrLf => ("\r\n", "CR LF"),
        _ => ("\n", "LF"),
    };
    let mut bytes: Vec<u8> = certificates
        .iter()
        .flat_map(|c| armour(c, end).into_bytes())
        .collect();
    if wish.nul {
        bytes.push(0);
    }
    let nul = if wish.nul { ", NUL at the end" } else { "" };
    ExportFile {
        name: name(certificates, wish, "pem"),
        bytes,
        about: format!("PEM with {word}, {}{nul}", count(certificates)),
        certificates: certificates.len(),
        anchors: certificates.iter().all(|c| c.is_ca()),
        text: true,
    }
}

/// A C identifier.
fn identifier(certificate: &Certificate) -> String {
    let mut out = stem(certificate, &ExportWish::default()).replace(['-', '.'], "_");
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert_str(0, "cert_");
    }
    out
}

/// Identifiers that differ, one for each.
fn identifiers(certificates: &[&Certificate]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for certificate in certificates {
        let first = identifier(certificate);
        let mut name = first.clone();
        let mut n = 2;
        while out.contains(&name) {
            name = format!("{first}_{n}");
            n += 1;
        }
        out.push(name);
    }
    out
}

/// Nothing that ends a comment, and one line.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .replace("*/", "* /")
        .replace("/*", "/ *")
}

fn head(certificate: &Certificate) -> String {
    format!(
        "/* {}\n   {} bytes of DER, SHA-256 {} */\n",
        comment(&certificate.subject.text()),
        certificate.der_bytes(),
        certificate.sha256
    )
}

fn guarded(
    certificates: &[&Certificate],
    wish: &ExportWish,
    inner: &str,
    what: &str,
) -> ExportFile {
    let name = name(certificates, wish, "h");
    let guard: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let guard = format!("CERT_{guard}");
    ExportFile {
        bytes: format!("#ifndef {guard}\n#define {guard}\n\n{inner}#endif\n").into_bytes(),
        name,
        about: format!("C header, {what}, {}", count(certificates)),
        certificates: certificates.len(),
        anchors: certificates.iter().all(|c| c.is_ca()),
        text: true,
    }
}

pub(super) fn c_array(certificates: &[&Certificate], wish: &ExportWish) -> ExportFile {
    let mut out = String::new();
    for (certificate, id) in certificates.iter().zip(identifiers(certificates)) {
        out.push_str(&head(certificate));
        out.push_str(&format!("static const unsigned char {id}_der[] = {{\n"));
        for line in certificate.der.chunks(12) {
            let numbers: Vec<String> = line.iter().map(|b| format!("0x{b:02x}")).collect();
            out.push_str(&format!("    {},\n", numbers.join(", ")));
        }
        out.push_str(&format!(
            "}};\nstatic const unsigned int {id}_der_len = sizeof({id}_der);\n\n"
        ));
    }
    guarded(certificates, wish, &out, "arrays of DER")
}

pub(super) fn c_string(certificates: &[&Certificate], wish: &ExportWish) -> ExportFile {
    let mut out = String::new();
    let literal = |certificate: &Certificate| -> String {
        armour(certificate, "\n")
            .lines()
            .map(|l| format!("    \"{l}\\n\"\n"))
            .collect()
    };
    if certificates.len() > 1 {
        // A chain is one string: a parser of PEM reads on behind the first.
        let id = certificates.first().map(|c| identifier(c));
        let id = id.unwrap_or_else(|| "certificate".into());
        for certificate in certificates {
            out.push_str(&head(certificate));
        }
        let all: String = certificates.iter().map(|c| literal(c)).collect();
        let all = all.trim_end();
        out.push_str(&format!("static const char {id}_chain_pem[] =\n{all};\n\n"));
    } else if let Some(certificate) = certificates.first() {
        out.push_str(&head(certificate));
        let id = identifier(certificate);
        let all = literal(certificate);
        let all = all.trim_end();
        out.push_str(&format!("static const char {id}_pem[] =\n{all};\n\n"));
    }
    out.push_str(
        "/* sizeof counts the NUL at the end, which Mbed TLS wants within the length. */\n",
    );
    guarded(certificates, wish, &out, "PEM as a string")
}
