//! Extensions of a `ClientHello` (RFC 6066, RFC 7301, RFC 8422, RFC 8446, RFC 8449).
//!
//! In: what an extension is to say. Out: its number and body. Must not know sockets or servers.

use serde::{Deserialize, Serialize};

use crate::tls::{NamedGroup, ProtocolVersion, SignatureScheme};

/// One extension: its number and its body without type and length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloExtension {
    /// Number of the IANA registry of extension types.
    pub kind: u16,
    /// The body. At most 65,535 bytes.
    pub body: Vec<u8>,
}

/// Numbers of the extensions that are used here (IANA TLS `ExtensionType` values).
pub mod extension {
    /// `server_name`, RFC 6066.
    pub const SERVER_NAME: u16 = 0;
    /// `max_fragment_length`, RFC 6066.
    pub const MAX_FRAGMENT_LENGTH: u16 = 1;
    /// `status_request`, RFC 6066.
    pub const STATUS_REQUEST: u16 = 5;
    /// `supported_groups`, RFC 8422 and 8446.
    pub const SUPPORTED_GROUPS: u16 = 10;
    /// `ec_point_formats`, RFC 8422.
    pub const EC_POINT_FORMATS: u16 = 11;
    /// `signature_algorithms`, RFC 5246 and 8446.
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    /// `application_layer_protocol_negotiation`, RFC 7301.
    pub const ALPN: u16 = 16;
    /// `encrypt_then_mac`, RFC 7366.
    pub const ENCRYPT_THEN_MAC: u16 = 22;
    /// `extended_master_secret`, RFC 7627.
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    /// `record_size_limit`, RFC 8449.
    pub const RECORD_SIZE_LIMIT: u16 = 28;
    /// `session_ticket`, RFC 5077.
    pub const SESSION_TICKET: u16 = 35;
    /// `pre_shared_key`, RFC 8446.
    pub const PRE_SHARED_KEY: u16 = 41;
    /// `supported_versions`, RFC 8446.
    pub const SUPPORTED_VERSIONS: u16 = 43;
    /// `cookie`, RFC 8446.
    pub const COOKIE: u16 = 44;
    /// `psk_key_exchange_modes`, RFC 8446.
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    /// `key_share`, RFC 8446.
    pub const KEY_SHARE: u16 = 51;
    /// `renegotiation_info`, RFC 5746.
    pub const RENEGOTIATION_INFO: u16 = 0xFF01;
}

/// A list of 16-bit numbers with a 16-bit length in front; numbers beyond the field are cut.
fn numbers(values: impl Iterator<Item = u16>) -> Vec<u8> {
    let list: Vec<u8> = values.take(32_766).flat_map(u16::to_be_bytes).collect();
    prefixed(&list)
}

/// Bytes with a 16-bit length in front; what the length cannot say is cut.
fn prefixed(body: &[u8]) -> Vec<u8> {
    let body = body.get(..65_535).unwrap_or(body);
    let mut out = u16::try_from(body.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    out.extend_from_slice(body);
    out
}

impl HelloExtension {
    /// Any extension from its bytes.
    #[must_use]
    pub fn new(kind: u16, body: Vec<u8>) -> Self {
        Self { kind, body }
    }

    /// `server_name` with one host name. An address is written as it is given, although RFC 6066
    /// section 3 forbids it: some devices send it.
    #[must_use]
    pub fn server_name(name: &str) -> Self {
        let mut entry = vec![0];
        entry.extend(prefixed(name.as_bytes()));
        Self::new(extension::SERVER_NAME, prefixed(&entry))
    }

    /// `supported_groups` in order of preference.
    #[must_use]
    pub fn supported_groups(groups: &[NamedGroup]) -> Self {
        let body = numbers(groups.iter().map(|g| g.0));
        Self::new(extension::SUPPORTED_GROUPS, body)
    }

    /// `ec_point_formats`: uncompressed only.
    #[must_use]
    pub fn ec_point_formats() -> Self {
        Self::new(extension::EC_POINT_FORMATS, vec![1, 0])
    }

    /// `signature_algorithms` in order of preference.
    #[must_use]
    pub fn signature_algorithms(schemes: &[SignatureScheme]) -> Self {
        let body = numbers(schemes.iter().map(|s| s.0));
        Self::new(extension::SIGNATURE_ALGORITHMS, body)
    }

    /// `application_layer_protocol_negotiation`. Names longer than 255 bytes are cut.
    #[must_use]
    pub fn alpn(protocols: &[&str]) -> Self {
        let mut list = Vec::new();
        for name in protocols {
            let name = name.as_bytes();
            let name = name.get(..255).unwrap_or(name);
            list.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            list.extend_from_slice(name);
        }
        Self::new(extension::ALPN, prefixed(&list))
    }

    /// `max_fragment_length`: code 1 to 4 for 512, 1024, 2048, 4096 bytes.
    #[must_use]
    pub fn max_fragment_length(code: u8) -> Self {
        Self::new(extension::MAX_FRAGMENT_LENGTH, vec![code])
    }

    /// `record_size_limit` in bytes of plaintext; 64 to 16,385.
    #[must_use]
    pub fn record_size_limit(bytes: u16) -> Self {
        Self::new(extension::RECORD_SIZE_LIMIT, bytes.to_be_bytes().to_vec())
    }

    /// `session_ticket`; empty asks for a new one.
    #[must_use]
    pub fn session_ticket(ticket: Vec<u8>) -> Self {
        Self::new(extension::SESSION_TICKET, ticket)
    }

    /// `extended_master_secret`.
    #[must_use]
    pub fn extended_master_secret() -> Self {
        Self::new(extension::EXTENDED_MASTER_SECRET, Vec::new())
    }

    /// `encrypt_then_mac`.
    #[must_use]
    pub fn encrypt_then_mac() -> Self {
        Self::new(extension::ENCRYPT_THEN_MAC, Vec::new())
    }

    /// `renegotiation_info` of a first handshake.
    #[must_use]
    pub fn renegotiation_info() -> Self {
        Self::new(extension::RENEGOTIATION_INFO, vec![0])
    }

    /// `status_request`: asks for a stapled OCSP answer.
    #[must_use]
    pub fn status_request() -> Self {
        Self::new(extension::STATUS_REQUEST, vec![1, 0, 0, 0, 0])
    }

    /// `supported_versions` in order of preference; at most 127.
    #[must_use]
    pub fn supported_versions(versions: &[ProtocolVersion]) -> Self {
        let list: Vec<u8> = versions
            .iter()
            .take(127)
            .flat_map(|v| v.0.to_be_bytes())
            .collect();
        let mut body = vec![u8::try_from(list.len()).unwrap_or(u8::MAX)];
        body.extend(list);
        Self::new(extension::SUPPORTED_VERSIONS, body)
    }

    /// `key_share`. An empty list asks the server to name its group in a `HelloRetryRequest`.
    #[must_use]
    pub fn key_share(shares: &[(NamedGroup, Vec<u8>)]) -> Self {
        let mut list = Vec::new();
        for (group, share) in shares {
            list.extend(group.0.to_be_bytes());
            list.extend(prefixed(share));
        }
        Self::new(extension::KEY_SHARE, prefixed(&list))
    }

    /// `psk_key_exchange_modes`: PSK with (EC)DHE only.
    #[must_use]
    pub fn psk_key_exchange_modes() -> Self {
        Self::new(extension::PSK_KEY_EXCHANGE_MODES, vec![1, 1])
    }

    /// `cookie`, given back as the `HelloRetryRequest` carried it (body with its length).
    #[must_use]
    pub fn cookie(body: Vec<u8>) -> Self {
        Self::new(extension::COOKIE, body)
    }

    /// `pre_shared_key` of TLS 1.3 with one identity and a binder of `binder`. Must be the last
    /// extension (RFC 8446 section 4.2.11).
    #[must_use]
    pub fn pre_shared_key(identity: &[u8], obfuscated_age: u32, binder: &[u8]) -> Self {
        let mut one = prefixed(identity);
        one.extend(obfuscated_age.to_be_bytes());
        let mut body = prefixed(&one);
        let binder = binder.get(..255).unwrap_or(binder);
        let mut binders = vec![u8::try_from(binder.len()).unwrap_or(u8::MAX)];
        binders.extend_from_slice(binder);
        body.extend(prefixed(&binders));
        Self::new(extension::PRE_SHARED_KEY, body)
    }

    /// A GREASE extension without body (RFC 8701). `index` 0 to 15 chooses the value.
    #[must_use]
    pub fn grease(index: u8) -> Self {
        let byte = (index << 4) | 0x0A;
        Self::new(u16::from_be_bytes([byte, byte]), Vec::new())
    }
}
