//! What a server answers to a `ClientHello` in the clear: `ServerHello` or `HelloRetryRequest`, and in
//! TLS 1.2 and older Certificate, `ServerKeyExchange` and `CertificateRequest` (RFC 8446 section 4.1.3,
//! RFC 5246 section 7.4, RFC 8422 section 5.4).
//!
//! In: bodies of handshake messages without their header. Out: their fields, or `None` for bytes
//! that do not hold what they promise. Must not know sockets.

use serde::{Deserialize, Serialize};

use super::hello_extension::extension;
use super::wire::Reader;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// The random that makes a `ServerHello` a `HelloRetryRequest`: SHA-256 of "`HelloRetryRequest`"
/// (RFC 8446 section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// A `ServerHello`, or a `HelloRetryRequest`, which has the same form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHello {
    /// `server_version`; 1.2 in TLS 1.3.
    pub legacy_version: ProtocolVersion,
    /// Random of the server.
    pub random: [u8; 32],
    /// Session id: given by the server (≤ 1.2) or echoed (1.3).
    pub session_id: Vec<u8>,
    /// The suite that was chosen.
    pub cipher_suite: CipherSuite,
    /// The compression method that was chosen.
    pub compression: u8,
    /// Extensions in their order: number and body.
    pub extensions: Vec<(u16, Vec<u8>)>,
}

impl ServerHello {
    /// Reads the body of the message.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut body = Reader::new(body);
        let legacy_version = ProtocolVersion(body.u16()?);
        let random = body.take(32)?.try_into().ok()?;
        let session_id = body.vector8()?.to_vec();
        let cipher_suite = CipherSuite(body.u16()?);
        let compression = body.u8()?;
        let mut extensions = Vec::new();
        if !body.is_empty() {
            let mut block = Reader::new(body.vector16()?);
            while !block.is_empty() {
                let kind = block.u16()?;
                extensions.push((kind, block.vector16()?.to_vec()));
            }
        }
        Some(Self {
            legacy_version,
            random,
            session_id,
            cipher_suite,
            compression,
            extensions,
        })
    }

    /// Is it a `HelloRetryRequest`?
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The body of the extension with this number.
    #[must_use]
    pub fn extension(&self, kind: u16) -> Option<&[u8]> {
        self.extensions
            .iter()
            .find(|(k, _)| *k == kind)
            .map(|(_, body)| body.as_slice())
    }

    /// The version that was chosen: `supported_versions` where sent, else the field.
    #[must_use]
    pub fn version(&self) -> ProtocolVersion {
        self.extension(extension::SUPPORTED_VERSIONS)
            .and_then(|body| Reader::new(body).u16())
            .map_or(self.legacy_version, ProtocolVersion)
    }

    /// The group of `key_share` (TLS 1.3; in a `HelloRetryRequest` the group that is wanted).
    #[must_use]
    pub fn group(&self) -> Option<NamedGroup> {
        let body = self.extension(extension::KEY_SHARE)?;
        Reader::new(body).u16().map(NamedGroup)
    }

    /// The protocol that ALPN chose in the clear (≤ 1.2).
    #[must_use]
    pub fn alpn(&self) -> Option<String> {
        let mut list = Reader::new(self.extension(extension::ALPN)?);
        let mut names = Reader::new(list.vector16()?);
        Some(String::from_utf8_lossy(names.vector8()?).into_owned())
    }
}

/// The certificates of a Certificate message of TLS 1.2 and older, as DER, leaf first.
#[must_use]
pub fn certificate_list(body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut body = Reader::new(body);
    let mut list = Reader::new(body.vector24()?);
    let mut out = Vec::new();
    while !list.is_empty() {
        out.push(list.vector24()?.to_vec());
    }
    Some(out)
}

/// A `CertificateRequest` of TLS 1.2 and older.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// `certificate_types`: 1 `rsa_sign`, 64 `ecdsa_sign` and others.
    pub types: Vec<u8>,
    /// Signature algorithms (TLS 1.2; empty before).
    pub signature_algorithms: Vec<SignatureScheme>,
    /// Names of the authorities, as DER; may be empty.
    pub authorities: Vec<Vec<u8>>,
    /// Bytes of the whole message with its header of four bytes.
    pub message_bytes: usize,
}

impl CertificateRequest {
    /// Reads the body of the message as `version` writes it.
    #[must_use]
    pub fn parse(body: &[u8], version: ProtocolVersion) -> Option<Self> {
        let message_bytes = body.len() + 4;
        let mut body = Reader::new(body);
        let types = body.vector8()?.to_vec();
        let signature_algorithms = if version >= ProtocolVersion::TLS12 {
            Reader::new(body.vector16()?)
                .numbers()?
                .map(SignatureScheme)
                .collect()
        } else {
            Vec::new()
        };
        let mut names = Reader::new(body.vector16()?);
        let mut authorities = Vec::new();
        while !names.is_empty() {
            authorities.push(names.vector16()?.to_vec());
        }
        Some(Self {
            types,
            signature_algorithms,
            authorities,
            message_bytes,
        })
    }
}

/// The key that a `ServerKeyExchange` carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerKey {
    /// A point on a named curve (RFC 8422 section 5.4).
    Ecdhe {
        /// The curve.
        group: NamedGroup,
        /// The point as sent.
        point: Vec<u8>,
    },
    /// A finite field of the server's own choice.
    Dhe {
        /// Bits of the prime.
        prime_bits: usize,
    },
}

/// A signed `ServerKeyExchange` of TLS 1.2 and older.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerKeyExchange {
    /// The key.
    pub key: ServerKey,
    /// The bytes of the parameters that the signature covers, behind both randoms.
    pub parameters: Vec<u8>,
    /// Algorithm of the signature (TLS 1.2; before that it follows from the key).
    pub scheme: Option<SignatureScheme>,
    /// The signature; empty for anonymous suites.
    pub signature: Vec<u8>,
}

impl ServerKeyExchange {
    /// Reads the body of the message as `version` and the chosen suite write it. `None` also for
    /// key exchanges without (EC)DHE parameters of a certificate, such as plain PSK.
    #[must_use]
    pub fn parse(body: &[u8], version: ProtocolVersion, suite: CipherSuite) -> Option<Self> {
        let exchange = suite.key_exchange()?;
        if exchange.contains("PSK") {
            return None;
        }
        let mut reader = Reader::new(body);
        let key = if exchange.starts_with("ECDH") {
            // 3 = named_curve; explicit curves were removed by RFC 8422.
            if reader.u8()? != 3 {
                return None;
            }
            let group = NamedGroup(reader.u16()?);
            let point = reader.vector8()?.to_vec();
            ServerKey::Ecdhe { group, point }
        } else if exchange.starts_with("DH") {
            let prime = reader.vector16()?;
            reader.vector16()?;
            reader.vector16()?;
            let zeros = prime.iter().take_while(|&&b| b == 0).count();
            let first = prime.get(zeros).map_or(8, |b| b.leading_zeros() as usize);
            ServerKey::Dhe {
                prime_bits: ((prime.len() - zeros) * 8).saturating_sub(first % 8),
            }
        } else {
            return None;
        };
        let mut rest = reader;
        let tail = rest.rest();
        let parameters = body.get(..body.len() - tail.len())?.to_vec();
        let scheme = if version >= ProtocolVersion::TLS12 && !reader.is_empty() {
            Some(SignatureScheme(reader.u16()?))
        } else {
            None
        };
        let signature = if reader.is_empty() {
            Vec::new()
        } else {
            reader.vector16()?.to_vec()
        };
        Some(Self {
            key,
            parameters,
            scheme,
            signature,
        })
    }
}
