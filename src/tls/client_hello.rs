//! `ClientHello` (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2, RFC 6347 section 4.2.1).
//!
//! In: the body of the message, after its header. Out: its fields.

use super::extension::{
    ALPN, Extension, KEY_SHARE, MAX_FRAGMENT_LENGTH, PRE_SHARED_KEY, SERVER_NAME,
    SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS, SUPPORTED_VERSIONS, extensions, protocol_names,
};
use super::fields::{Fields, Malformed, numbers};

/// What a client offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The version field; TLS 1.3 leaves it at 0x0303.
    pub legacy_version: u16,
    /// Its random, the key of a key log's lines.
    pub random: [u8; 32],
    /// Session to resume, up to 32 bytes.
    pub session_id: Vec<u8>,
    /// The cookie of DTLS, empty in the first hello and in TLS.
    pub cookie: Vec<u8>,
    /// Suites by number, as offered, signalling values and GREASE among them.
    pub cipher_suites: Vec<u16>,
    /// Extensions in order.
    pub extensions: Vec<Extension>,
}

impl ClientHello {
    /// Reads the body of the message; `datagram` where it is one of DTLS, which has a cookie.
    ///
    /// # Errors
    /// When a field is shorter than its length says.
    pub fn parse(body: &[u8], datagram: bool) -> Result<Self, Malformed> {
        let mut fields = Fields::of("ClientHello", body);
        let legacy_version = fields.u16("legacy_version")?;
        let random = fields.random()?;
        let session_id = fields.vec8("session_id")?.to_vec();
        let cookie = if datagram {
            fields.vec8("cookie")?.to_vec()
        } else {
            Vec::new()
        };
        let cipher_suites = numbers(fields.vec16("cipher_suites")?);
        fields.vec8("compression_methods")?;
        Ok(Self {
            legacy_version,
            random,
            session_id,
            cookie,
            cipher_suites,
            extensions: extensions(&mut fields)?,
        })
    }

    /// The extension with this number.
    #[must_use]
    pub fn extension(&self, number: u16) -> Option<&Extension> {
        self.extensions.iter().find(|e| e.number == number)
    }

    /// The host name sent (RFC 6066 section 3), bytes outside UTF-8 replaced.
    #[must_use]
    pub fn server_name(&self) -> Option<String> {
        let mut fields = Fields::of("server_name", &self.extension(SERVER_NAME)?.data);
        let mut list = Fields::of("server_name", fields.vec16("server_name_list").ok()?);
        while let Ok(name_type) = list.u8("name_type") {
            let name = list.vec16("host_name").ok()?;
            if name_type == 0 {
                return Some(String::from_utf8_lossy(name).into_owned());
            }
        }
        None
    }

    /// Protocol names offered (RFC 7301).
    #[must_use]
    pub fn alpn(&self) -> Vec<String> {
        self.extension(ALPN)
            .map(|e| protocol_names(&e.data))
            .unwrap_or_default()
    }

    /// Groups offered, by number.
    #[must_use]
    pub fn groups(&self) -> Vec<u16> {
        self.extension(SUPPORTED_GROUPS)
            .map(Extension::list16)
            .unwrap_or_default()
    }

    /// Signature schemes offered, by number.
    #[must_use]
    pub fn signature_schemes(&self) -> Vec<u16> {
        self.extension(SIGNATURE_ALGORITHMS)
            .map(Extension::list16)
            .unwrap_or_default()
    }

    /// Versions offered, as sent (GREASE among them); the version field alone where the extension is
    /// missing, which means "this and all below".
    #[must_use]
    pub fn versions(&self) -> Vec<u16> {
        match self.extension(SUPPORTED_VERSIONS) {
            Some(extension) => Fields::of("supported_versions", &extension.data)
                .vec8("versions")
                .map(numbers)
                .unwrap_or_default(),
            None => vec![self.legacy_version],
        }
    }

    /// Groups for which a key share is sent, by number (RFC 8446 section 4.2.8).
    #[must_use]
    pub fn key_share_groups(&self) -> Vec<u16> {
        let mut groups = Vec::new();
        let Some(extension) = self.extension(KEY_SHARE) else {
            return groups;
        };
        let Ok(list) = Fields::of("key_share", &extension.data).vec16("client_shares") else {
            return groups;
        };
        let mut list = Fields::of("key_share", list);
        while let (Ok(group), Ok(_)) = (list.u16("group"), list.vec16("key_exchange")) {
            groups.push(group);
        }
        groups
    }

    /// The code of the maximum fragment length asked for: 1 to 4 for 512 to 4096 bytes (RFC 6066
    /// section 4).
    #[must_use]
    pub fn max_fragment_length(&self) -> Option<u8> {
        self.extension(MAX_FRAGMENT_LENGTH)?.data.first().copied()
    }

    /// Does it offer a pre-shared key or a ticket of TLS 1.3?
    #[must_use]
    pub fn offers_psk(&self) -> bool {
        self.extension(PRE_SHARED_KEY).is_some()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0xC0, 0x2B, 0x13, 0x01, 1, 0]);
        let extensions: &[u8] = &[
            0, 0, 0, 8, 0, 6, 0, 0, 3, b'a', b'.', b'b', // server_name
            0, 10, 0, 4, 0, 2, 0, 23, // supported_groups
            0, 16, 0, 5, 0, 3, 2, b'h', b'2', // alpn
            0, 43, 0, 5, 4, 3, 4, 3, 3, // supported_versions
        ];
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
        body
    }

    #[test]
    fn fields_are_read() {
        let hello = ClientHello::parse(&sample(), false).unwrap();
        assert_eq!(hello.cipher_suites, [0xC02B, 0x1301]);
        assert_eq!(hello.server_name().as_deref(), Some("a.b"));
        assert_eq!(hello.groups(), [23]);
        assert_eq!(hello.alpn(), ["h2"]);
        assert_eq!(hello.versions(), [0x0304, 0x0303]);
        assert_eq!(hello.random, [7; 32]);
    }

    #[test]
    fn every_shorter_form_is_refused_or_has_no_extensions() {
        let whole = sample();
        for end in 0..whole.len() {
            if let Ok(hello) = ClientHello::parse(&whole[..end], false) {
                assert!(hello.extensions.is_empty(), "{end}");
            }
        }
    }
}
