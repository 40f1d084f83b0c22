//! The facts that an attempt proves, with the lines that prove them.
//!
//! Names, types and words are those of `assets/facts.toml`. In: the attempts of a session and which
//! of them is judged. Out: a [`FactSet`]. Nothing is ranked or concluded about causes here.

use std::sync::Arc;

use super::attempt::{AlertSeen, Attempt, EndedBy, Outcome, ReadPiece};
use super::conclude;
use super::names;
use crate::evidence::{
    ConnectResult, Direction, FactSet, FactValue, Micros, Origin, PeerCertificate, Role,
};
use crate::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme, StepName};

/// What the time of judgement says about the time at which the device printed its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockCheck {
    /// Nothing: it is the device's own clock.
    OwnClock,
    /// The lines were printed at that time: read from a port then, or stated.
    SameTime,
    /// The lines were printed at that time or before: a file can be old.
    NotLater,
}

/// What the facts need from outside the timeline.
pub struct FactContext<'a> {
    /// Time of judgement, microseconds since 1970 UTC.
    pub judged_at: Micros,
    /// How far that time can be held against the device's own clock.
    pub clock_check: ClockCheck,
    /// Names of a library's error code, split into its parts: code, major version of the library.
    pub error_names: &'a dyn Fn(i64, Option<u8>) -> Vec<&'static str>,
    /// What the user stated; it wins over everything derived.
    pub stated: &'a FactSet,
    /// Settings of modules that inputs of the session tell: fact, value, what tells.
    pub settings: &'a [(Arc<str>, FactValue, Origin)],
    /// The same attempt in the words of the device's peer (a server's log).
    pub peer: Option<Arc<Attempt>>,
}

/// Facts of the attempt `judged`, seen among all attempts of the session.
#[must_use]
pub fn facts(attempts: &[Arc<Attempt>], judged: Option<usize>, ctx: &FactContext<'_>) -> FactSet {
    let mut out = FactSet::default();
    if let Some(a) = judged.and_then(|i| attempts.get(i)) {
        let mut f = Teller { a, out: &mut out };
        f.course();
        f.stack();
        f.hello();
        f.traffic();
        f.errors(ctx);
        f.conditions();
        f.certificates(ctx);
        f.clock(ctx);
        f.reads(ctx);
        f.session(attempts, ctx);
        f.module();
        if let Some(peer) = &ctx.peer {
            peer_facts(peer, &mut out);
            if is_opaque(a) {
                peer_course(peer, &mut out);
            }
        }
    }
    for (fact, value, origin) in ctx.settings {
        if out.get(fact).is_none() {
            out.know(fact, value.clone(), origin.clone());
        }
    }
    stated_parts(ctx.stated, &mut out);
    out.extend(ctx.stated);
    out
}

struct Teller<'a> {
    a: &'a Attempt,
    out: &'a mut FactSet,
}

impl Teller<'_> {
    fn line(&self, line: u32) -> Origin {
        Origin::line(self.a.input, line)
    }

    fn text(&mut self, name: &str, value: &str, line: u32) {
        let origin = self.line(line);
        self.out
            .know(name, FactValue::Text(value.to_owned()), origin);
    }

    fn int(&mut self, name: &str, value: i64, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::Int(value), origin);
    }

    fn yes(&mut self, name: &str, value: bool, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::Bool(value), origin);
    }

    fn word(&mut self, name: &str, word: &str, line: u32) {
        let origin = self.line(line);
        self.out.add_to_list(name, word, origin);
    }

    fn words(&mut self, name: &str, words: Vec<String>, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::List(words), origin);
    }

    fn step_line(&self, name: StepName, direction: Direction) -> Option<u32> {
        self.a
            .steps
            .iter()
            .find(|s| s.name == name && s.direction == direction)
            .map(|s| s.line.max(self.a.first_line))
    }

    /// Phase, outcome, who ended it, what is awaited.
    fn course(&mut self) {
        let a = self.a;
        let stop = a.stopped_at.as_ref().map_or(a.last_line, |s| s.line);
        if let Some(phase) = conclude::phase(a) {
            self.text("phase", phase, stop);
        }
        self.text("outcome", a.outcome.as_str(), a.last_line);
        self.text("ended_by", a.ended_by.as_str(), a.last_line);
        self.text(
            "role",
            if a.role == Role::Client {
                "client"
            } else {
                "server"
            },
            a.first_line,
        );
        if let Some(stopped) = &a.stopped_at {
            if let Some(wait) = stopped.waiting_for {
                self.text("waiting_for", wait.step.as_str(), stopped.line);
            }
            if let Some(ms) = stopped.since_ms {
                self.int("waiting_ms", ms, stopped.line);
                self.int("silence_ms", ms, stopped.line);
            }
        }
        if let Some((ms, line)) = a.seen.gave_up
            && let Some(ms) = ms
        {
            self.int("timeout_ms", ms, line);
        }
        if let (Some(from), Some(to)) = (a.started, a.ended) {
            self.int("handshake_ms", (to - from) / 1000, a.last_line);
        }
        if let Some((ms, line)) = slowest_answer(a) {
            self.int("peer.slowest_answer_ms", ms, line);
        }
        if let Some((result, line)) = a.seen.connect {
            let word = match result {
                ConnectResult::Connected => "connected",
                ConnectResult::DnsFailed => "dns_failed",
                ConnectResult::Refused => "refused",
                ConnectResult::TimedOut => "timed_out",
                ConnectResult::Failed => "failed",
            };
            self.text("connect.result", word, line);
        }
        self.yes("seen.on_wire", a.seen.from_wire, a.first_line);
        self.yes("log.starts_late", a.began_before_log, a.first_line);
        self.yes(
            "log.has_trace",
            a.seen.traced && !a.states.is_empty(),
            a.first_line,
        );
        if let Some((target, line)) = &a.seen.target {
            let (host, port) = names::host_and_port(target);
            if let Some(port) = port {
                self.int("peer.port", i64::from(port), *line);
            }
            self.host_fact(host, *line);
        }
        if let Some((name, line)) = &a.seen.server_name {
            self.host_fact(name, *line);
        }
    }

    fn host_fact(&mut self, host: &str, line: u32) {
        self.text("host", host, line);
        self.text(
            "host.kind",
            if names::is_ip(host) { "ip" } else { "dns" },
            line,
        );
    }

    fn stack(&mut self) {
        let a = self.a;
        if let Some(stack) = &a.stack {
            self.text("stack.family", stack, a.first_line);
        }
        if let Some(version) = &a.stack_version {
            let plain = version.split(" (").next().unwrap_or(version);
            self.text("stack.version", plain, a.first_line);
            if let Some(major) = plain.split('.').next().and_then(|m| m.parse().ok()) {
                self.int("stack.major", major, a.first_line);
            }
            self.yes("stack.patched", version.contains("patched"), a.first_line);
        }
    }

    fn hello(&mut self) {
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
    fn key_exchange_signature(&mut self, scheme: u16, len: u16, line: u32) {
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

    fn traffic(&mut self) {
        let a = self.a;
        for step in a.steps.iter().filter(|s| s.name.is_handshake()) {
            let name = if step.direction == Direction::Sent {
                "messages.sent"
            } else {
                "messages.received"
            };
            let line = step.line.max(a.first_line);
            if step.line > 0 {
                self.word(name, step.name.as_str(), line);
            }
        }
        if a.seen.traced && !a.began_before_log {
            let bytes = i64::try_from(a.seen.bytes_received).unwrap_or(i64::MAX);
            let line = a.reads.first().map_or(a.last_line, |r| r.line);
            self.int("peer.bytes_received", bytes, line);
            if self
                .step_line(StepName::ClientHello, Direction::Sent)
                .is_some()
            {
                self.yes("server.replied", bytes > 0, line);
            }
        }
        if let Some((len, line)) = a.seen.largest_record {
            self.int("record.max_len_bytes", i64::from(len), line);
        }
        let largest = a
            .steps
            .iter()
            .filter(|s| s.direction == Direction::Received && s.name.is_handshake());
        if let Some(step) = largest.max_by_key(|s| s.size_bytes.unwrap_or(0))
            && let Some(size) = step.size_bytes
        {
            self.int("handshake_message.max_bytes", i64::from(size), step.line);
        }
        if let Some(step) = a
            .steps
            .iter()
            .find(|s| s.name == StepName::Certificate && s.direction == Direction::Received)
            && let Some(size) = step.size_bytes
        {
            self.int("certificate_message_bytes", i64::from(size), step.line);
        }
        if let Some((bytes, line)) = &a.seen.not_tls {
            self.text("peer.protocol", names::protocol(bytes), *line);
        } else if a
            .steps
            .iter()
            .any(|s| s.direction == Direction::Received && s.name.is_handshake())
            || a.alerts.iter().any(|l| l.direction == Direction::Received)
        {
            self.text("peer.protocol", "tls", a.first_line);
        }
        let requested = self.step_line(
            StepName::CertificateRequest,
            if a.role == Role::Client {
                Direction::Received
            } else {
                Direction::Sent
            },
        );
        let done = self
            .step_line(StepName::ServerHelloDone, Direction::Received)
            .or_else(|| self.step_line(StepName::Finished, Direction::Received));
        if let Some(line) = requested {
            self.yes("client_cert.requested", true, line);
        } else if let Some(line) = done.filter(|_| a.role == Role::Client && !a.began_before_log) {
            self.yes("client_cert.requested", false, line);
        }
        self.client_certificate(requested.is_some());
        if let Some(line) = a
            .seen
            .conditions
            .iter()
            .find(|c| c.0 == "session_resumed")
            .map(|c| c.2)
        {
            self.yes("session.resumed", true, line);
        }
        // A whole handshake with certificates follows only when the offer was not taken.
        let offered = a.seen.conditions.iter().any(|c| c.0 == "session_offered");
        if let Some(line) = self
            .step_line(StepName::Certificate, Direction::Received)
            .filter(|_| offered)
        {
            self.yes("session.resumed", false, line);
        }
        if let Some(line) = a
            .seen
            .conditions
            .iter()
            .find(|c| c.0 == "renegotiation")
            .map(|c| c.2)
        {
            self.yes("renegotiation", true, line);
        }
    }

    fn client_certificate(&mut self, requested: bool) {
        let a = self.a;
        let own = a
            .steps
            .iter()
            .find(|s| s.name == StepName::Certificate && s.direction == Direction::Sent);
        if a.role != Role::Client {
            return;
        }
        let none = a
            .seen
            .conditions
            .iter()
            .find(|c| matches!(c.0, "no_certificate_to_send" | "client_certificate_skipped"));
        if let Some(step) = own {
            // A list without an entry: 4 bytes of header and 3 of length (TLS 1.2), one more in 1.3;
            // with the record's header and, encrypted, its tag it stays below 40.
            let empty = none.is_some() || step.size_bytes.is_some_and(|s| s < 40);
            if !a.began_before_log {
                self.yes("client_cert.sent", !empty, step.line);
            }
        } else if requested && none.is_some() {
            self.yes(
                "client_cert.sent",
                false,
                none.map_or(a.first_line, |n| n.2),
            );
        }
        self.sealed_client_certificate();
        // CertificateVerify is only sent with a certificate.
        if let Some(line) = self.step_line(StepName::CertificateVerify, Direction::Sent) {
            self.yes("client_cert.sent", true, line);
        }
    }

    /// TLS 1.3 without keys: the sizes of the client's sealed flight before the server's alert. An
    /// empty Certificate and a Finished take 30 and 58 to 74 bytes (RFC 8446 sections 4.4.2 and
    /// 4.4.4, and the tag), with padding to 16 a little more; the smallest certificate more than 400.
    fn sealed_client_certificate(&mut self) {
        let a = self.a;
        let (Some(alert), true) = (a.seen.hidden_alert, a.seen.from_wire) else {
            return;
        };
        if a.version != Some(ProtocolVersion::TLS13)
            || a.steps
                .iter()
                .any(|s| s.name == StepName::EncryptedExtensions)
        {
            return;
        }
        let sealed: Vec<u32> = a
            .steps
            .iter()
            .filter(|s| s.name == StepName::ApplicationData && s.direction == Direction::Sent)
            .filter(|s| s.line < alert)
            .filter_map(|s| s.size_bytes)
            .collect();
        // The first two are Certificate and Finished, or what stands in their place.
        let flight: u32 = sealed.iter().take(2).sum();
        if flight > 400 {
            self.yes("client_cert.sent", true, alert);
        } else if sealed.len() >= 2 && (80..=170).contains(&flight) {
            self.yes("client_cert.sent", false, alert);
            self.yes("client_cert.requested", true, alert);
        }
    }

    fn errors(&mut self, ctx: &FactContext<'_>) {
        let a = self.a;
        // What the peer still sends when the device has left is its answer to that.
        let left = a
            .seen
            .own_end
            .filter(|_| a.seen.from_wire && a.ended_by == EndedBy::DeviceError);
        let late = |l: &AlertSeen| {
            l.direction == Direction::Received && left.is_some_and(|(line, _)| l.line > line)
        };
        for alert in a.alerts.iter().filter(|l| l.fatal && !late(l)) {
            let (number, name) = if alert.direction == Direction::Received {
                ("alert.received", "alert.received_name")
            } else {
                ("alert.sent", "alert.sent_name")
            };
            self.int(number, i64::from(alert.alert.0), alert.line);
            self.text(name, alert.alert.name().unwrap_or("unassigned"), alert.line);
        }
        if let Some(warning) = a
            .alerts
            .iter()
            .rev()
            .find(|l| !l.fatal && l.alert.0 != 0 && l.direction == Direction::Received)
        {
            self.text(
                "alert.received_warning",
                warning.alert.name().unwrap_or("unassigned"),
                warning.line,
            );
        }
        if let Some(line) = a.seen.unnamed_alert {
            self.yes("alert.sent_unread", true, line);
        }
        if let Some(line) = a.seen.hidden_alert {
            self.yes("alert.received_unread", true, line);
        }
        let major = a
            .stack_version
            .as_deref()
            .and_then(|v| v.split('.').next())
            .and_then(|m| m.parse().ok());
        // A number of another library is no number of Mbed TLS.
        let other_library = a
            .stack
            .as_deref()
            .is_some_and(|s| OTHER_LIBRARIES.contains(&s));
        for (function, code, line) in &a.codes {
            if conclude::is_pending(*code) || other_library && !function.starts_with("mbedtls_") {
                continue;
            }
            for name in (ctx.error_names)(*code, major) {
                self.word("errors", name, *line);
            }
            if !function.is_empty() {
                self.word("error.functions", function, *line);
            }
        }
        for (name, line) in &a.seen.error_names {
            self.word("errors", name, *line);
        }
        let count = self.out.list("errors").len();
        if count > 0 {
            self.int(
                "error.count",
                i64::try_from(count).unwrap_or(0),
                a.last_line,
            );
        }
        if let Some((name, line)) = a.seen.peer_errors.first() {
            self.text("peer.log_says", name, *line);
        }
        for (flag, line) in &a.seen.verify_flags {
            self.word("verify.flags", flag, *line);
        }
    }

    fn conditions(&mut self) {
        let a = self.a;
        for (name, value, line) in &a.seen.conditions {
            match *name {
                // Passed on as facts of their own.
                "no_server_name" => {
                    let origin = self.line(*line);
                    self.out.absent("client.sni", origin);
                }
                "session_offered" => self.yes("session.offered", true, *line),
                "closing"
                | "session_resumed"
                | "renegotiation"
                | "certificate_requested"
                | "certificate_not_requested" => {}
                "alloc_failed" => {
                    self.word("conditions", name, *line);
                    if let Some(bytes) = value {
                        self.int("heap.alloc_failed_bytes", *bytes, *line);
                    }
                }
                _ => self.word("conditions", name, *line),
            }
        }
        // A function that failed says what it was for.
        for (function, code, line) in &a.codes {
            if *code >= 0 {
                continue;
            }
            let name = match function.as_str() {
                f if f.contains("x509_crt_parse") || f.contains("crt_parse") => "cert_parse_failed",
                f if f.contains("pk_parse_key") || f.contains("parse_key") => "key_parse_failed",
                f if f.contains("drbg_seed") || f.contains("entropy_func") => "rng_seed_failed",
                _ => continue,
            };
            self.word("conditions", name, *line);
        }
        if let Some((_, line)) = a.seen.gave_up {
            self.word("conditions", "handshake_gave_up", line);
        }
    }

    fn certificates(&mut self, ctx: &FactContext<'_>) {
        let a = self.a;
        let certs = &a.certificates;
        let Some(leaf) = certs.iter().min_by_key(|c| c.index) else {
            return;
        };
        let line = self
            .step_line(StepName::Certificate, Direction::Received)
            .unwrap_or(a.first_line);
        self.int("cert.count", i64::try_from(certs.len()).unwrap_or(0), line);
        self.text("cert.leaf.subject", &leaf.subject, line);
        self.text("cert.leaf.issuer", &leaf.issuer, line);
        if let Some(top) = certs.iter().max_by_key(|c| c.index) {
            let named = names::common_name(&top.issuer).is_some_and(names::is_root_name);
            self.yes("cert.top_issuer_named_root", named, line);
        }
        let cn = names::common_name(&leaf.subject);
        if let Some(cn) = cn {
            self.text("cert.leaf.cn", cn, line);
            self.yes(
                "cert.leaf.cn_is_ip",
                names::is_ip(cn) && !leaf.alt_names.iter().any(|n| names::is_ip(n)),
                line,
            );
        }
        if !leaf.key_type.is_empty() {
            self.text(
                "cert.leaf.key_type",
                if leaf.key_type.starts_with("EC") {
                    "EC"
                } else {
                    "RSA"
                },
                line,
            );
        }
        self.text("cert.leaf.signed_using", &leaf.signed_using, line);
        self.yes("cert.leaf.sha1", leaf.signed_using.ends_with("SHA1"), line);
        self.yes(
            "cert.leaf.sha512",
            leaf.signed_using.contains("SHA512") || leaf.signed_using.contains("SHA-512"),
            line,
        );
        self.words("cert.leaf.names", leaf.alt_names.clone(), line);
        if let Some(bits) = leaf.key_bits {
            self.int("cert.leaf.key_bits", i64::from(bits), line);
        }
        self.yes("cert.leaf.self_signed", leaf.issuer == leaf.subject, line);
        if let Some(is_ca) = leaf.is_ca {
            self.yes("cert.leaf.is_ca", is_ca, line);
        }
        self.usages(leaf, line);
        let expired = |c: &PeerCertificate| c.not_after.is_some_and(|t| t < ctx.judged_at);
        let early = |c: &PeerCertificate| c.not_before.is_some_and(|t| t > ctx.judged_at);
        self.yes("cert.leaf.expired", expired(leaf), line);
        self.yes("cert.leaf.not_yet_valid", early(leaf), line);
        self.yes("cert.any_expired", certs.iter().any(expired), line);
        self.yes("cert.any_not_yet_valid", certs.iter().any(early), line);
        self.yes(
            "cert.date_over_2038",
            certs
                .iter()
                .any(|c| c.not_after.is_some_and(|t| t > 2_147_483_647_000_000)),
            line,
        );
        if let Some(host) = self.host(ctx) {
            self.yes(
                "cert.leaf.matches_host",
                names::matches(leaf, cn, &host),
                line,
            );
        }
        if certs.iter().any(|c| names::inspecting_proxy(&c.issuer)) {
            self.word("conditions", "proxy_issuer", line);
        }
        self.chain(line);
    }

    fn usages(&mut self, leaf: &PeerCertificate, line: u32) {
        if leaf.ext_key_usage.is_empty() {
            let origin = self.line(line);
            self.out.absent("cert.leaf.ext_key_usage", origin);
        } else {
            self.words("cert.leaf.ext_key_usage", leaf.ext_key_usage.clone(), line);
        }
        let server = |u: &String| u.contains("Web Server") || u.contains("Any Extended");
        self.yes(
            "cert.leaf.server_auth",
            leaf.ext_key_usage.is_empty() || leaf.ext_key_usage.iter().any(server),
            line,
        );
        if leaf.key_usage.is_empty() {
            let origin = self.line(line);
            self.out.absent("cert.leaf.key_usage", origin);
        } else {
            self.words("cert.leaf.key_usage", leaf.key_usage.clone(), line);
        }
        let signs = |u: &String| {
            ["Digital Signature", "Key Encipherment", "Key Agreement"].contains(&u.as_str())
        };
        self.yes(
            "cert.leaf.may_sign",
            leaf.key_usage.is_empty() || leaf.key_usage.iter().any(signs),
            line,
        );
    }

    fn chain(&mut self, line: u32) {
        let mut certs: Vec<&PeerCertificate> = self.a.certificates.iter().collect();
        certs.sort_by_key(|c| c.index);
        let (Some(leaf), Some(top)) = (certs.first(), certs.last()) else {
            return;
        };
        if certs.len() > 1 {
            let links = certs.windows(2).all(|w| w[0].issuer == w[1].subject);
            self.yes("cert.chain_links", links, line);
            if !links {
                // From the leaf upwards by names: does a chain come out when order is ignored?
                let next = certs[1..].iter().any(|c| c.subject == leaf.issuer);
                self.yes("cert.chain_reorders", next, line);
            }
        }
        let issuer_sent =
            leaf.issuer != leaf.subject && certs[1..].iter().any(|c| c.subject == leaf.issuer);
        self.yes("cert.issuer_sent", issuer_sent, line);
        if let Some(is_ca) = certs[1..]
            .iter()
            .find(|c| c.subject == leaf.issuer)
            .and_then(|c| c.is_ca)
        {
            self.yes("cert.issuer_is_ca", is_ca, line);
        }
        let root = certs.len() > 1 && top.issuer == top.subject;
        self.yes(
            "cert.chain_top_self_signed",
            top.issuer == top.subject,
            line,
        );
        let intermediates = certs.len() - 1 - usize::from(root);
        self.int(
            "cert.intermediates",
            i64::try_from(intermediates).unwrap_or(0),
            line,
        );
        self.text("cert.top_issuer", &top.issuer, line);
        if let Some(bits) = certs.iter().filter_map(|c| c.key_bits).max() {
            self.int("cert.max_key_bits", i64::from(bits), line);
        }
        if let Some(t) = leaf.not_before {
            self.int("cert.not_before", t / 1_000_000, line);
        }
        if let Some(t) = leaf.not_after {
            self.int("cert.not_after", t / 1_000_000, line);
        }
    }

    fn host(&self, ctx: &FactContext<'_>) -> Option<String> {
        ctx.stated
            .text("host")
            .or_else(|| self.out.text("host"))
            .map(str::to_owned)
    }

    fn clock(&mut self, ctx: &FactContext<'_>) {
        const DAY: Micros = 86_400_000_000;
        let Some((clock, line)) = self.a.seen.device_clock else {
            return;
        };
        self.int("device.clock", clock / 1_000_000, line);
        // 2020: no device of today runs with a certificate issued before.
        let old = clock < 1_577_836_800_000_000;
        let ahead = clock - ctx.judged_at > DAY;
        let off = match ctx.clock_check {
            ClockCheck::OwnClock => false,
            ClockCheck::SameTime => ahead || ctx.judged_at - clock > DAY,
            ClockCheck::NotLater => ahead,
        };
        self.yes("device.clock_plausible", !(old || off), line);
    }

    fn reads(&mut self, ctx: &FactContext<'_>) {
        if let Some(group) = most_pieces(&self.a.reads) {
            let sizes: Vec<u32> = group.iter().map(|r| r.len).collect();
            let line = group[group.len() - 1].line;
            self.read_ladder(&sizes, line);
        } else if let Some(stated) = ctx.stated.text("device.reads") {
            let sizes: Vec<u32> = stated
                .split([',', ' '])
                .filter_map(|n| n.trim().parse().ok())
                .collect();
            if !sizes.is_empty() {
                self.read_ladder(&sizes, self.a.last_line);
            }
        }
        if let Some(poll) = self.a.polls.last() {
            self.int("polls.count", i64::from(poll.passes), poll.first_line);
            if let Some(ms) = poll.period_ms {
                self.int("polls.period_ms", ms, poll.first_line);
            }
        }
        if let Some(step) = self
            .a
            .steps
            .iter()
            .find(|s| s.remark.starts_with("taken by TCP"))
        {
            self.yes("printed_unsigned", true, step.line);
        }
    }

    /// What a module was set to, asked and answered.
    fn module(&mut self) {
        let a = self.a;
        for (fact, value, line) in &a.seen.settings {
            let origin = self.line(*line);
            if self.out.get(fact).is_none() {
                self.out.know(fact, value.clone(), origin);
            }
        }
        let Some(request) = a.seen.requests.last() else {
            return;
        };
        self.text("request.what", &request.what, request.line);
        if let Some((what, line, ms)) = &request.answer {
            self.text("request.answer", what, *line);
            if let Some(ms) = ms {
                self.int("request.elapsed_ms", *ms, *line);
            }
            if conclude::answered_locally(a) {
                self.yes("request.local", true, *line);
            }
        }
    }

    /// Settings of the module that are others than in the attempt before: what a changed failure
    /// goes with.
    fn changed_settings(&mut self, attempts: &[Arc<Attempt>]) {
        let a = self.a;
        let before = attempts
            .iter()
            .rfind(|o| o.input == a.input && o.index < a.index);
        let Some(before) = before else { return };
        for (name, value, line) in &a.seen.settings {
            let was = before.seen.settings.iter().find(|s| s.0 == *name);
            if was.is_some_and(|was| was.1 != *value) && &**name != "host" {
                let origin = self.line(*line);
                let word = setting_words(name);
                self.out
                    .add_to_list("attempts.changed_settings", &word, origin);
            }
        }
    }

    /// The signature of a `ServerKeyExchange` in another input of the session: a dump of the same
    /// handshake, whoever wrote it.
    fn signature_elsewhere(&mut self, attempts: &[Arc<Attempt>]) {
        if self.a.seen.key_exchange_signature.is_some() {
            return;
        }
        let found = attempts
            .iter()
            .find_map(|o| Some((o.input, o.seen.key_exchange_signature?)));
        if let Some((input, (scheme, len, line))) = found {
            let mut there = Teller {
                a: self.a,
                out: &mut FactSet::default(),
            };
            there.key_exchange_signature(scheme, len, line);
            for fact in there.out.iter() {
                self.out.insert(crate::evidence::Fact {
                    origins: vec![Origin::line(input, line)],
                    ..fact.clone()
                });
            }
        }
    }

    fn read_ladder(&mut self, sizes: &[u32], line: u32) {
        for (name, value) in ladder_facts(sizes) {
            let origin = self.line(line);
            self.out.know(name, value, origin);
        }
    }

    fn session(&mut self, attempts: &[Arc<Attempt>], _ctx: &FactContext<'_>) {
        let a = self.a;
        let completed: Vec<&Arc<Attempt>> = attempts
            .iter()
            .filter(|o| {
                o.outcome == Outcome::Completed
                    && o.role == a.role
                    && o.lane == a.lane
                    && o.index != a.index
            })
            .collect();
        self.int(
            "attempts.count",
            i64::try_from(attempts.iter().filter(|o| o.lane == a.lane).count()).unwrap_or(0),
            a.first_line,
        );
        let done = attempts
            .iter()
            .filter(|o| o.outcome == Outcome::Completed && o.lane == a.lane)
            .count();
        self.int(
            "attempts.completed",
            i64::try_from(done).unwrap_or(0),
            a.first_line,
        );
        self.changed_settings(attempts);
        self.signature_elsewhere(attempts);
        let failed: Vec<&Arc<Attempt>> = attempts
            .iter()
            .filter(|o| o.outcome != Outcome::Completed && o.lane == a.lane && o.input == a.input)
            .collect();
        if failed.len() > 1 {
            let like = |o: &Attempt| {
                (
                    conclude::phase(o),
                    o.ended_by,
                    o.alerts.iter().map(|l| l.alert.0).collect::<Vec<_>>(),
                )
            };
            let same = failed.windows(2).all(|w| like(w[0]) == like(w[1]));
            self.yes("attempts.same_failure", same, a.last_line);
        }
        for other in attempts {
            for alert in other.alerts.iter().filter(|l| l.fatal) {
                let origin = Origin::line(other.input, alert.line);
                self.out
                    .add_to_list("alerts.fatal", &alert.alert.0.to_string(), origin);
            }
        }
        let Some(good) = completed.last() else { return };
        let origin = Origin::line(good.input, good.first_line);
        self.out
            .know("compare.good_attempt", FactValue::Bool(true), origin);
        let message = |o: &Attempt| {
            o.steps
                .iter()
                .find(|s| {
                    s.name == StepName::Certificate
                        && s.direction == Direction::Received
                        && s.line > 0
                })
                .cloned()
        };
        if let (Some(here), Some(there)) = (message(a), message(good)) {
            let differs = match (&here.bytes, &there.bytes) {
                (Some(x), Some(y)) => Some(x != y),
                _ => (here.size_bytes.is_some() && here.size_bytes != there.size_bytes)
                    .then_some(true),
            };
            if let Some(differs) = differs {
                self.yes("compare.certificate_message_differs", differs, here.line);
            }
        }
    }
}

/// Families of stacks that do not print codes of Mbed TLS.
const OTHER_LIBRARIES: [&str; 11] = [
    "wolfssl", "openssl", "gnutls", "rustls", "bearssl", "axtls", "schannel", "java", "dotnet",
    "erlang", "go",
];

/// Conditions that mean the same whoever says them, or that only a server can say.
const PEER_SAYS: [&str; 17] = [
    "no_cipher_in_common",
    "no_cipher_usable",
    "no_shared_group",
    "no_shared_sigalg",
    "version_refused",
    "alpn_refused",
    "psk_unknown",
    "client_certificate_missing",
    "got_no_client_certificate",
    "client_cert_refused",
    "signature_bad",
    "mac_bad",
    "finished_mismatch",
    "renegotiation_refused",
    "illegal_sni",
    "non_tls_data",
    "key_too_small",
];

/// What the peer's own log adds to the device's: why the server gave up, what it says of the
/// device's certificate, and the alert that it sent where the device saw none. Where both speak,
/// the device's words stand.
fn peer_facts(peer: &Attempt, out: &mut FactSet) {
    let line = |line| Origin::line(peer.input, line);
    if let Some((name, at)) = peer.seen.peer_errors.first() {
        out.know("peer.log_says", FactValue::Text(name.clone()), line(*at));
    }
    for (name, _, at) in &peer.seen.conditions {
        match *name {
            "no_server_name" => out.absent("client.sni", line(*at)),
            name if !PEER_SAYS.contains(&name) => {}
            // The device's own log shows a ClientHello: what the server could not read came later.
            "non_tls_data"
                if out
                    .list("messages.sent")
                    .iter()
                    .any(|m| m == "client_hello") => {}
            _ => out.add_to_list("conditions", name, line(*at)),
        }
    }
    // A server that sees the device leave may still write an alert: only where the device saw the
    // connection end, and no alert, is it the one that got lost.
    let lost = matches!(out.text("ended_by"), Some("peer_close" | "reset"))
        && peer.seen.device_left.is_none();
    let sent = out.get("alert.sent").is_none() && out.text("ended_by") == Some("device_error");
    for (direction, number, name, wanted) in [
        (
            Direction::Received,
            "alert.received",
            "alert.received_name",
            lost,
        ),
        (Direction::Sent, "alert.sent", "alert.sent_name", sent),
    ] {
        let told = out.get(number).is_some();
        let alert = peer
            .alerts
            .iter()
            .find(|a| a.fatal && a.direction == direction);
        if let Some(alert) = alert.filter(|_| wanted && !told) {
            let value = i64::from(alert.alert.0);
            out.know(number, FactValue::Int(value), line(alert.line));
            let text = alert.alert.name().unwrap_or("unassigned").to_owned();
            out.know(name, FactValue::Text(text), line(alert.line));
        }
    }
}

/// A setting as a person calls it: `module.tls_version` is the TLS version.
fn setting_words(fact: &str) -> String {
    let name = fact.rsplit('.').next().unwrap_or(fact);
    match name {
        "ca" => "trust anchor".to_owned(),
        "folder" => "folder of the certificates".to_owned(),
        "verifies" => "check of the certificate".to_owned(),
        name => name.replace('_', " "),
    }
}

/// Does the device tell nothing of the handshake itself, as modules do?
fn is_opaque(a: &Attempt) -> bool {
    a.states.is_empty()
        && a.steps.iter().all(|s| !s.name.is_handshake())
        && !conclude::answered_locally(a)
}

/// How far the handshake came, in the words of the peer's log, where the device shows nothing of it.
fn peer_course(peer: &Attempt, out: &mut FactSet) {
    let line = |line: u32| Origin::line(peer.input, line.max(peer.first_line));
    for step in peer.steps.iter().filter(|s| s.name.is_handshake()) {
        let list = if step.direction == Direction::Sent {
            "messages.sent"
        } else {
            "messages.received"
        };
        if step.line > 0 {
            out.add_to_list(list, step.name.as_str(), line(step.line));
        }
    }
    let stop = peer.seen.device_left.unwrap_or(peer.last_line);
    if out.get("phase").is_none()
        && let Some(phase) = conclude::phase(peer)
    {
        out.know("phase", FactValue::Text(phase.to_owned()), line(stop));
    }
    if out
        .get("ended_by")
        .is_none_or(|_| out.text("ended_by") == Some("none"))
    {
        let word = peer.ended_by.as_str().to_owned();
        out.know("ended_by", FactValue::Text(word), line(stop));
    }
    if !conclude::left_after_flight(peer) {
        return;
    }
    out.know("server.replied", FactValue::Bool(true), line(stop));
    out.know(
        "peer.saw_packets",
        FactValue::Bool(true),
        line(peer.first_line),
    );
    let hello = peer.steps.iter().find(|s| s.name == StepName::ClientHello);
    let times = hello.and_then(|h| h.at).zip(peer.seen.device_left_at);
    if let Some((from, to)) = times.filter(|(from, to)| to >= from) {
        let ms = (to - from + 500) / 1000;
        out.know("peer.left_after_ms", FactValue::Int(ms), line(stop));
    }
    let unnamed = peer
        .seen
        .conditions
        .iter()
        .find(|c| c.0 == "no_server_name");
    if let Some((_, _, at)) = unnamed {
        out.know(
            "server.went_on_without_sni",
            FactValue::Bool(true),
            line(*at),
        );
    }
}

/// What follows from statements of the user alone.
fn stated_parts(stated: &FactSet, out: &mut FactSet) {
    if let Some(host) = stated.text("host") {
        let kind = if names::is_ip(host) { "ip" } else { "dns" };
        out.know("host.kind", FactValue::Text(kind.into()), Origin::Stated);
    }
    if out.get("reads").is_none()
        && let Some(text) = stated.text("device.reads")
    {
        let sizes: Vec<u32> = text
            .split([',', ' '])
            .filter_map(|n| n.trim().parse().ok())
            .collect();
        for (name, value) in ladder_facts(&sizes) {
            out.know(name, value, Origin::Stated);
        }
    }
}

/// Facts of one ladder of reads: header first, then the pieces of one record body.
fn ladder_facts(sizes: &[u32]) -> Vec<(&'static str, FactValue)> {
    if sizes.is_empty() {
        return Vec::new();
    }
    let text = sizes
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let mut facts = vec![("reads", FactValue::Text(text))];
    // A piece of a few bytes behind a long one ends where a segment did.
    let odd = (2..sizes.len()).find(|&i| sizes[i] < 8 && sizes[i - 1] >= 64);
    facts.push(("reads.odd_piece", FactValue::Bool(odd.is_some())));
    if let Some(i) = odd {
        let end: u32 = sizes[..=i].iter().sum();
        facts.push(("reads.segment_bytes", FactValue::Int(i64::from(end))));
    }
    facts
}

/// The record whose body was read in most pieces, if any took more than one: header, then pieces.
fn most_pieces(reads: &[ReadPiece]) -> Option<&[ReadPiece]> {
    let mut best: Option<&[ReadPiece]> = None;
    let mut start = 0;
    for i in 0..reads.len() {
        if reads[i].wanted == 5 && reads[i].len == 5 {
            start = i;
            continue;
        }
        let whole = reads[i].len >= reads[i].wanted || i + 1 == reads.len();
        if whole && i - start >= 2 && best.is_none_or(|b| i - start + 1 > b.len()) {
            best = Some(&reads[start..=i]);
        }
    }
    best
}

/// Longest time between something sent and the next message received, in milliseconds.
fn slowest_answer(a: &Attempt) -> Option<(i64, u32)> {
    let mut slowest = None;
    for pair in a.steps.windows(2) {
        if pair[0].direction == Direction::Sent
            && pair[1].direction == Direction::Received
            && pair[1].name.is_handshake()
            && let (Some(sent), Some(came)) = (pair[0].at, pair[1].at)
        {
            let ms = (came - sent) / 1000;
            if slowest.is_none_or(|(most, _)| ms > most) {
                slowest = Some((ms, pair[1].line));
            }
        }
    }
    slowest
}
