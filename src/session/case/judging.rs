//! The judgement of a case and the snapshot of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Case;
use crate::codes::mbedtls_error_names;
use crate::diagnose::{Diagnosis, Experiments, Trial, diagnose, experiments, trial_facts};
use crate::evidence::{ConnectResult, FactSet, Input, InputKind, Lane, Micros, Origin, TimeBase};
use crate::knowledge::Knowledge;
use crate::session::certificate_verdict::{CertificateVerdict, certificate_verdict};
use crate::session::changes::changes;
use crate::session::file_seen::CertificatesSeen;
use crate::session::snapshot::Snapshot;
use crate::session::verdict::{VerdictContext, verdict};
use crate::timeline::{Attempt, ClockCheck, FactContext, Outcome, facts};

/// Wall clocks before this day are those of a device that was never set: 2016-01-01.
const CLOCK_IS_SET: Micros = 1_451_606_400_000_000;

/// The last judgement; kept so that the timeline can be shown more often than it is judged.
#[derive(Clone)]
pub(super) struct Judgement {
    pub facts: Arc<FactSet>,
    pub diagnosis: Arc<Diagnosis>,
    pub experiments: Arc<Experiments>,
    pub judged_at: (Micros, &'static str),
    /// Stays the same value as long as nothing about it changes.
    pub certificates: Arc<CertificatesSeen>,
    /// What they say by themselves.
    pub certificate_verdict: Option<CertificateVerdict>,
    /// What it was made of; `None` before the first.
    pub of: Option<JudgedOf>,
}

impl Default for Judgement {
    fn default() -> Self {
        Self {
            facts: Arc::default(),
            diagnosis: Arc::default(),
            experiments: Arc::default(),
            judged_at: (0, "now"),
            certificates: Arc::default(),
            certificate_verdict: None,
            of: None,
        }
    }
}

/// What the diagnosis was made of beside the facts. It is the same for the same of these.
#[derive(Clone)]
pub(super) struct JudgedOf {
    knowledge: Arc<Knowledge>,
    answers: BTreeMap<String, String>,
    trials: Vec<Trial>,
}

impl PartialEq for JudgedOf {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.knowledge, &other.knowledge)
            && self.answers == other.answers
            && self.trials == other.trials
    }
}

impl Case {
    /// Judges anew. `now` is the present, microseconds since 1970 UTC.
    pub fn judge(&mut self, now: Micros) {
        self.now = now;
        let attempts = self.attempts();
        let judged = self.judged(&attempts);
        let judged_at = self.time_of_judgement(&attempts, judged, now);
        let mut stated = FactSet::default();
        // What a person says outright wins over what an experiment shows.
        for fact in trial_facts(&self.knowledge, &self.trials)
            .iter()
            .chain(self.stated.values())
        {
            stated.insert(fact.clone());
        }
        let (told_files, settings): (Vec<_>, Vec<_>) = self
            .inputs
            .iter()
            .flat_map(|i| {
                let origin = |line| Origin::line(i.timeline.input(), line);
                let told = i.timeline.settings().iter();
                told.map(move |(fact, value, line)| (fact.clone(), value.clone(), origin(*line)))
            })
            // A certificate in words says less than its bytes.
            .partition(|(fact, ..)| fact.starts_with("cert."));
        let mut known = facts(
            &attempts,
            judged,
            &FactContext {
                judged_at: judged_at.0,
                clock_check: self.clock_check(judged_at.1),
                error_names: &mbedtls_error_names,
                stated: &stated,
                settings: &settings,
                peer: self.peer_of(judged, &attempts),
            },
        );
        self.add_wire_facts(&mut known, &attempts, judged, judged_at.0);
        self.add_peer_differences(&mut known, &attempts, judged);
        self.add_probe_facts(&mut known);
        let certificates = self.certificates(&known, judged_at.0);
        self.add_file_facts(&mut known, &certificates);
        self.compare_certificates(&mut known);
        for (fact, value, origin) in told_files {
            if known.get(&fact).is_none() {
                known.know(&fact, value, origin);
            }
        }
        if *self.judgement.certificates != certificates {
            // Where a log is, its verdict is the one that counts.
            let alone = !self.inputs.iter().any(|i| i.decoder.is_some());
            self.judgement.certificate_verdict =
                alone.then(|| certificate_verdict(&certificates)).flatten();
            self.judgement.certificates = Arc::new(certificates);
        }
        self.add_overlap(&mut known);
        // Live lines often tell nothing new, and planning experiments judges many times over.
        let of = Some(JudgedOf {
            knowledge: Arc::clone(&self.knowledge),
            answers: self.answers.clone(),
            trials: self.trials.clone(),
        });
        if self.judgement.of != of || *self.judgement.facts != known {
            let diagnosis = diagnose(&self.knowledge, &known, &self.answers);
            self.judgement.experiments = Arc::new(experiments(
                &self.knowledge,
                &known,
                &self.answers,
                &diagnosis,
                &self.trials,
            ));
            self.judgement.diagnosis = Arc::new(diagnosis);
        }
        self.judgement = Judgement {
            of,
            certificates: Arc::clone(&self.judgement.certificates),
            certificate_verdict: self.judgement.certificate_verdict.take(),
            diagnosis: Arc::clone(&self.judgement.diagnosis),
            experiments: Arc::clone(&self.judgement.experiments),
            facts: Arc::new(known),
            judged_at,
        };
    }

    /// The case as it is, with the last judgement. Ports, problems of sources and progress are the
    /// engine's to add.
    #[must_use]
    pub fn snapshot(&mut self) -> Snapshot {
        self.revision += 1;
        let mut attempts = self.attempts();
        let judged = self.judged(&attempts);
        let clocks = self.join_clocks(&mut attempts, judged);
        let inputs: Vec<Input> = self.inputs().cloned().collect();
        let dialogues = (self.inputs.iter_mut())
            .map(|i| (i.input.id, i.dialogue.turns()))
            .filter(|(_, turns)| !turns.is_empty())
            .collect();
        let attempt = judged.and_then(|i| attempts.get(i)).map(AsRef::as_ref);
        let live = match attempt {
            Some(attempt) => self.is_open(attempt.input),
            None => self.inputs.iter().any(|i| i.open),
        };
        let peer = self.peer_of(judged, &attempts);
        let shows_nothing = attempt.is_some_and(|a| a.steps.iter().all(|s| !s.name.is_handshake()));
        let shown_peer = peer.as_ref().filter(|_| shows_nothing).map(|p| p.index);
        let mut verdict = verdict(
            attempt,
            &self.judgement.diagnosis,
            &VerdictContext {
                inputs: &inputs,
                live,
                silent_ms: self.silent_ms(attempt),
                peer: peer.as_deref(),
            },
        );
        let logs = self.inputs.iter().any(|i| i.decoder.is_some());
        if let (None, false, Some(of)) = (attempt, logs, &self.judgement.certificate_verdict) {
            of.say(&mut verdict, !self.judgement.diagnosis.causes.is_empty());
        }
        Snapshot {
            settled: true,
            revision: self.revision,
            inputs,
            dialogues,
            changes: changes(&attempts),
            asked: self.probe_attempts(attempts.len()),
            judged,
            peer: shown_peer,
            attempts,
            facts: Arc::clone(&self.judgement.facts),
            diagnosis: Arc::clone(&self.judgement.diagnosis),
            experiments: Arc::clone(&self.judgement.experiments),
            verdict,
            judged_at: self.judgement.judged_at,
            ports: Vec::new(),
            gaps: self.gaps.clone(),
            problems: self.problems.clone(),
            progress: Vec::new(),
            files: self.files(),
            certificates: Arc::clone(&self.judgement.certificates),
            device: self.device.clone(),
            named_device: self.named_device(&self.judgement.facts),
            clocks,
            sides: self.sides(),
            probes: self.probes.clone(),
        }
    }

    /// Says what time it is, for waits of live inputs.
    pub fn set_now(&mut self, now: Micros) {
        self.now = now;
    }

    /// How long the open input of an attempt has been silent while something is awaited.
    fn silent_ms(&self, attempt: Option<&Attempt>) -> Option<i64> {
        let attempt = attempt.filter(|a| a.outcome == Outcome::CutOff)?;
        attempt.stopped_at.as_ref()?.waiting_for?;
        let input = self.inputs.get(self.position(attempt.input)?)?;
        let live = input.open && input.input.kind == InputKind::Serial;
        let since = input.received.filter(|_| live)?;
        Some((self.now - since) / 1_000).filter(|ms| *ms >= 0)
    }

    /// Is a live input silent while something is awaited, so that time itself changes the verdict?
    #[must_use]
    pub fn waits(&self) -> bool {
        let attempts = self.attempts();
        let judged = self.judged(&attempts).and_then(|i| attempts.get(i));
        self.silent_ms(judged.map(AsRef::as_ref)).is_some()
    }

    /// The chosen attempt, else the last that did not complete, else the last. The device's own
    /// words go before those of its peer.
    fn judged(&self, attempts: &[Arc<Attempt>]) -> Option<usize> {
        if let Some(chosen) = self.chosen.filter(|i| *i < attempts.len()) {
            return Some(chosen);
        }
        // The device's own words, else the wire, else those of the peer.
        // A PC's client beside a device is the second client of the case, not the device.
        let device_speaks = attempts
            .iter()
            .any(|a| a.lane == Lane::Device && !self.is_wire(a.input) && !is_desk_client(a));
        let rank = |a: &Attempt| match a.lane {
            Lane::Device if self.is_wire(a.input) => 1,
            Lane::Device if device_speaks && is_desk_client(a) => 2,
            Lane::Device => 0,
            Lane::Peer => 3,
        };
        let best = attempts.iter().map(|a| rank(a)).min()?;
        let last = |fits: &dyn Fn(&Attempt) -> bool| {
            attempts.iter().rposition(|a| rank(a) == best && fits(a))
        };
        let failed = |a: &Attempt| !matches!(a.outcome, Outcome::Completed | Outcome::CutOff);
        last(&|a| failed(a) && !is_bare(a))
            .or_else(|| last(&failed))
            .or_else(|| last(&|a| a.outcome == Outcome::CutOff))
            .or_else(|| last(&|_| true))
    }

    /// A live port or a stated time is the time of the lines; a file may be older than its time.
    fn clock_check(&self, judged_from: &str) -> ClockCheck {
        match judged_from {
            "log" => ClockCheck::OwnClock,
            "option" | "recording" => ClockCheck::SameTime,
            "now" if self.inputs.iter().any(|i| i.received.is_some()) => ClockCheck::SameTime,
            _ => ClockCheck::NotLater,
        }
    }

    /// `--at`, else the log's own wall clock, else the time of the recording or file, else now.
    fn time_of_judgement(
        &self,
        attempts: &[Arc<Attempt>],
        judged: Option<usize>,
        now: Micros,
    ) -> (Micros, &'static str) {
        if let Some(at) = self.at {
            return (at, "option");
        }
        let attempt = judged.and_then(|i| attempts.get(i));
        let input = attempt
            .and_then(|a| self.position(a.input))
            .and_then(|at| self.inputs.get(at))
            .or_else(|| self.inputs.iter().find(|i| i.decoder.is_some()));
        let Some(input) = input else {
            return (now, "now");
        };
        if input.input.time_base == TimeBase::Unix {
            let printed = attempt.and_then(|a| a.ended.or(a.started)).or(input.wall);
            if let Some(at) = printed.filter(|at| *at >= CLOCK_IS_SET) {
                return (at, "log");
            }
        }
        if let Some(at) = input.received {
            let from = match input.input.kind {
                InputKind::Recording => "recording",
                _ => "now",
            };
            return (at, from);
        }
        match input.file_time {
            Some(at) => (at, "file"),
            None => (now, "now"),
        }
    }
}

/// Tools of a desk computer: none of these speaks for an embedded device when another input does.
fn is_desk_client(a: &Attempt) -> bool {
    matches!(a.stack.as_deref(), Some("openssl" | "gnutls"))
}

/// Does the attempt say nothing but that it was begun and failed? Another one tells more of a fault.
fn is_bare(a: &Attempt) -> bool {
    let unsaid = |code: i64| code == -1;
    a.outcome == Outcome::NeverStarted
        && a.codes.iter().all(|(_, code, _)| unsaid(*code))
        && a.seen.error_names.is_empty()
        && a.seen.conditions.is_empty()
        && a.seen
            .connect
            .is_none_or(|(result, _)| result == ConnectResult::Failed)
        && a.seen.requests.is_empty()
}
