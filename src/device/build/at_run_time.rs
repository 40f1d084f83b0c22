//! What the application's calls change at run time.

use super::{Build, hash_code, suites};
use crate::device::config::{ConfigReading, Setting};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

impl Build {
    /// Puts the calls of a C file on top.
    pub(super) fn call(&mut self, file: &ConfigReading) {
        let calls = &file.calls;
        let at = |name: &str, line: u32| format!("{name}, line {line} of {}", file.name);
        if let Some(set) = &calls.server {
            self.says_server = Some(set.value);
            self.decide("role", at("mbedtls_ssl_config_defaults", set.line));
        }
        if let Some(set) = calls.suite_b.as_ref().filter(|s| s.value) {
            let source = at("MBEDTLS_SSL_PRESET_SUITEB", set.line);
            self.suite_b(&source);
        }
        if let Some(set) = &calls.suites {
            self.suites = set
                .value
                .iter()
                .copied()
                .filter(|s| suites::is_built(*s, &self.macros, self.since_3()))
                .collect();
            self.decide("suites", at("mbedtls_ssl_conf_ciphersuites", set.line));
        }
        if let Some(set) = &calls.groups {
            let built = |g: &NamedGroup| {
                suites::curve_option(*g).is_none_or(|option| self.macros.is_on(option))
            };
            self.groups = set.value.iter().copied().filter(built).collect();
            self.decide("groups", at("mbedtls_ssl_conf_curves", set.line));
        }
        if let Some(set) = &calls.hashes {
            let (ecdsa, rsa) = (self.macros.is_on("ECDSA_C"), self.macros.is_on("RSA_C"));
            self.schemes = set
                .value
                .iter()
                .filter(|h| self.has_hash(**h))
                .flat_map(|h| {
                    let pair = [(ecdsa, 3), (rsa, 1)];
                    pair.into_iter()
                        .filter(|(on, _)| *on)
                        .map(|(_, kind)| SignatureScheme(hash_code(*h, kind)))
                })
                .collect();
            self.decide("schemes", at("mbedtls_ssl_conf_sig_hashes", set.line));
        }
        if let Some(set) = &calls.schemes {
            self.schemes.clone_from(&set.value);
            self.decide("schemes", at("mbedtls_ssl_conf_sig_algs", set.line));
        }
        if let Some(set) = &calls.min_version {
            self.versions.retain(|v| *v >= set.value);
            self.decide("versions", at("mbedtls_ssl_conf_min_version", set.line));
        }
        if let Some(set) = &calls.max_version {
            self.versions.retain(|v| *v <= set.value);
            self.decide("versions", at("mbedtls_ssl_conf_max_version", set.line));
        }
        self.max_fragment_length = match &calls.max_fragment_length {
            Some(set) if self.macros.is_on("SSL_MAX_FRAGMENT_LENGTH") => {
                Some(set.value).filter(|code| *code > 0)
            }
            _ => self.max_fragment_length,
        };
        if let Some(set) = &calls.alpn
            && self.macros.is_on("SSL_ALPN")
        {
            self.alpn.clone_from(&set.value);
        }
        self.verify = calls.verify.as_ref().map(|s| s.value).or(self.verify);
        self.psk |= calls.psk.is_some();
        let switch = |place: &mut bool, set: &Option<Setting<bool>>| {
            *place = *place && set.as_ref().is_none_or(|s| s.value);
        };
        switch(&mut self.sends.session_ticket, &calls.session_tickets);
        switch(&mut self.sends.encrypt_then_mac, &calls.encrypt_then_mac);
        switch(
            &mut self.sends.extended_master_secret,
            &calls.extended_master_secret,
        );
        if let Some(set) = &calls.client_order
            && self.since_3()
        {
            self.follows_client = set.value;
            self.decide("order", at("mbedtls_ssl_conf_preference_order", set.line));
        }
        if !calls.is_empty() {
            self.sets_host_name =
                Some(self.sets_host_name == Some(true) || calls.host_name.is_some());
        }
    }

    /// `MBEDTLS_SSL_PRESET_SUITEB` (RFC 6460): TLS 1.2, two suites, two curves, two hashes.
    fn suite_b(&mut self, source: &str) {
        let suites = [CipherSuite(0xC02B), CipherSuite(0xC02C)];
        self.versions.retain(|v| *v >= ProtocolVersion::TLS12);
        self.suites = suites
            .into_iter()
            .filter(|s| suites::is_built(*s, &self.macros, self.since_3()))
            .collect();
        let curves = [NamedGroup::SECP256R1, NamedGroup::SECP384R1];
        let built = |g: &NamedGroup| {
            suites::curve_option(*g).is_some_and(|option| self.macros.is_on(option))
        };
        self.groups = curves.into_iter().filter(built).collect();
        self.schemes = [(4, 0x0403), (5, 0x0503)]
            .into_iter()
            .filter(|(hash, _)| self.has_hash(*hash))
            .map(|(_, code)| SignatureScheme(code))
            .collect();
        for property in ["versions", "suites", "groups", "schemes"] {
            self.decide(property, source.to_owned());
        }
    }
}
