//! The `ClientHello` that a build of Mbed TLS writes.
//!
//! In: a [`Build`]. Out: a [`ClientHello`] with empty random and keys. Follows `library/ssl_cli.c` of
//! Mbed TLS 2.x (`ssl_write_client_hello`), and `ssl_client.c`, `ssl_tls12_client.c` and
//! `ssl_tls13_client.c` of 3.6.

use crate::device::Build;
use crate::tls::hello::{ClientHello, HelloExtension, extension};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};

/// Largest code of `max_fragment_length` (RFC 6066 section 4).
const LARGEST_FRAGMENT_CODE: u8 = 4;

/// The message; `None` for a build without a version.
pub(super) fn build_hello(build: &Build) -> Option<ClientHello> {
    let highest = build.highest()?;
    let lowest = build.versions.first().copied()?;
    let tls12 = lowest <= ProtocolVersion::TLS12;
    let tls13 = highest >= ProtocolVersion::TLS13;
    let usable: Vec<CipherSuite> = build
        .suites
        .iter()
        .copied()
        .filter(|s| offers(build, *s, highest))
        .collect();
    let old_ec = usable.iter().any(|s| {
        s.key_exchange()
            .is_some_and(|k| k.contains("ECDH") || k.contains("ECDSA"))
    });
    let mut out = Vec::new();
    if build.sends.server_name {
        out.push(HelloExtension::server_name(""));
    }
    if build.since_3() {
        new_extensions(build, (tls12, tls13), old_ec, &mut out);
    } else {
        old_extensions(build, highest, old_ec, &mut out);
    }
    let mut suites = usable;
    // Always sent in a first handshake, at the end (RFC 5746 section 3.3).
    suites.push(CipherSuite(0x00FF));
    let compatible = tls13 && build.macros.is_on("SSL_TLS1_3_COMPATIBILITY_MODE");
    Some(ClientHello {
        // 2.x writes the lowest version into the record header, 3.x always TLS 1.2.
        record_version: if build.since_3() {
            ProtocolVersion::TLS12
        } else {
            lowest
        },
        version: highest.min(ProtocolVersion::TLS12),
        random: [0; 32],
        session_id: vec![0; if compatible { 32 } else { 0 }],
        cipher_suites: suites,
        compression: if !build.since_3() && build.macros.is_on("ZLIB_SUPPORT") {
            vec![1, 0]
        } else {
            vec![0]
        },
        extensions: out,
    })
}

/// Does a `ClientHello` list this suite of the build?
fn offers(build: &Build, suite: CipherSuite, highest: ProtocolVersion) -> bool {
    let exchange = suite.key_exchange().unwrap_or_default();
    let with_key = exchange.contains("PSK");
    let psk = !with_key || build.psk || build.generation.sends_psk_suites_without_key;
    let version = if build.since_3() {
        build
            .versions
            .iter()
            .any(|v| build.suites_of(*v).contains(&suite))
    } else {
        build.suites_of(highest).contains(&suite)
    };
    // EC J-PAKE needs a password that only the application has.
    psk && version && exchange != "ECJPAKE"
}

/// Extensions of 2.x, in the order of `ssl_write_client_hello`.
fn old_extensions(
    build: &Build,
    highest: ProtocolVersion,
    ec: bool,
    out: &mut Vec<HelloExtension>,
) {
    if highest >= ProtocolVersion::TLS12 && !build.schemes.is_empty() {
        out.push(HelloExtension::signature_algorithms(&build.schemes));
    }
    if ec {
        out.push(HelloExtension::supported_groups(&build.groups));
        out.push(HelloExtension::ec_point_formats());
    }
    small_records(build, out);
    if build.sends.encrypt_then_mac {
        out.push(HelloExtension::encrypt_then_mac());
    }
    if build.sends.extended_master_secret {
        out.push(HelloExtension::extended_master_secret());
    }
    alpn(build, out);
    if build.sends.session_ticket {
        out.push(HelloExtension::session_ticket(Vec::new()));
    }
}

/// Extensions of 3.6, in the order of `ssl_write_client_hello_body`.
fn new_extensions(
    build: &Build,
    (tls12, tls13): (bool, bool),
    ec: bool,
    out: &mut Vec<HelloExtension>,
) {
    alpn(build, out);
    let on = |name: &str| build.macros.is_on(name);
    let groups: Vec<NamedGroup> = build
        .groups
        .iter()
        .copied()
        .filter(|g| {
            // Brainpool and finite fields belong to one version each.
            let brainpool = (0x001A..=0x001C).contains(&g.0);
            (tls12 && ec && g.0 < 0x0100) || (tls13 && !brainpool)
        })
        .collect();
    if tls13 {
        let versions: Vec<ProtocolVersion> = build.versions.iter().rev().copied().collect();
        out.push(HelloExtension::supported_versions(&versions));
        if on("SSL_RECORD_SIZE_LIMIT") {
            let size = u16::try_from(build.buffers.in_content).unwrap_or(16_384);
            out.push(HelloExtension::record_size_limit(size));
        }
        if on("SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED") {
            // A key of the first group that TLS 1.3 can use.
            let first = groups.iter().find(|g| !(0x001A..=0x001C).contains(&g.0));
            let share = first.map(|&g| (g, Vec::new()));
            out.push(HelloExtension::key_share(share.as_slice()));
        }
        let modes: Vec<u8> = [
            ("SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED", 1),
            ("SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_ENABLED", 0),
        ]
        .into_iter()
        .filter(|(name, _)| on(name))
        .map(|(_, mode)| mode)
        .collect();
        if !modes.is_empty() {
            let mut body = vec![u8::try_from(modes.len()).unwrap_or(u8::MAX)];
            body.extend(modes);
            out.push(HelloExtension::new(extension::PSK_KEY_EXCHANGE_MODES, body));
        }
    }
    if !groups.is_empty() && (tls13 || ec) {
        out.push(HelloExtension::supported_groups(&groups));
    }
    // The names of RSA-PSS mean nothing to TLS 1.2 in this library.
    let schemes: Vec<SignatureScheme> = build
        .schemes
        .iter()
        .copied()
        .filter(|s| tls13 || s.0 >> 8 != 8)
        .collect();
    if !schemes.is_empty() {
        out.push(HelloExtension::signature_algorithms(&schemes));
    }
    if tls12 {
        if ec {
            out.push(HelloExtension::ec_point_formats());
        }
        small_records(build, out);
        if build.sends.encrypt_then_mac {
            out.push(HelloExtension::encrypt_then_mac());
        }
        if build.sends.extended_master_secret {
            out.push(HelloExtension::extended_master_secret());
        }
        if build.sends.session_ticket {
            out.push(HelloExtension::session_ticket(Vec::new()));
        }
    }
}

fn small_records(build: &Build, out: &mut Vec<HelloExtension>) {
    if let Some(code) = build
        .max_fragment_length
        .filter(|c| (1..=LARGEST_FRAGMENT_CODE).contains(c))
    {
        out.push(HelloExtension::max_fragment_length(code));
    }
}

fn alpn(build: &Build, out: &mut Vec<HelloExtension>) {
    if !build.alpn.is_empty() {
        let names: Vec<&str> = build.alpn.iter().map(String::as_str).collect();
        out.push(HelloExtension::alpn(&names));
    }
}
