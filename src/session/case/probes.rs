//! Probes of a case and the facts that they measured.

use std::sync::Arc;

use super::Case;
use crate::evidence::{FactSet, Origin};
use crate::server::probe_facts;
use crate::session::probe_attempt::probe_attempt;
use crate::session::probe_run::ProbeRun;
use crate::timeline::Attempt;

/// A later probe of many is enough to tell; older ones make room.
const MOST_PROBES: usize = 50;

impl Case {
    /// Keeps a probe that is over.
    pub fn add_probe(&mut self, run: ProbeRun) {
        if self.probes.len() >= MOST_PROBES {
            self.probes.remove(0);
        }
        self.probes.push(Arc::new(run));
    }

    /// Probes that are over, oldest first.
    #[must_use]
    pub fn probes(&self) -> &[Arc<ProbeRun>] {
        &self.probes
    }

    /// What the probes saw as the device, numbered from `first` on.
    pub(super) fn probe_attempts(&self, first: usize) -> Vec<Arc<Attempt>> {
        let mut out: Vec<Arc<Attempt>> = Vec::new();
        for run in &self.probes {
            out.extend(probe_attempt(run, first + out.len()).map(Arc::new));
        }
        out
    }

    /// Takes a probe away with what it proved.
    pub fn remove_probe(&mut self, number: u32) {
        self.probes.retain(|p| p.number != number);
    }

    /// Number of the next probe.
    #[must_use]
    pub fn next_probe(&self) -> u32 {
        self.probes.iter().map(|p| p.number).max().unwrap_or(0) + 1
    }

    /// Adds what the last probe of the device's own server measured. What the device itself saw and
    /// what a person states goes before it; what another tool listed does not.
    pub(super) fn add_probe_facts(&self, known: &mut FactSet) {
        let Some((run, found)) = self
            .probes
            .iter()
            .rev()
            .filter(|run| run.counts_for(known))
            .find_map(|run| Some((run, run.probe()?)))
        else {
            return;
        };
        for fact in probe_facts(found, run.number).iter() {
            let newer = matches!(
                fact.name.as_str(),
                "server.suites"
                    | "server.suite_order"
                    | "server.rsa_key_exchange"
                    | "server.versions"
                    | "server.min_version"
            );
            let keep = known
                .get(&fact.name)
                .is_some_and(|f| !newer || f.origins.contains(&Origin::Stated));
            if !keep {
                known.insert(fact.clone());
            }
        }
    }
}
