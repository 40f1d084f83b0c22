//! What follows from the options alone: versions, suites, groups, signature algorithms, orders.
//!
//! Sources: `library/ssl_tls.c` (`mbedtls_ssl_config_defaults` and its presets), `ssl_ciphersuites.c`,
//! `ecp.c` of Mbed TLS 2.x and 3.6.

use super::{Build, hash_code, suites};
use crate::tls::{NamedGroup, ProtocolVersion, SignatureScheme};

impl Build {
    pub(super) fn find_versions(&mut self) {
        let all = [
            ("SSL_PROTO_TLS1", ProtocolVersion::TLS10),
            ("SSL_PROTO_TLS1_1", ProtocolVersion::TLS11),
            ("SSL_PROTO_TLS1_2", ProtocolVersion::TLS12),
            ("SSL_PROTO_TLS1_3", ProtocolVersion::TLS13),
        ];
        // TLS 1.0 and 1.1 are gone in 3.x; TLS 1.3 is no finished protocol in 2.x.
        let usable = |name: &str| match name {
            "SSL_PROTO_TLS1_2" => true,
            "SSL_PROTO_TLS1_3" => self.since_3(),
            _ => !self.since_3(),
        };
        let found: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| self.macros.is_on(name) && usable(name))
            .collect();
        let names: Vec<String> = found
            .iter()
            .map(|(name, _)| self.macros.place(name))
            .collect();
        self.versions = found.into_iter().map(|(_, version)| version).collect();
        self.decide("versions", names.join(", "));
    }

    pub(super) fn find_suites(&mut self) {
        let listed = self.macros.value("SSL_CIPHERSUITES").map(|value| {
            value
                .split(',')
                .filter_map(crate::device::config::suite)
                .collect::<Vec<_>>()
        });
        let order = match &listed {
            Some(list) => {
                let place = self.macros.place("SSL_CIPHERSUITES");
                self.decide("suites", place);
                list.clone()
            }
            None => self.generation.suites.clone(),
        };
        self.suites = order
            .into_iter()
            .filter(|s| suites::is_built(*s, &self.macros, self.since_3()))
            .filter(|s| listed.is_some() || suites::is_listed(*s, &self.macros))
            .collect();
    }

    pub(super) fn find_groups(&mut self) {
        let built = |g: &NamedGroup| {
            if g.0 >= 0x0100 {
                // FFDHE goes into the list of TLS 1.3 alone (ssl_client.c).
                return self.macros.is_on("DHM_C")
                    && self.versions.contains(&ProtocolVersion::TLS13);
            }
            suites::curve_option(*g).is_some_and(|option| self.macros.is_on(option))
        };
        self.groups = if self.macros.is_on("ECP_C") || self.macros.is_on("DHM_C") {
            self.generation
                .groups
                .iter()
                .copied()
                .filter(built)
                .collect()
        } else {
            Vec::new()
        };
        let names: Vec<String> = self
            .groups
            .iter()
            .filter_map(|g| suites::curve_option(*g))
            .filter_map(|option| self.macros.line(option).map(|_| self.macros.place(option)))
            .collect();
        if let (Some(first), Some(last)) = (names.first(), names.last()) {
            let source = if names.len() == 1 {
                first.clone()
            } else {
                format!("{first} to {last}; order of {}", self.generation.name)
            };
            self.decide("groups", source);
        }
    }

    pub(super) fn find_schemes(&mut self) {
        let ecdsa = self.macros.is_on("ECDSA_C");
        let rsa = self.macros.is_on("RSA_C");
        let mut schemes = Vec::new();
        if self.since_3() && self.versions.contains(&ProtocolVersion::TLS13) {
            for (code, hash, curve) in [
                (0x0403, 4, "ECP_DP_SECP256R1_ENABLED"),
                (0x0503, 5, "ECP_DP_SECP384R1_ENABLED"),
                (0x0603, 6, "ECP_DP_SECP521R1_ENABLED"),
            ] {
                if ecdsa && self.has_hash(hash) && self.macros.is_on(curve) {
                    schemes.push(SignatureScheme(code));
                }
            }
            for (codes, option) in [
                ([0x0806, 0x0805, 0x0804], "X509_RSASSA_PSS_SUPPORT"),
                ([0x0601, 0x0501, 0x0401], "PKCS1_V15"),
            ] {
                let usable = rsa && self.macros.is_on(option);
                let of = [6, 5, 4].into_iter().zip(codes);
                schemes.extend(
                    of.filter(|(hash, _)| usable && self.has_hash(*hash))
                        .map(|(_, code)| SignatureScheme(code)),
                );
            }
        } else {
            let mut hashes = vec![6, 5, 4];
            if !self.since_3() {
                hashes.push(3);
                // In 2.4 SHA-1 is always among them (ssl_preset_default_hashes).
                let sha1 = self.macros.is_on("TLS_DEFAULT_ALLOW_SHA1_IN_KEY_EXCHANGE")
                    || self.generation.id == "2.4";
                hashes.extend(sha1.then_some(2));
            }
            for hash in hashes.into_iter().filter(|h| self.has_hash(*h)) {
                schemes.extend(ecdsa.then_some(SignatureScheme(hash_code(hash, 3))));
                schemes.extend(rsa.then_some(SignatureScheme(hash_code(hash, 1))));
            }
        }
        self.schemes = schemes;
    }

    pub(super) fn find_order(&mut self) {
        let source = if self.follows_client {
            self.macros.place("SSL_SRV_RESPECT_CLIENT_PREFERENCE")
        } else if self.since_3() {
            "Mbed TLS 3.x library/ssl_tls.c: the server's order, unless mbedtls_ssl_conf_preference_order says otherwise".to_owned()
        } else {
            "MBEDTLS_SSL_SRV_RESPECT_CLIENT_PREFERENCE is not defined; Mbed TLS 2.x library/ssl_srv.c".to_owned()
        };
        self.decide("order", source);
    }
}
