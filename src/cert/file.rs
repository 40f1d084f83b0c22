//! A file (or pasted text) and what was found in it.
//!
//! Out of `read`: [`CertFile`]. Private keys leave nothing behind but kind, size, format and the
//! hash of their public half.

use super::certificate::Certificate;
use super::crl::Crl;
use super::names::DistinguishedName;
use super::problem::Problem;
use super::public_key::PublicKey;

/// How an object was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// PEM armour, also inside other text.
    Pem,
    /// Plain DER.
    Der,
    /// Base64 without armour.
    Base64,
    /// Hexadecimal digits: dump, colon form or plain.
    Hex,
    /// Numbers of an array or escapes of a string in source code.
    SourceCode,
    /// Inside a PKCS#7 bundle.
    Pkcs7,
    /// Inside a PKCS#12 container.
    Pkcs12,
    /// Inside a Java key store.
    Jks,
    /// Inside a TLS Certificate message.
    TlsMessage,
}

impl Encoding {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::SourceCode => "source_code",
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Jks => "jks",
            Self::TlsMessage => "tls_message",
        }
    }
}

/// A private key, as far as this program keeps it: never its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// `PKCS#1`, `PKCS#8`, `SEC1`, `DSA`.
    pub format: &'static str,
    /// Protected with a password.
    pub encrypted: bool,
    /// `RSA`, `EC`, `Ed25519` … where it can be told.
    pub kind: Option<String>,
    /// Size in bits, where it can be told.
    pub bits: Option<u32>,
    /// Curve by its IANA name, for EC.
    pub curve: Option<String>,
    /// SHA-256 of the public half (`SubjectPublicKeyInfo`), where the file holds it uncompressed.
    pub spki_sha256: Option<String>,
    /// The same with the point compressed, for EC keys.
    pub compressed_sha256: Option<String>,
}

/// A certificate request (PKCS#10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Subject.
    pub subject: DistinguishedName,
    /// Public key.
    pub key: Option<PublicKey>,
}

/// What an object is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A private key.
    PrivateKey(PrivateKey),
    /// A public key.
    PublicKey(PublicKey),
    /// A certificate request.
    Request(Box<Request>),
    /// A revocation list.
    Crl(Box<Crl>),
    /// A PKCS#7 bundle; its certificates follow as objects of their own.
    Pkcs7,
    /// A PKCS#12 container; what opens follows as objects of their own.
    Pkcs12,
    /// Parameters of a key (EC or DH).
    Parameters,
    /// Bytes that are none of these.
    Unreadable,
}

impl Content {
    /// The word of the JSON contract.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Certificate(_) => "certificate",
            Self::PrivateKey(_) => "private_key",
            Self::PublicKey(_) => "public_key",
            Self::Request(_) => "certificate_request",
            Self::Crl(_) => "crl",
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Parameters => "parameters",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One object of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is.
    pub content: Content,
    /// How it was written.
    pub encoding: Encoding,
    /// Label of the PEM armour, or alias in a key store.
    pub label: Option<String>,
    /// Offset of its first byte in the file, in bytes.
    pub offset: usize,
    /// Bytes that it takes in the file, armour included.
    pub file_bytes: usize,
    /// Size of its DER in bytes.
    pub der_bytes: usize,
}

/// A file and what was found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct CertFile {
    /// Its name as shown.
    pub name: String,
    /// Its size in bytes.
    pub size_bytes: usize,
    /// Objects in the order of the file.
    pub objects: Vec<Object>,
    /// What is wrong or odd, in the order of the file.
    pub problems: Vec<Problem>,
}

impl CertFile {
    /// The certificates, in the order of the file.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.objects.iter().filter_map(|o| match &o.content {
            Content::Certificate(c) => Some(&**c),
            _ => None,
        })
    }

    /// Does something in it wait for a password?
    #[must_use]
    pub fn wants_password(&self) -> bool {
        const CLOSED: [&str; 3] = ["pkcs12.closed", "jks.closed", "key.closed"];
        self.problems.iter().any(|p| CLOSED.contains(&p.id))
    }

    /// Was anything recognised?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self
            .objects
            .iter()
            .any(|o| o.content != Content::Unreadable)
    }
}
