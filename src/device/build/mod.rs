//! What a build of Mbed TLS does in a handshake: which versions, suites, groups and algorithms it
//! offers or takes and in which order, how large its buffers are, what it checks.
//!
//! In: [`ConfigReading`]s (a header, a menu file, a C file with calls), or the stock configuration of
//! a generation. Out: [`Build`], each property with the line or the source that decides it.

mod buffers;
mod generation;
mod macros;
mod profile;
mod suites;

use std::collections::BTreeMap;

use super::config::{ConfigReading, VerifyMode};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

pub use buffers::Buffers;
pub use generation::{Generation, generations};
pub(crate) use generation::{checks, only_in};
pub use macros::Macros;

/// A build of Mbed TLS as it behaves.
#[derive(Clone, Debug)]
pub struct Build {
    /// Name for people.
    pub name: String,
    /// Generation of the library.
    pub generation: &'static Generation,
    /// How the generation is known.
    pub generation_from: String,
    /// Options that are on.
    pub macros: Macros,
    /// It can be a client.
    pub client: bool,
    /// It can be a server.
    pub server: bool,
    /// The application says which end it is: server, or client.
    pub says_server: Option<bool>,
    /// Versions, lowest first.
    pub versions: Vec<ProtocolVersion>,
    /// Suites in its order, for all of its versions.
    pub suites: Vec<CipherSuite>,
    /// Groups in its order.
    pub groups: Vec<NamedGroup>,
    /// Signature algorithms in its order, as `signature_algorithms` of a `ClientHello` lists them.
    pub schemes: Vec<SignatureScheme>,
    /// As a server: the client's order of suites counts.
    pub follows_client: bool,
    /// Code of `max_fragment_length` that it asks for, 1 to 4.
    pub max_fragment_length: Option<u8>,
    /// Protocols that it names in ALPN.
    pub alpn: Vec<String>,
    /// Extensions that it sends where they apply.
    pub sends: Sends,
    /// What it does with the peer's certificate, where a call says so.
    pub verify: Option<VerifyMode>,
    /// A pre-shared key is set.
    pub psk: bool,
    /// The application calls `mbedtls_ssl_set_hostname`; `None` where its code is not at hand.
    pub sets_host_name: Option<bool>,
    /// Buffers and limits.
    pub buffers: Buffers,
    /// What decides each property: option or call with line, or source.
    sources: BTreeMap<&'static str, String>,
}

/// Extensions that a `ClientHello` of the build carries.
#[allow(clippy::struct_excessive_bools)] // one for each extension
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sends {
    /// `server_name`, where the application gives a name.
    pub server_name: bool,
    /// `encrypt_then_mac`.
    pub encrypt_then_mac: bool,
    /// `extended_master_secret`.
    pub extended_master_secret: bool,
    /// `session_ticket`.
    pub session_ticket: bool,
}

impl Build {
    /// The build that these files configure, on top of each other: headers, menu files, C files.
    /// `generation` is its id where it is known from elsewhere.
    #[must_use]
    pub fn of(files: &[ConfigReading], generation: Option<&str>) -> Self {
        let (generation, generation_from) = generation::of_files(files, generation);
        let macros = macros::of_files(files, generation);
        let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
        let name = if names.is_empty() {
            format!("{}, stock configuration", generation.name)
        } else {
            format!("Configuration {}", names.join(" + "))
        };
        let mut build = Self::from_macros(name, generation, generation_from, macros);
        for file in files {
            build.call(file);
        }
        build
    }

    /// The stock configuration of a generation, by its id such as `2.16`, or the id of its profile
    /// such as `mbedtls-2.16`.
    #[must_use]
    pub fn stock(id: &str) -> Option<Self> {
        let id = match id {
            "mbedtls" | "mbedtls-2" => "2.16",
            "mbedtls-3" => "3.6",
            other => other.strip_prefix("mbedtls-").unwrap_or(other),
        };
        let known = generations().iter().any(|g| g.id == id);
        known.then(|| Self::of(&[], Some(id)))
    }

    /// What decides a property: `versions`, `suites`, `groups`, `schemes`, `order` …
    #[must_use]
    pub fn source(&self, property: &str) -> &str {
        self.sources
            .get(property)
            .map_or(self.generation.source.as_str(), String::as_str)
    }

    /// Is it of the generation 3.x?
    #[must_use]
    pub fn is_3(&self) -> bool {
        self.generation.id.starts_with('3')
    }

    /// Suites that can be used in this version, in its order.
    #[must_use]
    pub fn suites_of(&self, version: ProtocolVersion) -> Vec<CipherSuite> {
        let fits = |s: &CipherSuite| suites::fits_version(*s, version);
        self.suites.iter().copied().filter(fits).collect()
    }

    /// The highest version.
    #[must_use]
    pub fn highest(&self) -> Option<ProtocolVersion> {
        self.versions.last().copied()
    }

    /// Does this hash exist in the build? By its TLS 1.2 number.
    #[must_use]
    pub fn has_hash(&self, hash: u8) -> bool {
        let on = |name| self.macros.is_on(name);
        match hash {
            1 => on("MD5_C"),
            2 => on("SHA1_C"),
            3 => {
                if self.is_3() {
                    on("SHA224_C")
                } else {
                    on("SHA256_C")
                }
            }
            4 => on("SHA256_C"),
            5 => {
                if self.is_3() {
                    on("SHA384_C")
                } else {
                    on("SHA512_C") && !on("SHA512_NO_SHA384")
                }
            }
            6 => on("SHA512_C"),
            _ => false,
        }
    }

    fn from_macros(
        name: String,
        generation: &'static Generation,
        generation_from: String,
        macros: Macros,
    ) -> Self {
        let on = |name: &str| macros.is_on(name);
        let mut build = Self {
            name,
            generation_from,
            client: on("SSL_CLI_C"),
            server: on("SSL_SRV_C"),
            says_server: None,
            versions: Vec::new(),
            suites: Vec::new(),
            groups: Vec::new(),
            schemes: Vec::new(),
            follows_client: on("SSL_SRV_RESPECT_CLIENT_PREFERENCE"),
            max_fragment_length: None,
            alpn: Vec::new(),
            sends: Sends {
                server_name: on("SSL_SERVER_NAME_INDICATION"),
                encrypt_then_mac: on("SSL_ENCRYPT_THEN_MAC"),
                extended_master_secret: on("SSL_EXTENDED_MASTER_SECRET"),
                session_ticket: on("SSL_SESSION_TICKETS"),
            },
            verify: None,
            psk: false,
            sets_host_name: None,
            buffers: Buffers::of(&macros, generation),
            sources: BTreeMap::new(),
            generation,
            macros,
        };
        build.find_versions();
        build.find_suites();
        build.find_groups();
        build.find_schemes();
        build.find_order();
        build
    }

    fn decide(&mut self, property: &'static str, source: String) {
        self.sources.insert(property, source);
    }

    fn find_versions(&mut self) {
        let all = [
            ("SSL_PROTO_TLS1", ProtocolVersion::TLS10),
            ("SSL_PROTO_TLS1_1", ProtocolVersion::TLS11),
            ("SSL_PROTO_TLS1_2", ProtocolVersion::TLS12),
            ("SSL_PROTO_TLS1_3", ProtocolVersion::TLS13),
        ];
        // TLS 1.0 and 1.1 are gone in 3.x; TLS 1.3 is no finished protocol in 2.x.
        let usable = |name: &str| match name {
            "SSL_PROTO_TLS1_2" => true,
            "SSL_PROTO_TLS1_3" => self.is_3(),
            _ => !self.is_3(),
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

    fn find_suites(&mut self) {
        let listed = self.macros.value("SSL_CIPHERSUITES").map(|value| {
            value
                .split(',')
                .filter_map(super::config::suite)
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
            .filter(|s| suites::is_built(*s, &self.macros, self.is_3()))
            .filter(|s| listed.is_some() || suites::is_listed(*s, &self.macros))
            .collect();
    }

    fn find_groups(&mut self) {
        let built = |g: &NamedGroup| {
            if g.0 >= 0x0100 {
                return self.macros.is_on("DHM_C");
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

    fn find_schemes(&mut self) {
        let ecdsa = self.macros.is_on("ECDSA_C");
        let rsa = self.macros.is_on("RSA_C");
        let mut schemes = Vec::new();
        if self.is_3() && self.versions.contains(&ProtocolVersion::TLS13) {
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
            if !self.is_3() {
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

    fn find_order(&mut self) {
        let source = if self.follows_client {
            self.macros.place("SSL_SRV_RESPECT_CLIENT_PREFERENCE")
        } else if self.is_3() {
            "Mbed TLS 3.x library/ssl_tls.c: the server's order, unless mbedtls_ssl_conf_preference_order says otherwise".to_owned()
        } else {
            "MBEDTLS_SSL_SRV_RESPECT_CLIENT_PREFERENCE is not defined; Mbed TLS 2.x library/ssl_srv.c".to_owned()
        };
        self.decide("order", source);
    }

    /// Puts the calls of a C file on top.
    fn call(&mut self, file: &ConfigReading) {
        let calls = &file.calls;
        let at = |name: &str, line: u32| format!("{name}, line {line} of {}", file.name);
        if let Some(set) = &calls.server {
            self.says_server = Some(set.value);
            self.decide("role", at("mbedtls_ssl_config_defaults", set.line));
        }
        if let Some(set) = calls.suite_b.as_ref().filter(|s| s.value) {
            self.suite_b(at("MBEDTLS_SSL_PRESET_SUITEB", set.line));
        }
        if let Some(set) = &calls.suites {
            self.suites = set
                .value
                .iter()
                .copied()
                .filter(|s| suites::is_built(*s, &self.macros, self.is_3()))
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
        let switch = |place: &mut bool, set: &Option<super::config::Setting<bool>>| {
            *place = *place && set.as_ref().is_none_or(|s| s.value);
        };
        switch(&mut self.sends.session_ticket, &calls.session_tickets);
        switch(&mut self.sends.encrypt_then_mac, &calls.encrypt_then_mac);
        switch(
            &mut self.sends.extended_master_secret,
            &calls.extended_master_secret,
        );
        if let Some(set) = &calls.client_order
            && self.is_3()
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
    fn suite_b(&mut self, source: String) {
        let suites = [CipherSuite(0xC02B), CipherSuite(0xC02C)];
        self.versions.retain(|v| *v >= ProtocolVersion::TLS12);
        self.suites = suites
            .into_iter()
            .filter(|s| suites::is_built(*s, &self.macros, self.is_3()))
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
            self.decide(property, source.clone());
        }
    }
}

/// The two bytes of TLS 1.2: hash, signature.
fn hash_code(hash: u8, signature: u8) -> u16 {
    u16::from_be_bytes([hash, signature])
}
