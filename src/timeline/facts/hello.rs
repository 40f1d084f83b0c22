//! What the two hellos offered and chose, and what the server's key exchange tells of its key.
//!
//! In: the numbers and names that the attempt collected. Out: the facts `tls.*`, `client.*`,
//! `server.extensions` and `ske.*`. Must not know whether an offer is enough for a server.

use super::Teller;
use crate::evidence::{Direction, Role};
use crate::timeline::names;
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, StepName};

impl Teller<'_> {
    pub(super) fn hello(&mut self) {
        let a = self.a;
        let hello = self
            .step_line(StepName::ClientHello, Direction::Sent)
            .filter(|_| a.role == Role::Client);
        if let Some(version) = a.version {
            self.text("tls.version", &version.to_string(), a.first_line);
        }
        let max = a.seen.offered_versions.1.map(ProtocolVersion).or_else(|| {
            a.seen
                .offered_suites
                .iter()
                .any(|s| s >> 8 == 0x13)
                .then_some(ProtocolVersion::TLS13)
        });
        if let Some(version) = max {
            self.text(
                "tls.offered_max",
                &version.to_string(),
                hello.unwrap_or(a.first_line),
            );
        }
        if let Some(version) = a.seen.offered_versions.0 {
            self.text(
                "tls.offered_min",
                &ProtocolVersion(version).to_string(),
                hello.unwrap_or(a.first_line),
            );
        }
        if let Some((scheme, len, line)) = a.seen.key_exchange_signature {
            self.key_exchange_signature(scheme, len, line);
        }
        let received = self.step_line(StepName::ServerHello, Direction::Received);
        if let Some(suite) = a.cipher_suite {
            let line = received.unwrap_or(a.first_line);
            self.text("tls.cipher_suite", &suite.to_string(), line);
            self.yes(
                "tls.psk",
                suite.name().is_some_and(|n| n.contains("_PSK_")),
                line,
            );
        }
        if let Some(group) = &a.seen.group {
            self.text("tls.group", group, received.unwrap_or(a.first_line));
        }
        if let Some(line) = self.step_line(StepName::HelloRetryRequest, Direction::Received) {
            self.yes("tls.hello_retry", true, line);
        }
        let Some(line) = hello else { return };
        self.offered(line);
        match &a.seen.server_name {
            Some((name, line)) => {
                self.text("client.sni", name, *line);
                self.yes("client.sni_is_ip", names::is_ip(name), *line);
                let local =
                    !name.contains('.') || name.ends_with(".local") || name.ends_with(".lan");
                self.yes("client.sni_is_dotless_or_local", local, *line);
            }
            // The trace names every extension it adds, so that a missing one is known to be missing.
            None if a.seen.client_extensions.iter().any(|e| e == "server_name") => {}
            None if !a.seen.client_extensions.is_empty() => {
                let origin = self.line(line);
                self.out.absent("client.sni", origin);
            }
            None => {}
        }
        if a.seen.client_extensions.is_empty() {
            return;
        }
        let has = |list: &[String], name: &str| list.iter().any(|e| e.contains(name));
        if has(&a.seen.client_extensions, "alpn") {
            self.text(
                "client.alpn",
                a.seen.alpn.as_deref().unwrap_or("offered"),
                line,
            );
        } else {
            let origin = self.line(line);
            self.out.absent("client.alpn", origin);
        }
        self.yes(
            "client.mfl",
            has(&a.seen.client_extensions, "max_fragment_length"),
            line,
        );
        self.words("client.extensions", a.seen.client_extensions.clone(), line);
        if let Some(line) = received {
            self.words("server.extensions", a.seen.server_extensions.clone(), line);
            self.yes(
                "client.mfl_answered",
                has(&a.seen.server_extensions, "max_fragment_length"),
                line,
            );
        }
    }

    /// What the signature of a `ServerKeyExchange` says of the server's key.
    pub(super) fn key_exchange_signature(&mut self, scheme: u16, len: u16, line: u32) {
        self.int("ske.signature_bytes", i64::from(len), line);
        let Some(reading) = SignatureScheme(scheme).tls12_reading() else {
            return;
        };
        let pair = format!("{} with {}", reading.hash, reading.signature);
        self.text("ske.signature_algorithm", &pair, line);
        // ECDSA: two integers in DER, so the length is that of the key's curve.
        if scheme & 0xFF == 3 {
            let curve = match len {
                66..=72 => "P-256",
                98..=104 => "P-384",
                132..=139 => "P-521",
                _ => return,
            };
            self.text("ske.curve_by_length", curve, line);
        }
    }

    /// Suites and groups of the `ClientHello`.
    fn offered(&mut self, line: u32) {
        let a = self.a;
        let suites: Vec<String> = a
            .seen
            .offered_suites
            .iter()
            .filter(|s| !matches!(s, 0x00FF | 0x5600))
            .map(|s| CipherSuite(*s).to_string())
            .collect();
        if !suites.is_empty() {
            let any = |part: &str| suites.iter().any(|s| s.contains(part));
            let tls13 = a.seen.offered_suites.iter().any(|s| s >> 8 == 0x13);
            let rsa = tls13
                || suites.iter().any(|s| {
                    s.contains("_RSA_WITH_") && !s.contains("_ECDH_") && !s.contains("PSK")
                });
            let (ecdsa, ecdhe) = (tls13 || any("_ECDHE_ECDSA_WITH_"), tls13 || any("_ECDHE_"));
            let psk_only = suites.iter().all(|s| s.contains("_PSK_"));
            self.int(
                "client.suites_count",
                i64::try_from(suites.len()).unwrap_or(0),
                line,
            );
            self.yes("client.rsa_suite", rsa, line);
            self.yes("client.ecdsa_suite", ecdsa, line);
            self.yes("client.ecdhe_suite", ecdhe, line);
            self.yes("client.psk_only", psk_only, line);
            self.words("client.suites", suites, line);
        }
        let signatures: Vec<String> = a
            .seen
            .offered_signatures
            .iter()
            .filter_map(|s| SignatureScheme(*s).tls12_reading())
            .map(|r| format!("{} with {}", r.hash, r.signature))
            .collect();
        if !signatures.is_empty() {
            self.words("client.signatures", signatures, line);
        }
        if !a.seen.offered_groups.is_empty() {
            let groups: Vec<String> = a
                .seen
                .offered_groups
                .iter()
                .map(|g| NamedGroup(*g).to_string())
                .collect();
            self.int(
                "client.groups_count",
                i64::try_from(groups.len()).unwrap_or(0),
                line,
            );
            self.words("client.groups", groups, line);
        }
    }
}
