//! Extensions of the hello messages (IANA TLS `ExtensionType` Values; RFC 6066, RFC 8446 section 4.2).
//!
//! In: the extension block of a message. Out: numbers with their data, and the names.

use serde::{Deserialize, Serialize};

use super::fields::{Fields, Malformed, numbers};

/// One extension as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its number.
    pub number: u16,
    /// Its data, without number and length.
    pub data: Vec<u8>,
}

/// Number of `server_name`.
pub const SERVER_NAME: u16 = 0;
/// Number of `max_fragment_length`.
pub const MAX_FRAGMENT_LENGTH: u16 = 1;
/// Number of `supported_groups`.
pub const SUPPORTED_GROUPS: u16 = 10;
/// Number of `signature_algorithms`.
pub const SIGNATURE_ALGORITHMS: u16 = 13;
/// Number of application-layer protocol negotiation.
pub const ALPN: u16 = 16;
/// Ticket of a session (RFC 5077).
pub const SESSION_TICKET: u16 = 35;
/// Number of `pre_shared_key`.
pub const PRE_SHARED_KEY: u16 = 41;
/// Number of `supported_versions`.
pub const SUPPORTED_VERSIONS: u16 = 43;
/// Number of `certificate_authorities`.
pub const CERTIFICATE_AUTHORITIES: u16 = 47;
/// Number of `key_share`.
pub const KEY_SHARE: u16 = 51;

/// Number and name. 16 is registered under its long name and called `alpn` by everybody.
const NAMES: &[(u16, &str)] = &[
    (0, "server_name"),
    (1, "max_fragment_length"),
    (2, "client_certificate_url"),
    (3, "trusted_ca_keys"),
    (4, "truncated_hmac"),
    (5, "status_request"),
    (10, "supported_groups"),
    (11, "ec_point_formats"),
    (12, "srp"),
    (13, "signature_algorithms"),
    (14, "use_srtp"),
    (15, "heartbeat"),
    (16, "alpn"),
    (17, "status_request_v2"),
    (18, "signed_certificate_timestamp"),
    (19, "client_certificate_type"),
    (20, "server_certificate_type"),
    (21, "padding"),
    (22, "encrypt_then_mac"),
    (23, "extended_master_secret"),
    (27, "compress_certificate"),
    (28, "record_size_limit"),
    (35, "session_ticket"),
    (41, "pre_shared_key"),
    (42, "early_data"),
    (43, "supported_versions"),
    (44, "cookie"),
    (45, "psk_key_exchange_modes"),
    (47, "certificate_authorities"),
    (48, "oid_filters"),
    (49, "post_handshake_auth"),
    (50, "signature_algorithms_cert"),
    (51, "key_share"),
    (54, "connection_id"),
    (57, "quic_transport_parameters"),
    (0xFE0D, "encrypted_client_hello"),
    (0xFF01, "renegotiation_info"),
];

impl Extension {
    /// The registered name, or `None` for a number without one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let at = NAMES.binary_search_by_key(&self.number, |&(n, _)| n).ok()?;
        NAMES.get(at).map(|&(_, name)| name)
    }

    /// The name, or `extension 0x1234`.
    #[must_use]
    pub fn label(&self) -> String {
        self.name()
            .map_or_else(|| format!("extension 0x{:04X}", self.number), str::to_owned)
    }

    /// The two-byte numbers of a list with a two-byte length (groups, signature schemes).
    #[must_use]
    pub(super) fn list16(&self) -> Vec<u16> {
        Fields::of("extension", &self.data)
            .vec16("list")
            .map(numbers)
            .unwrap_or_default()
    }
}

/// Reads what is left of a message as its extension block; a message may end without one
/// (RFC 5246 section 7.4.1.2).
pub(super) fn extensions(fields: &mut Fields<'_>) -> Result<Vec<Extension>, Malformed> {
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let mut block = Fields::of("extensions", fields.vec16("extensions")?);
    let mut list = Vec::new();
    while !block.is_empty() {
        list.push(Extension {
            number: block.u16("extension_type")?,
            data: block.vec16("extension_data")?.to_vec(),
        });
    }
    Ok(list)
}

/// The names of an ALPN extension (RFC 7301 section 3.1), bytes outside UTF-8 replaced.
pub(super) fn protocol_names(data: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(list) = Fields::of("alpn", data).vec16("protocol_name_list") else {
        return names;
    };
    let mut list = Fields::of("alpn", list);
    while let Ok(name) = list.vec8("protocol_name") {
        names.push(String::from_utf8_lossy(name).into_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn the_table_is_in_order() {
        assert!(NAMES.windows(2).all(|w| w[0].0 < w[1].0));
    }
}
