//! What an input is, told by its content and never by its name.
//!
//! In: the first bytes of an input and its full length. Out: [`Content`]. Must not know files,
//! threads or decoders.

use super::packet_text::is_packet_text;
use crate::cert::{self, Content as Object};
use crate::decode::starts_with_frames;
use crate::evidence::InputKind;
use crate::recording::is_recording;

/// How many bytes from the start are enough to tell.
pub const PROBE_BYTES: usize = 64 * 1024;

/// Below this share of printable text a block counts as binary.
const TEXT_SHARE: f32 = 0.70;

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text that a device or a program printed; also text that nobody recognises.
    Log,
    /// The same as UTF-16, little-endian if true (what a Windows shell writes).
    Utf16Log {
        /// Byte order.
        little_endian: bool,
    },
    /// A saved session.
    Session,
    /// One of our recordings.
    Recording,
    /// A network capture.
    Capture,
    /// Packets as `tcpdump -x` prints them.
    PacketText,
    /// Certificates, keys or requests, as PEM or DER.
    Certificate,
    /// A key log (the file of `SSLKEYLOGFILE`).
    KeyLog,
    /// An Mbed TLS configuration header or an `sdkconfig`.
    Config,
    /// None of these and not text.
    Binary,
    /// No bytes at all.
    Empty,
}

impl Content {
    /// The kind of input this makes.
    #[must_use]
    pub fn kind(self) -> InputKind {
        match self {
            Self::Log | Self::Utf16Log { .. } | Self::Empty => InputKind::Log,
            Self::Session | Self::Recording => InputKind::Recording,
            Self::Capture | Self::PacketText => InputKind::Capture,
            Self::Certificate => InputKind::Certificate,
            Self::Config => InputKind::Config,
            Self::KeyLog => InputKind::KeyLog,
            Self::Binary => InputKind::Binary,
        }
    }

    /// One sentence for what is not decoded, or `None` for what is.
    #[must_use]
    pub fn remark(self, name: &str) -> Option<String> {
        match self {
            Self::Binary => Some(format!(
                "{name} is not text and no format known here. Nothing of it was decoded. Open the device's log instead."
            )),
            Self::Empty => Some(format!("{name} is empty.")),
            Self::Log
            | Self::Utf16Log { .. }
            | Self::Session
            | Self::Recording
            | Self::Capture
            | Self::PacketText
            | Self::KeyLog
            | Self::Certificate
            | Self::Config => None,
        }
    }
}

/// Tells the content from the first bytes (up to 64 KiB are looked at) and the length of
/// the whole in bytes.
#[must_use]
pub fn recognise(head: &[u8], total: u64) -> Content {
    let head = head.get(..PROBE_BYTES).unwrap_or(head);
    if head.is_empty() {
        return Content::Empty;
    }
    if let Some(content) = by_magic(head, total) {
        return content;
    }
    if starts_with_frames(head) {
        return Content::Log;
    }
    let whole = head.len() as u64 == total;
    if text_share(head) < TEXT_SHARE {
        return if whole && is_encoded_certificate(head) {
            Content::Certificate
        } else {
            Content::Binary
        };
    }
    let text = String::from_utf8_lossy(head);
    if is_key_log(&text) {
        return Content::KeyLog;
    }
    if is_pem(&text) {
        return Content::Certificate;
    }
    if is_packet_text(&text) {
        return Content::PacketText;
    }
    if is_config(&text) {
        return Content::Config;
    }
    if whole
        && !text.lines().any(is_program_output)
        && (is_encoded_certificate(head) || is_document(&text) && holds_certificate(head))
    {
        return Content::Certificate;
    }
    Content::Log
}

/// Nothing but comments and `LABEL CLIENT_RANDOM SECRET` in hexadecimal (draft-ietf-tls-keylogfile);
/// the last line may be cut.
fn is_key_log(text: &str) -> bool {
    let is_hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    let mut secrets = 0;
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .peekable();
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            [label, random, secret]
                if label
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
                    && random.len() == 64
                    && secret.len() >= 32
                    && is_hex(random)
                    && is_hex(secret) =>
            {
                secrets += 1;
            }
            _ if secrets > 0 && lines.peek().is_none() => {}
            _ => return false,
        }
    }
    secrets > 0
}

/// Certificates or keys in another form than PEM lines: DER, PKCS#7, bare base64, a hex dump, an
/// array or a string of source code. They make up most of the file.
fn is_encoded_certificate(bytes: &[u8]) -> bool {
    let mut file = cert::read("", bytes);
    file.objects
        .retain(|o| !matches!(o.content, Object::Unreadable | Object::Parameters));
    let inside: usize = file.objects.iter().map(|o| o.file_bytes).sum();
    !file.objects.is_empty() && inside.saturating_mul(2) >= bytes.len()
}

/// A document whose purpose is to carry certificates or keys, however much stands around them: a JSON
/// value with `x5c` (RFC 7517 section 4.7), XML with `X509Certificate` (XML Signature, section 4.5.4),
/// or a property list with payloads (Apple's configuration profiles).
fn is_document(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['{', '[']) {
        return text.contains("\"x5c\"")
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    }
    let carries = ["X509Certificate>", "PayloadContent</key>"];
    text.starts_with('<') && text.ends_with('>') && carries.iter().any(|c| text.contains(c))
}

/// At least one object that can be read, whatever stands around it.
fn holds_certificate(bytes: &[u8]) -> bool {
    let file = cert::read("", bytes);
    let nothing = |o: &Object| matches!(o, Object::Unreadable | Object::Parameters);
    file.objects.iter().any(|o| !nothing(&o.content))
}

/// Magic numbers of pcap: microseconds and nanoseconds, both byte orders.
const PCAP: [[u8; 4]; 4] = [
    [0xD4, 0xC3, 0xB2, 0xA1],
    [0xA1, 0xB2, 0xC3, 0xD4],
    [0x4D, 0x3C, 0xB2, 0xA1],
    [0xA1, 0xB2, 0x3C, 0x4D],
];

fn by_magic(head: &[u8], total: u64) -> Option<Content> {
    if head.starts_with(b"PK\x03\x04") {
        let first_name = head.get(30..42);
        return Some(if first_name == Some(b"session.json") {
            Content::Session
        } else {
            Content::Binary
        });
    }
    if head.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]) {
        let ours = is_recording(head);
        return Some(if ours {
            Content::Recording
        } else {
            Content::Capture
        });
    }
    if PCAP.iter().any(|magic| head.starts_with(magic)) {
        return Some(Content::Capture);
    }
    match head {
        // Java key stores: JKS and JCEKS.
        [0xFE, 0xED, 0xFE, 0xED, ..] | [0xCE, 0xCE, 0xCE, 0xCE, ..] => {
            return Some(Content::Certificate);
        }
        [0xFF, 0xFE, ..] => {
            return Some(Content::Utf16Log {
                little_endian: true,
            });
        }
        [0xFE, 0xFF, ..] => {
            return Some(Content::Utf16Log {
                little_endian: false,
            });
        }
        _ => {}
    }
    // DER: a SEQUENCE that is exactly as long as the file.
    if let [0x30, 0x82, hi, lo, inner, ..] = head {
        let len = u64::from(u16::from_be_bytes([*hi, *lo])) + 4;
        if len == total && matches!(inner, 0x02 | 0x30) {
            return Some(Content::Certificate);
        }
    }
    None
}

/// Share of bytes that belong to printable text, 0 to 1. Line ends, tabs, escape sequences and
/// UTF-8 count as text; an empty slice is text.
#[must_use]
pub fn text_share(bytes: &[u8]) -> f32 {
    if bytes.is_empty() {
        return 1.0;
    }
    let good = if bytes.is_ascii() {
        printable(bytes)
    } else {
        let chunks = bytes.utf8_chunks();
        chunks.map(|c| printable(c.valid().as_bytes())).sum()
    };
    #[allow(clippy::cast_precision_loss)] // a share of at most one block
    let share = good as f32 / bytes.len() as f32;
    share
}

/// Bytes that are no control characters, or such as a text may hold.
fn printable(bytes: &[u8]) -> usize {
    let is_text = |b: u8| !b.is_ascii_control() || matches!(b, b'\t' | b'\n' | b'\r' | 0x1B);
    // Counts of a byte's width are added up many at a time by the processor.
    let counts = bytes.chunks(255).map(|part| {
        part.iter()
            .fold(0_u8, |n, b| n.wrapping_add(u8::from(is_text(*b))))
    });
    counts.map(usize::from).sum()
}

/// Mostly PEM: half of the lines lie in PEM blocks (or follow `openssl x509 -text`), and nothing
/// between them is the output of a TLS program.
fn is_pem(text: &str) -> bool {
    let (mut inside, mut in_pem, mut lines, mut blocks) = (false, 0_u32, 0_u32, 0_u32);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        lines += 1;
        if line.starts_with("-----BEGIN ") {
            inside = true;
            blocks += 1;
        } else if !inside && is_program_output(line) {
            return false;
        }
        if inside {
            in_pem += 1;
        }
        if line.starts_with("-----END ") {
            inside = false;
        }
    }
    let printed_certificate = text.trim_start().starts_with("Certificate:");
    blocks > 0 && (in_pem * 2 >= lines || printed_certificate)
}

fn is_program_output(line: &str) -> bool {
    const MARKS: [&str; 6] = [
        "CONNECTED(",
        "SSL-Session",
        "handshake",
        "ssl_",
        "mbedtls",
        "verify error",
    ];
    MARKS.iter().any(|mark| line.contains(mark))
}

/// Mostly `#define MBEDTLS_…` or `CONFIG_…=`.
fn is_config(text: &str) -> bool {
    let (mut lines, mut settings, mut library) = (0_u32, 0_u32, 0_u32);
    for line in text.lines().map(str::trim) {
        let plain = line.trim_start_matches(['/', ' ']);
        if let Some(rest) = plain
            .strip_prefix("#define ")
            .or_else(|| plain.strip_prefix("#undef "))
        {
            lines += 1;
            let name = rest.trim_start();
            if [
                "MBEDTLS_",
                "POLARSSL_",
                "MBED_",
                "PSA_WANT_",
                "TF_PSA_CRYPTO_",
            ]
            .iter()
            .any(|p| name.starts_with(p))
            {
                settings += 1;
                library += 1;
            } else if name.starts_with("CONFIG_") {
                settings += 1;
            }
        } else if line.starts_with("CONFIG_") && line.contains('=')
            || line.starts_with("# CONFIG_") && line.ends_with(" is not set")
        {
            lines += 1;
            settings += 1;
        } else if !line.is_empty() && !["#", "/", "*"].iter().any(|mark| line.starts_with(mark)) {
            lines += 1;
        }
    }
    settings >= 3 && (settings * 2 >= lines || library >= 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Content {
        recognise(bytes, bytes.len() as u64)
    }

    #[test]
    fn content_counts_and_not_the_name() {
        assert_eq!(of(b""), Content::Empty);
        assert_eq!(of(b"I (312) wifi: connected\r\n"), Content::Log);
        assert_eq!(
            of(b"\xFF\xFEo\0k\0"),
            Content::Utf16Log {
                little_endian: true
            }
        );
        assert_eq!(
            of(b"PK\x03\x04 some other archive............."),
            Content::Binary
        );
        assert_eq!(of(&[0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0]), Content::Capture);
        assert_eq!(of(&[0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0]), Content::Capture);
        assert_eq!(of(&[0x30, 0x82, 0, 3, 0x30, 1, 0]), Content::Certificate);
        assert_eq!(of(&[7_u8; 4096]), Content::Binary);
    }

    #[test]
    fn a_log_with_a_certificate_in_it_stays_a_log() {
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB\nMIIB\nMIIB\n-----END CERTIFICATE-----\n";
        assert_eq!(of(pem.as_bytes()), Content::Certificate);
        let log = format!("CONNECTED(00000003)\n{pem}");
        assert_eq!(of(log.as_bytes()), Content::Log);
    }

    #[test]
    fn configurations_are_told_from_logs() {
        let header = "/* ours */\n#define MBEDTLS_AES_C\n#define MBEDTLS_GCM_C\n//#define MBEDTLS_DES_C\n#define MBEDTLS_SSL_MAX_CONTENT_LEN 1024\n";
        assert_eq!(of(header.as_bytes()), Content::Config);
        let sdk = "# Automatically generated\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"x\"\n";
        assert_eq!(of(sdk.as_bytes()), Content::Config);
        assert_eq!(
            of(b"see #define MBEDTLS_AES_C in config\nerror\n"),
            Content::Log
        );
    }

    #[test]
    fn a_certificate_is_one_in_any_form() {
        let pem = include_str!("../../tests/fixtures/files/leaf.pem");
        let body: String = pem.lines().filter(|l| !l.starts_with("---")).collect();
        assert_eq!(of(body.as_bytes()), Content::Certificate);
        let quoted: String = pem.lines().map(|l| format!("  \"{l}\\n\"\n")).collect();
        let code = format!("static const char ca[] =\n{quoted};\n");
        assert_eq!(of(code.as_bytes()), Content::Certificate);
        let log = format!("mbedtls_ssl_handshake returned -0x2700\n{body}\n");
        assert_eq!(of(log.as_bytes()), Content::Log);
    }

    #[test]
    fn documents_that_carry_certificates_are_told_from_logs() {
        let pem = include_str!("../../tests/fixtures/files/leaf.pem");
        let body: String = pem.lines().filter(|l| !l.starts_with("---")).collect();
        let about = "a".repeat(3 * body.len());
        let jwks = format!(
            "{{\"keys\": [{{\"kty\": \"RSA\", \"n\": \"{about}\", \"x5c\": [\"{body}\"]}}]}}"
        );
        assert_eq!(of(jwks.as_bytes()), Content::Certificate);
        let lines = format!("{{\"level\": \"info\", \"said\": \"{about}\"}}\n{jwks}\n");
        assert_eq!(of(lines.as_bytes()), Content::Log);
        let saml = format!(
            "<?xml version=\"1.0\"?>\n<md about=\"{about}\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n{body}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md>\n"
        );
        assert_eq!(of(saml.as_bytes()), Content::Certificate);
        let profile = format!(
            "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>PayloadDescription</key><string>{about}</string><key>PayloadContent</key><data>\n\t{body}\n\t</data></dict></plist>\n"
        );
        assert_eq!(of(profile.as_bytes()), Content::Certificate);
        let page = format!("<html><body>{about} X509Certificate> </body></html>");
        assert_eq!(of(page.as_bytes()), Content::Log);
    }

    #[test]
    fn some_nuls_and_escapes_do_not_make_a_log_binary() {
        let mut log = b"\x1b[0;32mI (12) boot: hello\x1b[0m\r\n".repeat(20);
        log.extend_from_slice(&[0; 40]);
        assert_eq!(of(&log), Content::Log);
    }

    #[test]
    fn every_refusal_is_one_sentence_with_the_name() {
        for content in [Content::Binary, Content::Empty] {
            let said = content.remark("x.bin");
            assert!(said.is_some_and(|s| s.starts_with("x.bin ") && s.ends_with('.')));
        }
    }
}
