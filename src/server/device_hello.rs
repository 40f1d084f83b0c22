//! The `ClientHello` of a device: of a known build of a TLS library, or byte for byte from a file with
//! fresh random values.
//!
//! In: an id, a configured build, or bytes. Out: a [`ClientHello`]. Data: `assets/hellos.toml`, each with
//! its source; what a build writes follows `library/ssl_cli.c` of Mbed TLS 2.x, `ssl_client.c`,
//! `ssl_tls12_client.c` and `ssl_tls13_client.c` of 3.6.

use serde::{Deserialize, Serialize};

use super::key_share::{public_key, random_bytes};
use crate::device::Build;
use crate::tls::hello::{ClientHello, HelloError, HelloExtension, extension};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

const HELLOS: &str = include_str!("../../assets/hellos.toml");

/// A device's `ClientHello` and where it is known from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceHello {
    /// Id for `--as`.
    pub id: String,
    /// Name as people say it.
    pub name: String,
    /// Where the `ClientHello` is known from.
    pub source: String,
    hello: ClientHello,
    sends_name: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    hello: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    name: String,
    aliases: Vec<String>,
    source: String,
    /// The whole message in hexadecimal digits, in place of the fields below.
    #[serde(default)]
    message: String,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    session_id_bytes: usize,
    #[serde(default)]
    suites: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    signature_algorithms: String,
    #[serde(default)]
    extensions: Vec<String>,
}

/// The ids that [`DeviceHello::known`] takes.
#[must_use]
pub fn known_devices() -> Vec<String> {
    entries().into_iter().map(|e| e.id).collect()
}

/// All of them, in the order of the file.
#[must_use]
pub fn known_hellos() -> Vec<DeviceHello> {
    entries()
        .into_iter()
        .filter_map(DeviceHello::from_entry)
        .collect()
}

fn entries() -> Vec<Entry> {
    toml::from_str::<File>(HELLOS)
        .map(|f| f.hello)
        .unwrap_or_default()
}

/// Numbers in hexadecimal, separated by white space.
fn numbers(text: &str) -> Option<Vec<u16>> {
    text.split_whitespace()
        .map(|n| u16::from_str_radix(n, 16).ok())
        .collect()
}

impl DeviceHello {
    /// The `ClientHello` of a known build, by id or alias.
    #[must_use]
    pub fn known(id: &str) -> Option<Self> {
        let wanted = |e: &Entry| e.id == id || e.aliases.iter().any(|a| a == id);
        Self::from_entry(entries().into_iter().find(wanted)?)
    }

    fn from_entry(entry: Entry) -> Option<Self> {
        if !entry.message.is_empty() {
            let bytes = hexadecimal(entry.message.as_bytes())?;
            let hello = ClientHello::from_bytes(&bytes).ok()?;
            return Some(Self {
                id: entry.id,
                name: entry.name,
                source: entry.source,
                sends_name: true,
                hello,
            });
        }
        let versions: Vec<ProtocolVersion> = numbers(&entry.versions.join(" "))?
            .into_iter()
            .map(ProtocolVersion)
            .collect();
        let groups: Vec<NamedGroup> = numbers(&entry.groups)?
            .into_iter()
            .map(NamedGroup)
            .collect();
        let schemes: Vec<SignatureScheme> = numbers(&entry.signature_algorithms)?
            .into_iter()
            .map(SignatureScheme)
            .collect();
        let extensions = entry
            .extensions
            .iter()
            .map(|name| {
                Some(match name.as_str() {
                    "server_name" => HelloExtension::server_name(""),
                    "signature_algorithms" => HelloExtension::signature_algorithms(&schemes),
                    "supported_groups" => HelloExtension::supported_groups(&groups),
                    "ec_point_formats" => HelloExtension::ec_point_formats(),
                    "encrypt_then_mac" => HelloExtension::encrypt_then_mac(),
                    "extended_master_secret" => HelloExtension::extended_master_secret(),
                    "session_ticket" => HelloExtension::session_ticket(Vec::new()),
                    "supported_versions" => HelloExtension::supported_versions(&versions),
                    // Both modes, the one with a key exchange first.
                    "psk_key_exchange_modes" => {
                        HelloExtension::new(extension::PSK_KEY_EXCHANGE_MODES, vec![2, 1, 0])
                    }
                    // Like the library, a key of the first group only.
                    "key_share" => {
                        let share = groups.first().map(|&g| (g, Vec::new()));
                        HelloExtension::key_share(share.as_slice())
                    }
                    _ => return None,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        let highest = versions.iter().copied().max()?;
        Some(Self {
            id: entry.id,
            name: entry.name,
            source: entry.source,
            sends_name: true,
            hello: ClientHello {
                record_version: ProtocolVersion::TLS12,
                version: highest.min(ProtocolVersion::TLS12),
                random: [0; 32],
                session_id: vec![0; entry.session_id_bytes],
                cipher_suites: numbers(&entry.suites)?
                    .into_iter()
                    .map(CipherSuite)
                    .collect(),
                compression: vec![0],
                extensions,
            },
        })
    }

    /// A `ClientHello` from a file: the record or the bare message, as bytes or as hexadecimal digits
    /// (white space, `:` and `0x` are let go).
    ///
    /// # Errors
    /// The content is no `ClientHello`.
    pub fn from_file(name: &str, content: &[u8]) -> Result<Self, HelloError> {
        let hello = ClientHello::from_bytes(content).or_else(|error| {
            let bytes = hexadecimal(content).ok_or(error)?;
            ClientHello::from_bytes(&bytes)
        })?;
        Ok(Self {
            id: name.to_owned(),
            name: format!("ClientHello of {name}"),
            source: name.to_owned(),
            sends_name: hello.extension(extension::SERVER_NAME).is_some(),
            hello,
        })
    }

    /// A `ClientHello` that offers these suites, for a device of which only its suites are known.
    /// Version TLS 1.2. The extensions are assumed: the usual signature algorithms, without which
    /// servers of today take the client for one that knows SHA-1 alone (RFC 5246 section 7.4.1.4.1),
    /// and two curves where a suite needs them.
    #[must_use]
    pub fn from_suites(id: &str, name: &str, source: &str, suites: &[CipherSuite]) -> Self {
        let schemes = [0x0403, 0x0401, 0x0503, 0x0501, 0x0203, 0x0201].map(SignatureScheme);
        let mut extensions = vec![HelloExtension::signature_algorithms(&schemes)];
        let curves = |s: &CipherSuite| s.key_exchange().is_some_and(|k| k.starts_with("ECDH"));
        if suites.iter().any(curves) {
            let groups = [NamedGroup::SECP256R1, NamedGroup::SECP384R1];
            extensions.push(HelloExtension::supported_groups(&groups));
            extensions.push(HelloExtension::ec_point_formats());
        }
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
            sends_name: false,
            hello: ClientHello {
                record_version: ProtocolVersion::TLS12,
                version: ProtocolVersion::TLS12,
                random: [0; 32],
                session_id: Vec::new(),
                cipher_suites: suites.to_vec(),
                compression: vec![0],
                extensions,
            },
        }
    }

    /// Versions that it offers, where it lists them; else its highest alone: older ones are not
    /// told by a `ClientHello` without `supported_versions`.
    #[must_use]
    pub fn versions(&self) -> Vec<ProtocolVersion> {
        let listed: Vec<ProtocolVersion> = self
            .hello
            .extension(extension::SUPPORTED_VERSIONS)
            .and_then(|body| body.get(1..))
            .map(|list| {
                let (pairs, _) = list.as_chunks::<2>();
                pairs
                    .iter()
                    .map(|p| u16::from_be_bytes(*p))
                    .filter(|v| !crate::tls::is_grease(*v))
                    .map(ProtocolVersion)
                    .collect()
            })
            .unwrap_or_default();
        if listed.is_empty() {
            vec![self.hello.version]
        } else {
            listed
        }
    }

    /// The `ClientHello` that this build writes as a client, `None` where it can be none.
    #[must_use]
    pub fn of_build(build: &Build) -> Option<Self> {
        Some(Self {
            id: build.name.clone(),
            name: build.name.clone(),
            source: build.generation.source.clone(),
            sends_name: build.sends.server_name && build.sets_host_name != Some(false),
            hello: super::build_hello::build_hello(build).filter(|_| build.client)?,
        })
    }

    /// A `ClientHello` that was read elsewhere.
    #[must_use]
    pub fn of_hello(name: &str, hello: ClientHello) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            source: name.to_owned(),
            sends_name: hello.extension(extension::SERVER_NAME).is_some(),
            hello,
        }
    }

    /// Does it send a server name, where it has one?
    #[must_use]
    pub fn sends_name(&self) -> bool {
        self.sends_name
    }

    /// The message as it is known, without fresh values.
    #[must_use]
    pub fn hello(&self) -> &ClientHello {
        &self.hello
    }

    /// Suites that it offers, without signalling values.
    #[must_use]
    pub fn cipher_suites(&self) -> Vec<CipherSuite> {
        let real = |s: &CipherSuite| !s.is_signalling() && !crate::tls::is_grease(s.0);
        self.hello
            .cipher_suites
            .iter()
            .copied()
            .filter(real)
            .collect()
    }

    /// The message with fresh random values and fresh keys. `name` replaces the name in
    /// `server_name` where the device sends one; `None` leaves the extension out.
    #[must_use]
    pub fn fresh(&self, name: Option<&str>) -> ClientHello {
        let mut hello = self.hello.clone();
        hello.random = random_bytes().unwrap_or_default();
        if !hello.session_id.is_empty() {
            hello.session_id = random_bytes::<32>().unwrap_or_default().to_vec();
        }
        match name {
            Some(name) if self.sends_name => {
                hello.set_extension(HelloExtension::server_name(name));
            }
            _ => hello.remove_extension(extension::SERVER_NAME),
        }
        if let Some(groups) = shared_groups(&hello) {
            let shares: Vec<_> = groups
                .into_iter()
                .filter_map(|g| Some((g, public_key(g)?)))
                .collect();
            hello.set_extension(HelloExtension::key_share(&shares));
        }
        hello
    }
}

/// The groups that `key_share` carries a key for.
fn shared_groups(hello: &ClientHello) -> Option<Vec<NamedGroup>> {
    let body = hello.extension(extension::KEY_SHARE)?;
    let mut rest = body.get(2..)?;
    let mut groups = Vec::new();
    while let Some(&[a, b, c, d]) = rest.first_chunk::<4>() {
        groups.push(NamedGroup(u16::from_be_bytes([a, b])));
        rest = rest.get(4 + usize::from(u16::from_be_bytes([c, d]))..)?;
    }
    Some(groups)
}

fn hexadecimal(content: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(content).ok()?.replace("0x", "");
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | ',' | '{' | '}' | ';'))
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    odd.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_stock_hello_is_whole_and_has_a_source() {
        let entries = entries();
        assert_eq!(entries.len(), 7);
        for entry in entries {
            assert!(!entry.source.is_empty());
            let id = entry.id.clone();
            let device = DeviceHello::from_entry(entry).unwrap();
            let hello = device.fresh(Some("device.example"));
            assert_eq!(
                hello.server_name().as_deref(),
                Some("device.example"),
                "{id}"
            );
            assert!(
                !hello.groups().is_empty() && !hello.signature_schemes().is_empty(),
                "{id}"
            );
            assert!(hello.records().is_ok());
            assert!(
                hello.cipher_suites.iter().all(|s| s.name().is_some()),
                "{id}"
            );
        }
    }

    #[test]
    fn stock_builds_write_what_their_library_was_seen_to_send() {
        for id in ["2.16", "2.28", "3.6"] {
            let build = Build::stock(id).unwrap();
            let made = DeviceHello::of_build(&build).unwrap().hello;
            let seen = DeviceHello::known(&format!("mbedtls-{id}")).unwrap().hello;
            assert_eq!(made.cipher_suites, seen.cipher_suites, "{id}");
            assert_eq!(made.extensions, seen.extensions, "{id}");
            assert_eq!(made.session_id.len(), seen.session_id.len(), "{id}");
        }
    }

    #[test]
    fn bytes_and_hexadecimal_digits_give_the_same_with_fresh_random() {
        let device = DeviceHello::known("mbedtls").unwrap();
        let bytes = device.fresh(Some("a.example")).records().unwrap();
        let text: String = bytes.iter().map(|b| format!("{b:02x} ")).collect();
        let one = DeviceHello::from_file("dump", &bytes).unwrap();
        let two = DeviceHello::from_file("dump", text.as_bytes()).unwrap();
        assert_eq!(one.hello, two.hello);
        let (first, second) = (one.fresh(Some("b.example")), one.fresh(None));
        assert_ne!(first.random, second.random);
        assert_eq!(second.server_name(), None);
        assert_eq!(first.cipher_suites, device.hello.cipher_suites);
        assert!(DeviceHello::from_file("x", b"hello").is_err());
    }
}
