//! What a build of Mbed TLS does in a handshake: which versions, suites, groups and algorithms it
//! offers or takes and in which order, how large its buffers are, what it checks.
//!
//! In: [`ConfigReading`]s (a header, a menu file, a C file with calls), or the stock configuration of
//! a generation. Out: [`Build`], each property with the line or the source that decides it.

mod at_run_time;
mod buffers;
mod find;
mod generation;
mod macros;
mod profile;
mod psa;
mod suites;

use std::collections::BTreeMap;

use super::config::{ConfigReading, VerifyMode};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

pub use buffers::Buffers;
pub use generation::{Generation, generations};
pub(crate) use generation::{checks, only_in};
pub use macros::Macros;
pub(crate) use psa::says_nothing;

/// A build of Mbed TLS as it behaves.
#[allow(clippy::struct_excessive_bools)] // each says one thing of its own
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
        let generation_from = match lacks(files, generation) {
            Some(lacks) => format!("{generation_from}; {lacks}"),
            None => generation_from,
        };
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
            "mbedtls-4" => "4.1",
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

    /// Is it of the generation 3.x, or newer?
    #[must_use]
    pub fn since_3(&self) -> bool {
        self.generation.since_3()
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
                if self.since_3() {
                    on("SHA224_C")
                } else {
                    on("SHA256_C")
                }
            }
            4 => on("SHA256_C"),
            5 => {
                if self.since_3() {
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
}

/// What is taken from the stock configuration because no file says it: 4.x has two files.
fn lacks(files: &[ConfigReading], generation: &Generation) -> Option<&'static str> {
    let headers = files.iter().any(|f| !f.sdkconfig && !f.defines.is_empty());
    if !generation.is_4() || !headers {
        return None;
    }
    let tls = files.iter().any(|f| f.complete);
    let cryptography = files.iter().any(psa::chooses_cryptography);
    match (tls, cryptography) {
        (true, false) => Some(
            "no crypto_config.h was given: that of TF-PSA-Crypto is taken as it comes, so what was switched off there is not seen",
        ),
        (false, true) => {
            Some("no mbedtls_config.h was given: that of Mbed TLS is taken as it comes")
        }
        _ => None,
    }
}

/// The two bytes of TLS 1.2: hash, signature.
fn hash_code(hash: u8, signature: u8) -> u16 {
    u16::from_be_bytes([hash, signature])
}
