//! The `ClientHello`s that a probe asks with.
//!
//! In: version, suites, groups, algorithms, name. Out: a `ClientHello` with fresh random.

use std::cmp::Reverse;

use super::key_share::random_bytes;
use crate::tls::hello::{ClientHello, HelloExtension};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// What a question offers. The lists are sent in their order.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The versions, highest first.
    pub versions: Vec<ProtocolVersion>,
    pub suites: Vec<CipherSuite>,
    pub groups: Vec<NamedGroup>,
    pub schemes: Vec<SignatureScheme>,
    /// `server_name`; none is sent without.
    pub name: Option<String>,
    /// Sent in this order behind the usual extensions.
    pub more: Vec<HelloExtension>,
}

impl Question {
    /// Everything that this version knows.
    pub fn all(version: ProtocolVersion, name: Option<&str>) -> Self {
        Self {
            versions: vec![version],
            suites: suites_of(version),
            groups: groups_of(version),
            schemes: schemes(),
            name: name.map(str::to_owned),
            more: Vec::new(),
        }
    }

    /// All versions at once: what a modern client would ask.
    pub fn open(name: Option<&str>) -> Self {
        let mut question = Self::all(ProtocolVersion::TLS12, name);
        let mut suites = suites_of(ProtocolVersion::TLS13);
        suites.append(&mut question.suites);
        question.suites = suites;
        let older = std::mem::replace(&mut question.groups, groups_of(ProtocolVersion::TLS13));
        let known = question.groups.clone();
        let more = older.into_iter().filter(|g| !known.contains(g));
        question.groups.extend(more);
        question.versions = vec![
            ProtocolVersion::TLS13,
            ProtocolVersion::TLS12,
            ProtocolVersion::TLS11,
            ProtocolVersion::TLS10,
        ];
        question.more = telling();
        question
    }

    /// The message. TLS 1.3 is asked with an empty `key_share`: the server names its group in a
    /// `HelloRetryRequest`, and no connection is spent on a guess.
    pub fn hello(&self) -> ClientHello {
        let highest = self
            .versions
            .iter()
            .copied()
            .max()
            .unwrap_or(ProtocolVersion::TLS12);
        let is_13 = highest >= ProtocolVersion::TLS13;
        let mut extensions = Vec::new();
        if let Some(name) = &self.name {
            extensions.push(HelloExtension::server_name(name));
        }
        let mut groups = self.groups.iter().copied();
        if groups.next().is_some() {
            extensions.push(HelloExtension::supported_groups(&self.groups));
            extensions.push(HelloExtension::ec_point_formats());
        }
        if highest >= ProtocolVersion::TLS12 && !self.schemes.is_empty() {
            extensions.push(HelloExtension::signature_algorithms(&self.schemes));
        }
        if is_13 {
            extensions.push(HelloExtension::supported_versions(&self.versions));
            extensions.push(HelloExtension::psk_key_exchange_modes());
            extensions.push(HelloExtension::key_share(&[]));
        }
        extensions.extend(self.more.iter().cloned());
        let older = self.versions.iter().any(|&v| v < ProtocolVersion::TLS13);
        if older {
            extensions.push(HelloExtension::renegotiation_info());
        }
        ClientHello {
            record_version: ProtocolVersion::TLS10,
            version: highest.min(ProtocolVersion::TLS12),
            random: random_bytes().unwrap_or_default(),
            session_id: if is_13 {
                random_bytes::<32>().unwrap_or_default().to_vec()
            } else {
                Vec::new()
            },
            cipher_suites: self.suites.clone(),
            compression: vec![0],
            extensions,
        }
    }
}

/// Extensions whose answer tells something by the way.
pub(super) fn telling() -> Vec<HelloExtension> {
    vec![
        HelloExtension::extended_master_secret(),
        HelloExtension::encrypt_then_mac(),
        HelloExtension::session_ticket(Vec::new()),
        HelloExtension::status_request(),
    ]
}

/// Every signature algorithm worth asking for, strongest of each kind first; with the pairs of
/// TLS 1.2 that TLS 1.3 has no name for.
pub(super) fn schemes() -> Vec<SignatureScheme> {
    [
        0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
        0x0401, 0x0501, 0x0601, 0x081A, 0x081B, 0x081C, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402,
        0x0202, 0x0101,
    ]
    .map(SignatureScheme)
    .to_vec()
}

/// The groups that a version can use, the usual ones first.
pub(super) fn groups_of(version: ProtocolVersion) -> Vec<NamedGroup> {
    let mut groups: Vec<NamedGroup> = NamedGroup::all()
        .filter(|g| match g.0 {
            // Curves of RFC 4492 that TLS 1.3 withdrew, and Brainpool of TLS 1.2.
            0x0001..=0x0016 | 0x001A..=0x001C => version < ProtocolVersion::TLS13,
            // Brainpool of TLS 1.3 and hybrids.
            0x001F..=0x0021 | 0x11EB.. => version >= ProtocolVersion::TLS13,
            _ => true,
        })
        .collect();
    let rank = |g: &NamedGroup| match g.0 {
        0x001D => 0,
        0x0017 => 1,
        0x0018 => 2,
        0x0019 => 3,
        0x001E => 4,
        _ => 5,
    };
    groups.sort_by_key(|g| (rank(g), Reverse(g.0)));
    // Primes from small to large: a server that takes the first one has less to compute.
    let (primes, mut curves): (Vec<_>, Vec<_>) = groups.into_iter().partition(|g| is_prime(*g));
    curves.extend(primes.into_iter().rev());
    curves
}

/// Is it a finite field of RFC 7919?
pub(super) fn is_prime(group: NamedGroup) -> bool {
    (0x0100..=0x01FF).contains(&group.0)
}

/// The suites that a version can use (those of TLS 1.2 in older versions too: some stacks take them
/// there, as Mbed TLS 2.28 does with Camellia and SHA-256), in a sensible client's order: forward secrecy first, then
/// AEAD, then key length; anonymous, NULL and export suites last.
pub(super) fn suites_of(version: ProtocolVersion) -> Vec<CipherSuite> {
    let mut suites: Vec<CipherSuite> = CipherSuite::all()
        .filter(|s| !s.is_signalling() && s.0 != 0)
        .filter(|s| {
            let name = s.name().unwrap_or_default();
            if s.is_tls13() || version >= ProtocolVersion::TLS13 {
                return s.is_tls13() && version >= ProtocolVersion::TLS13;
            }
            // GOST, Kerberos and SRP need an account or a certificate that no device here has.
            !["KRB5", "SRP", "GOST", "SM4"]
                .iter()
                .any(|odd| name.contains(odd))
        })
        .collect();
    suites.sort_by_key(|s| rank(*s));
    suites
}

fn rank(suite: CipherSuite) -> (u8, u8, u8, u16) {
    let exchange = suite.key_exchange().unwrap_or_default();
    let cipher = suite.cipher().unwrap_or_default();
    let weak = ["NULL", "EXPORT", "_40", "DES_CBC_", "RC4", "RC2"];
    let is_weak = exchange.contains("anon")
        || exchange.contains("EXPORT")
        || (weak.iter().any(|w| cipher.contains(w)) && !cipher.contains("3DES"));
    let secrecy = match exchange {
        "" | "ECDHE_ECDSA" => 0,
        "ECDHE_RSA" => 1,
        "DHE_RSA" => 2,
        "RSA" => 3,
        _ => 4,
    };
    let mode = if cipher.contains("GCM") || cipher.contains("CHACHA20") {
        0
    } else if cipher.contains("CCM") {
        1
    } else {
        2
    };
    (u8::from(is_weak), secrecy, mode, suite.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_get_what_they_can_use() {
        let tls13 = suites_of(ProtocolVersion::TLS13);
        assert!(tls13.iter().all(|s| s.is_tls13()) && tls13.len() >= 5);
        let tls12 = suites_of(ProtocolVersion::TLS12);
        assert!(tls12.contains(&CipherSuite(0x003C)) && tls12.contains(&CipherSuite(0x000A)));
        assert_eq!(
            tls12.first().and_then(|s| s.key_exchange()),
            Some("ECDHE_ECDSA")
        );
        let tls10 = suites_of(ProtocolVersion::TLS10);
        assert!(tls10.contains(&CipherSuite(0x000A)) && tls10.contains(&CipherSuite(0xC076)));
        assert!(!tls10.contains(&CipherSuite(0x1301)));
        assert!(!groups_of(ProtocolVersion::TLS13).contains(&NamedGroup(0x0013)));
    }
}
