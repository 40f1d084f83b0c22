//! What is known of the server, made ready to show: suites of device and server beside each other,
//! what both would agree on, the answers to names, a line that would help.
//!
//! In: a snapshot, which probe is looked at and whose hello. Out: [`ServerSeen`], plain values. All of
//! it is decided here; the window only paints it.

mod agree;
mod lists;
mod names;
mod verdict;

use std::sync::Arc;

pub use lists::place_of_fact;
pub(super) use lists::suites_of_names;

use super::foreseen::{Foreseen, foreseen};
use super::probe_run::ProbeRun;
use super::probe_wish::AskAs;
use super::snapshot::{Snapshot, Tone, Verdict};
use crate::evidence::InputId;
use crate::server::predict::Prediction;
use crate::server::{
    ByHand, NameChoice, Order, Overlap, Probe, SideSuites, by_hand, common_version,
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
    /// The server was asked with this device's hello.
    pub reply: bool,
    /// The highest version of both, by their lists.
    pub common_version: Option<ProtocolVersion>,
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
    /// What the rules expect of this device at this server; `None` where one of them is not known.
    pub prediction: Option<Prediction>,
    /// The same in words, or what is foreseen before a server is known; `None` without a configuration
    /// or a known device.
    pub foreseen: Option<Foreseen>,
    /// The same questions by hand.
    pub by_hand: Vec<ByHand>,
    /// Verdict of the place; `None` where nothing is known of the server.
    pub verdict: Option<Verdict>,
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
        let hello = lists::shown_hello(snap, look, probe);
        let device = hello.as_ref().map(|h| lists::device_list(snap, h));
        let (server, order, versions) = lists::server_list(snap, run.as_deref(), probe);
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
            reply: asked.is_some(),
            common_version: hello
                .as_ref()
                .and_then(|h| common_version(&h.versions(), &versions)),
            measured: asked.and_then(|d| d.reply.cipher_suite()),
            order,
            versions,
            agree: Vec::new(),
            names: names::names(snap, probe),
            needs_name: snap.facts.bool("server.needs_sni"),
            name_remarks: Vec::new(),
            remedy: None,
            prediction: None,
            foreseen: None,
            by_hand: probe.map(by_hand).unwrap_or_default(),
            verdict: None,
            device,
            server,
            overlap,
        };
        if let Some(probe) = probe {
            seen.needs_name = names::measured_need(probe).or(seen.needs_name);
        }
        seen.name_remarks = names::name_remarks(snap, probe);
        seen.remedy = agree::remedy(&seen.overlap);
        seen.prediction = hello.and_then(|h| agree::prediction(snap, &seen, h, probe));
        seen.foreseen = foreseen(snap, seen.prediction.as_ref());
        seen.agree = agree::agree(&seen, probe);
        seen.verdict = verdict::verdict(&seen);
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

/// What is sent in SNI, in words.
#[must_use]
fn name_words(name: &NameChoice, host: &str) -> String {
    match name {
        NameChoice::None => "no SNI".to_owned(),
        NameChoice::Given(name) => format!("SNI {name}"),
        NameChoice::Host if host.parse::<std::net::IpAddr>().is_ok() => "no SNI".to_owned(),
        NameChoice::Host => format!("SNI {host}"),
    }
}
