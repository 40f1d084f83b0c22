//! Writer of `ClientHello` messages (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2): any suites,
//! groups, algorithms, extensions and order, also those that no TLS library would send.
//!
//! In: the fields. Out: the bytes of message and record. Must not know sockets or servers.

use serde::{Deserialize, Serialize};

use super::hello_extension::{HelloExtension, extension};
use super::wire::Reader;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// A `ClientHello` as its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// Version of the record header: `0x0301` or `0x0303` for most clients.
    pub record_version: ProtocolVersion,
    /// `client_version` of TLS 1.2, `legacy_version` of TLS 1.3.
    pub version: ProtocolVersion,
    /// Random of the client.
    pub random: [u8; 32],
    /// Session id, 0 to 32 bytes.
    pub session_id: Vec<u8>,
    /// Suites in order of preference.
    pub cipher_suites: Vec<CipherSuite>,
    /// Compression methods; 0 is none, 1 DEFLATE.
    pub compression: Vec<u8>,
    /// Extensions in order. An empty list is sent as no extension block at all.
    pub extensions: Vec<HelloExtension>,
}

/// A `ClientHello` that cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// A list is longer than its length field can say.
    #[error("{0} does not fit its length field")]
    TooLong(&'static str),
    /// The bytes are no `ClientHello`, or end early.
    #[error("the bytes are not one whole ClientHello")]
    NotAClientHello,
}

/// Appends a vector with a length field of `width` bytes.
fn vector(
    out: &mut Vec<u8>,
    width: usize,
    body: &[u8],
    what: &'static str,
) -> Result<(), HelloError> {
    let length = (body.len() as u64).to_be_bytes();
    let (high, low) = length.split_at(length.len() - width);
    if high.iter().any(|&b| b != 0) {
        return Err(HelloError::TooLong(what));
    }
    out.extend_from_slice(low);
    out.extend_from_slice(body);
    Ok(())
}

impl ClientHello {
    /// The handshake message with its header of four bytes.
    ///
    /// # Errors
    /// A list that its length field cannot count.
    pub fn message(&self) -> Result<Vec<u8>, HelloError> {
        let mut body = self.version.0.to_be_bytes().to_vec();
        body.extend(self.random);
        vector(&mut body, 1, &self.session_id, "the session id")?;
        let suites: Vec<u8> = self
            .cipher_suites
            .iter()
            .flat_map(|s| s.0.to_be_bytes())
            .collect();
        vector(&mut body, 2, &suites, "the list of cipher suites")?;
        vector(
            &mut body,
            1,
            &self.compression,
            "the list of compression methods",
        )?;
        if !self.extensions.is_empty() {
            let mut block = Vec::new();
            for extension in &self.extensions {
                block.extend(extension.kind.to_be_bytes());
                vector(&mut block, 2, &extension.body, "an extension")?;
            }
            vector(&mut body, 2, &block, "the block of extensions")?;
        }
        let mut message = vec![1];
        vector(&mut message, 3, &body, "the ClientHello")?;
        Ok(message)
    }

    /// The message in records of at most 16,384 bytes.
    ///
    /// # Errors
    /// As [`Self::message`].
    pub fn records(&self) -> Result<Vec<u8>, HelloError> {
        let message = self.message()?;
        let mut out = Vec::with_capacity(message.len() + 5);
        for part in message.chunks(16_384) {
            out.push(crate::tls::ContentType::HANDSHAKE.0);
            out.extend(self.record_version.0.to_be_bytes());
            vector(&mut out, 2, part, "a record")?;
        }
        Ok(out)
    }

    /// Reads a `ClientHello` from its records (as a capture or a hex dump gives them) or from the
    /// bare handshake message.
    ///
    /// # Errors
    /// [`HelloError::NotAClientHello`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HelloError> {
        Self::read(bytes).ok_or(HelloError::NotAClientHello)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut record_version = ProtocolVersion::TLS10;
        let mut message = Vec::new();
        if bytes.first() == Some(&crate::tls::ContentType::HANDSHAKE.0) {
            let mut records = Reader::new(bytes);
            while !records.is_empty() && records.u8()? == crate::tls::ContentType::HANDSHAKE.0 {
                record_version = ProtocolVersion(records.u16()?);
                message.extend_from_slice(records.vector16()?);
            }
        } else {
            message.extend_from_slice(bytes);
        }
        let mut reader = Reader::new(&message);
        if reader.u8()? != 1 {
            return None;
        }
        let mut body = Reader::new(reader.vector24()?);
        let version = ProtocolVersion(body.u16()?);
        let random = body.take(32)?.try_into().ok()?;
        let session_id = body.vector8()?.to_vec();
        let cipher_suites = Reader::new(body.vector16()?)
            .numbers()?
            .map(CipherSuite)
            .collect();
        let compression = body.vector8()?.to_vec();
        let mut extensions = Vec::new();
        if !body.is_empty() {
            let mut block = Reader::new(body.vector16()?);
            while !block.is_empty() {
                let kind = block.u16()?;
                extensions.push(HelloExtension::new(kind, block.vector16()?.to_vec()));
            }
        }
        Some(Self {
            record_version,
            version,
            random,
            session_id,
            cipher_suites,
            compression,
            extensions,
        })
    }

    /// The body of the first extension with this number.
    #[must_use]
    pub fn extension(&self, kind: u16) -> Option<&[u8]> {
        self.extensions
            .iter()
            .find(|e| e.kind == kind)
            .map(|e| e.body.as_slice())
    }

    /// Puts an extension in the place of the one with the same number, or behind the others (but
    /// before `pre_shared_key`, which stays last).
    pub fn set_extension(&mut self, new: HelloExtension) {
        if let Some(old) = self.extensions.iter_mut().find(|e| e.kind == new.kind) {
            *old = new;
            return;
        }
        let last_is_psk = self
            .extensions
            .last()
            .is_some_and(|e| e.kind == extension::PRE_SHARED_KEY);
        let at = self.extensions.len() - usize::from(last_is_psk);
        self.extensions.insert(at, new);
    }

    /// Takes the extension with this number out.
    pub fn remove_extension(&mut self, kind: u16) {
        self.extensions.retain(|e| e.kind != kind);
    }

    /// The name in `server_name`, if one is sent.
    #[must_use]
    pub fn server_name(&self) -> Option<String> {
        let mut list = Reader::new(self.extension(extension::SERVER_NAME)?);
        let mut entry = Reader::new(list.vector16()?);
        if entry.u8()? != 0 {
            return None;
        }
        Some(String::from_utf8_lossy(entry.vector16()?).into_owned())
    }

    /// The groups that it offers, in order.
    #[must_use]
    pub fn groups(&self) -> Vec<NamedGroup> {
        self.list(extension::SUPPORTED_GROUPS)
            .map(NamedGroup)
            .collect()
    }

    /// The signature algorithms that it offers, in order.
    #[must_use]
    pub fn signature_schemes(&self) -> Vec<SignatureScheme> {
        self.list(extension::SIGNATURE_ALGORITHMS)
            .map(SignatureScheme)
            .collect()
    }

    /// Does it offer TLS 1.3 (in `supported_versions`)?
    #[must_use]
    pub fn offers_tls13(&self) -> bool {
        let listed = || {
            let mut body = Reader::new(self.extension(extension::SUPPORTED_VERSIONS)?);
            let mut versions = Reader::new(body.vector8()?).numbers()?;
            Some(versions.any(|v| v == ProtocolVersion::TLS13.0))
        };
        listed().unwrap_or(false)
    }

    fn list(&self, kind: u16) -> impl Iterator<Item = u16> {
        let listed = || Reader::new(Reader::new(self.extension(kind)?).vector16()?).numbers();
        listed().into_iter().flatten()
    }
}
