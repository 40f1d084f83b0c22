//! `ServerHello` and `HelloRetryRequest` (RFC 8446 sections 4.1.3 and 4.1.4, RFC 5246 section
//! 7.4.1.3).
//!
//! In: the body of the message, after its header. Out: its fields.

use serde::{Deserialize, Serialize};

use super::extension::{
    ALPN, Extension, KEY_SHARE, SUPPORTED_VERSIONS, extensions, protocol_names,
};
use super::fields::{Fields, Malformed};
use super::group::NamedGroup;
use super::record::ProtocolVersion;
use super::suite::CipherSuite;

/// The random that makes a `ServerHello` a `HelloRetryRequest` (SHA-256 of that name, RFC 8446
/// section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// What a server chose. A `HelloRetryRequest` has the same form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerHello {
    /// The version field; TLS 1.3 leaves it at 1.2.
    pub legacy_version: ProtocolVersion,
    /// Its random.
    pub random: [u8; 32],
    /// Session, up to 32 bytes; the client's own where it is resumed in TLS 1.2.
    pub session_id: Vec<u8>,
    /// The suite chosen.
    pub cipher_suite: CipherSuite,
    /// The compression method chosen.
    pub compression: u8,
    /// Extensions in order.
    pub extensions: Vec<Extension>,
}

impl ServerHello {
    /// Reads the body of the message.
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of("ServerHello", body);
        let legacy_version = ProtocolVersion(fields.u16("legacy_version")?);
        let random = fields.random()?;
        let session_id = fields.vec8("session_id")?.to_vec();
        let cipher_suite = CipherSuite(fields.u16("cipher_suite")?);
        let compression = fields.u8("compression_method")?;
        Ok(Self {
            legacy_version,
            random,
            session_id,
            cipher_suite,
            compression,
            extensions: extensions(&mut fields)?,
        })
    }

    /// Is it a `HelloRetryRequest`?
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The data of the extension with this number.
    #[must_use]
    pub fn extension(&self, number: u16) -> Option<&[u8]> {
        self.extensions
            .iter()
            .find(|e| e.number == number)
            .map(|e| e.data.as_slice())
    }

    /// The version chosen: the extension where it is there, else the field.
    #[must_use]
    pub fn version(&self) -> ProtocolVersion {
        match self.extension(SUPPORTED_VERSIONS) {
            Some([high, low]) => ProtocolVersion(u16::from_be_bytes([*high, *low])),
            _ => self.legacy_version,
        }
    }

    /// The group of the key share sent, or asked for in a retry.
    #[must_use]
    pub fn group(&self) -> Option<NamedGroup> {
        Fields::of("key_share", self.extension(KEY_SHARE)?)
            .u16("group")
            .ok()
            .map(NamedGroup)
    }

    /// The protocol name chosen (TLS 1.2; 1.3 sends it encrypted).
    #[must_use]
    pub fn alpn(&self) -> Option<String> {
        protocol_names(self.extension(ALPN)?).into_iter().next()
    }
}

/// Extensions of an `EncryptedExtensions` message (RFC 8446 section 4.3.1), from its body.
///
/// # Errors
/// When a field is shorter than its length says.
pub fn encrypted_extensions(body: &[u8]) -> Result<Vec<Extension>, Malformed> {
    extensions(&mut Fields::of("EncryptedExtensions", body))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_is_known_by_its_random() {
        let mut body = vec![3, 3];
        body.extend(RETRY_RANDOM);
        body.extend([
            0, 0x13, 0x01, 0, 0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 24,
        ]);
        let hello = ServerHello::parse(&body).unwrap();
        assert!(hello.is_retry());
        assert_eq!(hello.version(), ProtocolVersion::TLS13);
        assert_eq!(hello.group(), Some(NamedGroup(24)));
        body[5] ^= 1;
        assert!(!ServerHello::parse(&body).unwrap().is_retry());
    }

    #[test]
    fn without_extensions_the_field_is_the_version() {
        let mut body = vec![3, 2];
        body.extend([1; 32]);
        body.extend([0, 0, 0x2F, 0]);
        let hello = ServerHello::parse(&body).unwrap();
        assert_eq!(hello.version(), ProtocolVersion::TLS11);
        assert_eq!(hello.cipher_suite, CipherSuite(0x002F));
        assert!(ServerHello::parse(&body[..30]).is_err());
    }
}
