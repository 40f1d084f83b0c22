//! The judged attempt beside the others of the session: what is the same, what differs.
//!
//! In: all attempts. Out: the facts `attempts.*`, `compare.*` and `alerts.fatal`. Must not know the
//! peer's view of the attempt.

use std::sync::Arc;

use super::{FactContext, Teller};
use crate::evidence::{Direction, FactSet, FactValue, Origin};
use crate::timeline::attempt::{Attempt, Outcome};
use crate::timeline::conclude;
use crate::tls::StepName;

impl Teller<'_> {
    pub(super) fn session(&mut self, attempts: &[Arc<Attempt>], _ctx: &FactContext<'_>) {
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
