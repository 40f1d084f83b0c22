//! A probe of this session: what was asked, how far it is, what it found.
//!
//! In: words of the probing thread. Out: [`ProbeRun`], a plain value of the snapshot, and the form in
//! which it is saved. Must not know threads or sockets.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::evidence::{FactSet, FactValue, Micros};
use crate::server::{NameChoice, Probe, Stage, Target};

/// A stage that was begun, and what it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSeen {
    /// Which.
    pub stage: Stage,
    /// In a few words, and whether that is well; `None` while it runs, or where it was left.
    pub found: Option<(String, bool)>,
}

/// How a probe stands.
#[derive(Clone, Debug)]
pub enum ProbeOutcome {
    /// It runs.
    Running,
    /// It was told to stop and has not yet.
    Stopping,
    /// It is over; stopped early or not, this is what was found.
    Done(Arc<Probe>),
    /// It could not begin: no address, a file that cannot be read.
    Failed {
        /// One sentence for the person.
        sentence: String,
        /// The technical chain.
        details: String,
    },
}

/// One probe.
#[derive(Clone, Debug)]
pub struct ProbeRun {
    /// Number in the session, from 1.
    pub number: u32,
    /// When it was begun, microseconds since 1970 UTC.
    pub at: Micros,
    /// Where.
    pub target: Target,
    /// Name in SNI.
    pub name: NameChoice,
    /// Whose `ClientHello` is sent as well; empty: nobody's.
    pub ask_as: String,
    /// Stages in the order in which they were begun.
    pub stages: Vec<StageSeen>,
    /// TCP connections so far.
    pub connections: usize,
    /// How it stands.
    pub outcome: ProbeOutcome,
}

impl ProbeRun {
    /// Does it run?
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.outcome, ProbeOutcome::Running | ProbeOutcome::Stopping)
    }

    /// What was found, once it is over.
    #[must_use]
    pub fn probe(&self) -> Option<&Arc<Probe>> {
        match &self.outcome {
            ProbeOutcome::Done(probe) => Some(probe),
            _ => None,
        }
    }

    /// The stage that runs.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.stages.last().map(|s| s.stage)
    }

    /// A stage is begun, or gone on with.
    pub(super) fn begin(&mut self, stage: Stage, connections: usize) {
        self.connections = connections;
        if self.stage() != Some(stage) {
            self.stages.push(StageSeen { stage, found: None });
        }
    }

    /// The last stage is over.
    pub(super) fn found(&mut self, words: String, well: bool) {
        if let Some(last) = self.stages.last_mut() {
            last.found = Some((words, well));
        }
    }

    /// Is it evidence for the case: did it ask the host and port that the device asks for, as far as
    /// these are known?
    #[must_use]
    pub fn counts_for(&self, facts: &FactSet) -> bool {
        let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let port_fits = match facts.value("peer.port") {
            Some(FactValue::Int(port)) => *port == i64::from(self.target.port),
            _ => true,
        };
        let Some(host) = facts.text("host").map(plain) else {
            return port_fits;
        };
        let by_address = || {
            self.probe().is_some_and(|p| {
                p.addresses
                    .iter()
                    .any(|a| a.address.ip().to_string() == host)
            })
        };
        let by_name = match &self.name {
            NameChoice::Given(name) => plain(name) == host,
            NameChoice::Host | NameChoice::None => false,
        };
        port_fits && (plain(&self.target.host) == host || by_name || by_address())
    }
}

/// A probe as it is saved with its session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedProbe {
    /// Number in the session.
    pub number: u32,
    /// When it was begun.
    pub at: Micros,
    /// What was found.
    pub found: Probe,
}

impl SavedProbe {
    /// What is kept of a run; nothing of one that found nothing.
    #[must_use]
    pub fn of(run: &ProbeRun) -> Option<Self> {
        Some(Self {
            number: run.number,
            at: run.at,
            found: Probe::clone(run.probe()?),
        })
    }

    /// As a run that is over.
    #[must_use]
    pub fn run(&self) -> ProbeRun {
        let found = &self.found;
        ProbeRun {
            number: self.number,
            at: self.at,
            target: found.target.clone(),
            name: found
                .name
                .clone()
                .map_or(NameChoice::None, NameChoice::Given),
            ask_as: found
                .device
                .as_ref()
                .map(|d| d.device.name.clone())
                .unwrap_or_default(),
            stages: Vec::new(),
            connections: found.connections,
            outcome: ProbeOutcome::Done(Arc::new(found.clone())),
        }
    }
}
