//! What a probe saw as the device, as an attempt like those of logs and captures.
//!
//! In: a [`ProbeRun`] that is over. Out: an [`Attempt`] whose input is [`InputId::probe`]. It is shown
//! beside the device's own attempts and never judged among them: no device made it.

use super::probe_run::ProbeRun;
use crate::evidence::{Direction, InputId, Lane, Micros, Role};
use crate::server::{DeviceReply, Ending};
use crate::timeline::{AlertSeen, Attempt, Certainty, EndedBy, Outcome, Seen, Step, StoppedAt};
use crate::tls::StepName;

/// The attempt, with this number; `None` where nothing was asked as a device.
#[must_use]
pub fn probe_attempt(run: &ProbeRun, index: usize) -> Option<Attempt> {
    let probe = run.probe()?;
    let device = probe.device.as_ref()?;
    Some(attempt(run, device, index))
}

fn attempt(run: &ProbeRun, device: &DeviceReply, index: usize) -> Attempt {
    let reply = &device.reply;
    let time = |at: std::time::Duration| {
        let us = Micros::try_from(at.as_micros()).unwrap_or(Micros::MAX);
        run.at.saturating_add(us)
    };
    let steps: Vec<Step> = reply
        .steps
        .iter()
        .map(|seen| Step {
            name: seen.name,
            direction: if seen.sent {
                Direction::Sent
            } else {
                Direction::Received
            },
            at: Some(time(seen.at)),
            line: 0,
            size_bytes: (seen.bytes > 0)
                .then(|| u32::try_from(seen.bytes).ok())
                .flatten(),
            state: None,
            certainty: Certainty::Seen,
            remark: String::new(),
            bytes: None,
        })
        .collect();
    let (outcome, ended_by) = ending(&reply.ending);
    let alerts = match reply.ending {
        Ending::Alert(alert) => vec![AlertSeen {
            alert,
            fatal: true,
            direction: Direction::Received,
            line: 0,
        }],
        _ => Vec::new(),
    };
    let last = steps.last().map_or(StepName::TcpConnect, |s| s.name);
    let hello = device.device.fresh(None);
    Attempt {
        index,
        input: InputId::probe(run.number),
        lane: Lane::Device,
        role: Role::Client,
        stack: None,
        stack_version: None,
        outcome,
        ended_by,
        stopped_at: matches!(reply.ending, Ending::Timeout).then(|| StoppedAt {
            state: format!("after {}", last.title()),
            waiting_for: None,
            since_ms: None,
            since_at: None,
            line: 0,
        }),
        started: Some(run.at),
        ended: Some(time(reply.elapsed)),
        version: reply.version(),
        cipher_suite: reply.cipher_suite(),
        alerts,
        steps,
        reads: Vec::new(),
        polls: Vec::new(),
        certificates: Vec::new(),
        codes: Vec::new(),
        states: Vec::new(),
        first_line: 0,
        last_line: 0,
        began_before_log: false,
        seen: Seen {
            offered_suites: hello.cipher_suites.iter().map(|s| s.0).collect(),
            offered_groups: hello.groups().iter().map(|g| g.0).collect(),
            offered_signatures: hello.signature_schemes().iter().map(|s| s.0).collect(),
            group: reply.group().map(|g| g.to_string()),
            from_wire: true,
            ..Seen::default()
        },
    }
}

/// A probe asks no further than the server's first flight: where both agree, it ends there.
fn ending(ending: &Ending) -> (Outcome, EndedBy) {
    match ending {
        Ending::Answered | Ending::Cancelled => (Outcome::CutOff, EndedBy::Nobody),
        Ending::Alert(_) => (Outcome::Failed, EndedBy::PeerAlert),
        Ending::Closed => (Outcome::Failed, EndedBy::PeerClosed),
        Ending::Reset => (Outcome::Failed, EndedBy::Reset),
        Ending::Timeout => (Outcome::Stalled, EndedBy::DeviceTimeout),
        Ending::Unconnected(_) => (Outcome::NeverStarted, EndedBy::NoConnection),
        Ending::NotTls(_) | Ending::TooMuch(_) | Ending::Malformed(_) | Ending::NoStartTls(_) => {
            (Outcome::Failed, EndedBy::DeviceError)
        }
    }
}
