//! What is known of the server, made ready to show: suites of device and server beside each other,
//! what both would agree on, the answers to names, a line that would help.
//!
//! In: a snapshot, which probe is looked at and whose hello. Out: [`ServerSeen`], plain values. All of
//! it is decided here; the window only paints it.

use std::sync::Arc;

use super::foreseen::{Foreseen, foreseen};
use super::probe_run::ProbeRun;
use super::probe_wish::AskAs;
use super::server_verdict;
use super::snapshot::{Snapshot, Tone, Verdict};
use crate::evidence::{FactState, InputId, Origin};
use crate::server::{
    ByHand, DeviceHello, NameChoice, NameKind, Order, Overlap, Probe, Reply, SideSuites, by_hand,
    common_version,
};
use crate::tls::{CipherSuite, ProtocolVersion};

/// What the window looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerLook {
    /// Number of the probe; `None`: the last.
    pub probe: Option<u32>,
    /// Whose hello stands in the device's column.
    pub ask_as: AskAs,
}

/// A list of suites and who says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuiteList {
    /// The suites in their order.
    pub suites: Vec<CipherSuite>,
    /// Suites that it surely has not, where the list may not be complete.
    pub not: Vec<CipherSuite>,
    /// There are no others.
    pub complete: bool,
    /// Whose they are, such as `ClientHello of attempt 2`.
    pub of: String,
    /// Short name of the source, for a chip.
    pub chip: String,
    /// The source in full.
    pub source: String,
    /// Input and line that prove it, where one does.
    pub spot: Option<(InputId, u32)>,
}

impl SuiteList {
    fn side(&self) -> SideSuites<'_> {
        SideSuites {
            has: &self.suites,
            not: &self.not,
            complete: self.complete,
        }
    }
}

/// A row of what both would agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreeRow {
    /// What.
    pub label: &'static str,
    /// Good, bad or neither.
    pub tone: Option<Tone>,
    /// In words.
    pub words: String,
}

/// An answer to a name in SNI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// What was sent.
    pub sent: String,
    /// What the server did.
    pub answer: String,
    /// Which certificate came.
    pub certificate: String,
    /// Does it differ from the answer to the own name?
    pub differs: bool,
    /// Where it was seen.
    pub chip: String,
    /// Input and line that prove it, where one does.
    pub spot: Option<(InputId, u32)>,
}

/// A line of the server's configuration that would give both a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The suite that is added.
    pub suite: CipherSuite,
    /// For Apache `httpd`.
    pub apache: String,
    /// For nginx.
    pub nginx: String,
}

/// What is known of the server.
#[derive(Clone, Debug, Default)]
pub struct ServerSeen {
    /// The probe that is looked at.
    pub run: Option<Arc<ProbeRun>>,
    /// Is that probe evidence for the case (same host and port)?
    pub counts: bool,
    /// What the device offers.
    pub device: Option<SuiteList>,
    /// What the server accepts.
    pub server: Option<SuiteList>,
    /// Whose order counts.
    pub order: Order,
    /// Both beside each other.
    pub overlap: Overlap,
    /// The suite that was really chosen for this device (not a prediction).
    pub measured: Option<CipherSuite>,
    /// Versions of the server, highest first.
    pub versions: Vec<(ProtocolVersion, bool)>,
    /// What they would agree on.
    pub agree: Vec<AgreeRow>,
    /// Answers to names.
    pub names: Vec<NameRow>,
    /// Does the server need SNI, as far as is known?
    pub needs_name: Option<bool>,
    /// Remarks about names.
    pub name_remarks: Vec<String>,
    /// The line that would help where nothing is in common.
    pub remedy: Option<Remedy>,
    /// The same questions by hand.
    pub by_hand: Vec<ByHand>,
    /// Verdict of the place; `None` where nothing is known of the server.
    pub verdict: Option<Verdict>,
    /// What is foreseen of the device's configuration or profile; `None` without one.
    pub foreseen: Option<Foreseen>,
}

impl ServerSeen {
    /// Makes it of a snapshot.
    #[must_use]
    pub fn of(snap: &Snapshot, look: &ServerLook) -> Self {
        let run = match look.probe {
            Some(number) => snap.probes.iter().find(|p| p.number == number),
            None => snap.probes.last(),
        };
        let run = run.map(Arc::clone);
        let probe = run.as_ref().and_then(|r| r.probe()).map(Arc::clone);
        let probe = probe.as_deref();
        let hello = shown_hello(snap, look, probe);
        let device = hello.as_ref().map(|h| device_list(snap, h));
        let (server, order, versions) = server_list(snap, run.as_deref(), probe);
        let overlap = Overlap::of(
            device.as_ref().map(SuiteList::side),
            server.as_ref().map(SuiteList::side),
            order,
        );
        let asked = probe
            .and_then(|p| p.device.as_ref())
            .filter(|d| Some(&d.device) == hello.as_ref());
        let mut seen = Self {
            counts: run.as_ref().is_some_and(|r| r.counts_for(&snap.facts)),
            run,
            measured: asked.and_then(|d| d.reply.cipher_suite()),
            order,
            versions,
            agree: Vec::new(),
            names: names(snap, probe),
            needs_name: snap.facts.bool("server.needs_sni"),
            name_remarks: Vec::new(),
            remedy: None,
            by_hand: probe.map(by_hand).unwrap_or_default(),
            verdict: None,
            foreseen: foreseen(snap, probe, hello.as_ref()),
            device,
            server,
            overlap,
        };
        if let Some(probe) = probe {
            seen.needs_name = measured_need(probe).or(seen.needs_name);
        }
        seen.name_remarks = name_remarks(snap, probe);
        seen.remedy = remedy(&seen.overlap);
        seen.agree = agree(&seen, hello.as_ref(), probe);
        seen.verdict = server_verdict::verdict(&seen);
        seen
    }

    /// What the probe found, once it is over.
    #[must_use]
    pub fn probe(&self) -> Option<&Probe> {
        self.run.as_ref()?.probe().map(AsRef::as_ref)
    }

    /// Have both sides no suite in common, and is that known?
    #[must_use]
    pub fn nothing_in_common(&self) -> bool {
        self.overlap.is_known() && self.overlap.common == 0
    }

    /// Is nothing in common as far as a list goes that may not be complete?
    #[must_use]
    pub fn nothing_documented_in_common(&self) -> bool {
        self.device.is_some()
            && self.server.is_some()
            && !self.overlap.is_known()
            && self.overlap.common == 0
    }
}

/// The chosen hello, else that of the probe, else the one that the case knows best.
fn shown_hello(snap: &Snapshot, look: &ServerLook, probe: Option<&Probe>) -> Option<DeviceHello> {
    let of_probe = || probe.and_then(|p| p.device.as_ref().map(|d| d.device.clone()));
    match &look.ask_as {
        AskAs::Best => of_probe().or_else(|| look.ask_as.hello(snap)),
        AskAs::Nobody => None,
        AskAs::File(_) => of_probe(),
        chosen => chosen.hello(snap),
    }
}

fn device_list(snap: &Snapshot, hello: &DeviceHello) -> SuiteList {
    let profile = snap
        .named_device
        .as_ref()
        .filter(|d| d.id == hello.id)
        .and_then(|d| d.offers.as_ref());
    let attempt = hello
        .id
        .strip_prefix("attempt-")
        .and_then(|n| n.parse::<usize>().ok())
        .and_then(|n| snap.attempts.get(n.checked_sub(1)?));
    let spot = attempt.map(|a| {
        let sent = a
            .steps
            .iter()
            .find(|s| s.name == crate::tls::StepName::ClientHello && s.line > 0);
        (a.input, sent.map_or(a.first_line, |s| s.line))
    });
    let chip = match (profile, attempt) {
        (Some(offers), _) => offers.by.clone(),
        (None, Some(a)) => format!("attempt {}", a.index + 1),
        (None, None) => hello.id.clone(),
    };
    SuiteList {
        suites: hello.cipher_suites(),
        not: profile.map_or_else(Vec::new, |o| suites_of_names(&o.not)),
        complete: profile.is_none_or(|o| o.complete),
        of: hello.name.clone(),
        chip,
        source: hello.source.clone(),
        spot,
    }
}

type ServerSide = (Option<SuiteList>, Order, Vec<(ProtocolVersion, bool)>);

/// Of the probe, else of the facts.
fn server_list(snap: &Snapshot, run: Option<&ProbeRun>, probe: Option<&Probe>) -> ServerSide {
    if let (Some(run), Some(probe)) = (run, probe)
        && !probe.offer.suites.is_empty()
    {
        let mut suites = Vec::new();
        for (_, suite) in &probe.offer.suites {
            if !suites.contains(suite) {
                suites.push(*suite);
            }
        }
        let list = SuiteList {
            suites,
            not: Vec::new(),
            complete: true,
            of: format!("{} port {}", run.target.host, run.target.port),
            chip: format!("probe {}", run.number),
            source: format!(
                "Measured by probe {} with {} connections, own ClientHello.",
                run.number, probe.connections
            ),
            spot: None,
        };
        return (Some(list), probe.offer.order, probe.offer.versions.clone());
    }
    let Some(fact) = snap.facts.get("server.suites") else {
        return (None, Order::Unknown, Vec::new());
    };
    let FactState::Known(crate::evidence::FactValue::List(names)) = &fact.state else {
        return (None, Order::Unknown, Vec::new());
    };
    let suites = suites_of_names(names);
    let (chip, spot) = place_of_fact(snap, &fact.origins);
    let list = SuiteList {
        suites,
        not: Vec::new(),
        complete: true,
        of: snap.facts.text("host").unwrap_or("the server").to_owned(),
        source: "As the evidence lists them.".to_owned(),
        chip,
        spot,
    };
    let order = match snap.facts.text("server.suite_order") {
        Some("server") => Order::Server,
        Some("client") => Order::Client,
        _ => Order::Unknown,
    };
    (Some(list), order, Vec::new())
}

pub(super) fn suites_of_names(names: &[String]) -> Vec<CipherSuite> {
    names
        .iter()
        .filter_map(|n| CipherSuite::from_name(n))
        .collect()
}

/// Short name of the place that proves a fact, and its line where there is one.
#[must_use]
pub fn place_of_fact(snap: &Snapshot, origins: &[Origin]) -> (String, Option<(InputId, u32)>) {
    match origins.first() {
        Some(origin @ Origin::Read { input, .. }) => {
            let of = snap.inputs.iter().find(|i| i.id == *input);
            let name = of.map_or_else(|| "closed input".to_owned(), |i| i.name.clone());
            match origin.line_number() {
                Some(line) => (format!("{name}, line {line}"), Some((*input, line))),
                None => (name, None),
            }
        }
        Some(Origin::Stated) => ("stated".to_owned(), None),
        Some(Origin::Derived(rule)) => (rule.clone(), None),
        None => ("not known".to_owned(), None),
    }
}

fn names(snap: &Snapshot, probe: Option<&Probe>) -> Vec<NameRow> {
    let mut rows = Vec::new();
    if let Some(fact) = snap.facts.get("client.sni") {
        let (chip, spot) = place_of_fact(snap, &fact.origins);
        let sent = match &fact.state {
            FactState::Known(value) => value.display(),
            FactState::Absent => "none".to_owned(),
        };
        let answered = snap.facts.bool("server.replied");
        rows.push(NameRow {
            sent: format!("{sent} (the device)"),
            answer: match answered {
                Some(true) => "answered".to_owned(),
                Some(false) => "no answer".to_owned(),
                None => "not in the evidence".to_owned(),
            },
            certificate: String::new(),
            differs: false,
            chip,
            spot,
        });
    }
    let Some(probe) = probe else { return rows };
    let own = probe.names.first();
    for tried in &probe.names {
        let sent = match (&tried.name, tried.kind) {
            (None, _) | (_, NameKind::None) => "none".to_owned(),
            (Some(name), _) => name.clone(),
        };
        let answer = match (tried.agreed, tried.cipher_suite) {
            (true, Some(suite)) => suite.to_string(),
            (true, None) => "agrees".to_owned(),
            (false, _) => tried.ending.sentence(),
        };
        let certificate = match &tried.leaf {
            Some(der) => leaf_words(der),
            None if tried.agreed => "encrypted".to_owned(),
            None => String::new(),
        };
        rows.push(NameRow {
            sent,
            answer,
            certificate,
            differs: own.is_some_and(|own| tried.differs_from(own)),
            chip: "probe".to_owned(),
            spot: None,
        });
    }
    rows
}

fn leaf_words(der: &[u8]) -> String {
    let seen = crate::server::see_chain(&[der.to_vec()], None);
    let Some(leaf) = seen.first() else {
        return String::new();
    };
    let name = leaf.subject_cn.as_ref().or(leaf.san_dns.first());
    match name {
        Some(name) => format!("{name}, {} bytes", leaf.der_bytes),
        None => format!("{} bytes", leaf.der_bytes),
    }
}

fn measured_need(probe: &Probe) -> Option<bool> {
    crate::server::probe_facts(probe, 0).bool("server.needs_sni")
}

fn name_remarks(snap: &Snapshot, probe: Option<&Probe>) -> Vec<String> {
    let mut out = Vec::new();
    let tried = probe.is_some_and(|p| p.names.iter().any(|n| n.kind == NameKind::Address));
    if tried || snap.facts.bool("client.sni_is_ip") == Some(true) {
        out.push("An IP address is not allowed in SNI (RFC 6066 section 3).".to_owned());
    }
    let ability = snap
        .named_device
        .iter()
        .flat_map(|d| &d.abilities)
        .find(|a| a.what == "sni");
    if let Some(ability) = ability {
        out.push(format!("{} Source: {}.", ability.says, ability.source));
    }
    out
}

fn remedy(overlap: &Overlap) -> Option<Remedy> {
    let both = overlap.rows.iter().any(|r| r.device == Some(true))
        && overlap.rows.iter().any(|r| r.server == Some(true));
    if !both || overlap.common > 0 {
        return None;
    }
    let suite = overlap
        .rows
        .iter()
        .filter(|r| r.device == Some(true))
        .map(|r| r.suite)
        .find(|s| s.openssl_name().is_some() && !s.is_tls13())?;
    let mut names: Vec<&str> = overlap
        .rows
        .iter()
        .filter(|r| r.server == Some(true) && !r.suite.is_tls13())
        .filter_map(|r| r.suite.openssl_name())
        .collect();
    names.push(suite.openssl_name()?);
    let list = names.join(":");
    Some(Remedy {
        suite,
        apache: format!("SSLCipherSuite {list}"),
        nginx: format!("ssl_ciphers {list};"),
    })
}

fn agree(seen: &ServerSeen, hello: Option<&DeviceHello>, probe: Option<&Probe>) -> Vec<AgreeRow> {
    let mut rows = Vec::new();
    let mut row = |label, tone, words: String| rows.push(AgreeRow { label, tone, words });
    let asked = probe
        .and_then(|p| p.device.as_ref())
        .filter(|d| Some(&d.device) == hello);
    let reply = asked.map(|d| &d.reply);
    let version = reply
        .and_then(Reply::version)
        .or_else(|| hello.and_then(|h| common_version(&h.versions(), &seen.versions)));
    match version {
        Some(version) => row("Version", Some(Tone::Ok), version.to_string()),
        None if hello.is_some() && !seen.versions.is_empty() => {
            row("Version", Some(Tone::Fail), "none".into());
        }
        None => {}
    }
    if let Some(suite) = seen.measured {
        row("Cipher suite", Some(Tone::Ok), suite.to_string());
    } else if seen.nothing_in_common() {
        row("Cipher suite", Some(Tone::Fail), "none".into());
    } else if let Some(first) = seen.overlap.first {
        row(
            "Cipher suite",
            Some(Tone::Ok),
            format!("{first}, by the lists"),
        );
    } else if seen.overlap.common > 0 {
        let n = seen.overlap.common;
        row(
            "Cipher suite",
            None,
            format!("one of {n}; whose order counts is not known"),
        );
    }
    if let Some(group) = reply.and_then(Reply::group) {
        row("Group", Some(Tone::Ok), group.to_string());
    }
    if let Some(scheme) = reply.and_then(Reply::signature_scheme) {
        row(
            "Signature",
            Some(Tone::Ok),
            crate::server::scheme_name(scheme),
        );
    }
    if let Some(check) = probe.and_then(|p| p.key_check.as_ref()) {
        use crate::server::Checked;
        let tone = |c: &Checked| match c {
            Checked::Sound => Some(Tone::Ok),
            Checked::Wrong => Some(Tone::Fail),
            Checked::NotChecked(_) => Some(Tone::Unknown),
        };
        row("Point on curve", tone(&check.point), check.point.sentence());
        let signature = check.signature.sentence();
        row("Key signature", tone(&check.signature), signature);
    }
    if let Some(reply) = reply.filter(|r| !r.agreed()) {
        row("Then", Some(Tone::Fail), reply.ending.sentence());
        row("Certificate", None, "never reached".into());
    } else if seen.nothing_in_common() {
        row(
            "Then",
            None,
            "the server ends it after ClientHello, with handshake_failure (40) or without an alert"
                .into(),
        );
        row("Certificate", None, "never reached".into());
    }
    if let Some(library) = probe.and_then(|p| p.library.as_ref()) {
        let complete = library.ending == Some(crate::server::LibraryEnding::Completed);
        if let Some(words) = library.sentence() {
            let tone = if complete { Tone::Ok } else { Tone::Warn };
            row("rustls", Some(tone), words);
        }
        if let Some(words) = library.strict_sentence() {
            let tone = if library.strict.is_none() {
                Tone::Ok
            } else {
                Tone::Warn
            };
            row("Strict check", Some(tone), words);
        }
    }
    if let Some(probe) = probe.filter(|p| p.refusals.is_silent()) {
        let r = probe.refusals;
        row(
            "Refusals",
            Some(Tone::Warn),
            format!(
                "never an alert: {} closed, {} reset, {} silent; the device learns no reason",
                r.closes, r.resets, r.timeouts
            ),
        );
    }
    rows
}

/// What is sent in SNI, in words.
#[must_use]
pub(super) fn name_words(name: &NameChoice, host: &str) -> String {
    match name {
        NameChoice::None => "no SNI".to_owned(),
        NameChoice::Given(name) => format!("SNI {name}"),
        NameChoice::Host if host.parse::<std::net::IpAddr>().is_ok() => "no SNI".to_owned(),
        NameChoice::Host => format!("SNI {host}"),
    }
}
