//! States of the library, signs of progress, and the poll loops between them.
//!
//! In: state lines in their order. Out: the states of the attempt, and each run of equal ones folded
//! into one [`PollLoop`]. Must not know what a state waits for.

use super::Working;
use crate::evidence::{Event, Micros, Observation, Role};
use crate::timeline::attempt::PollLoop;
use crate::timeline::conclude;
use crate::tls::StepName;

#[derive(Clone, Debug)]
pub(super) struct Poll {
    state: Option<u16>,
    lines: Vec<u32>,
    times: Vec<Micros>,
}

impl Working {
    pub(super) fn state(
        &mut self,
        number: Option<u16>,
        name: Option<&'static str>,
        role: Role,
        o: &Observation,
    ) {
        let a = &mut self.attempt;
        let name = name.unwrap_or("");
        if a.states.is_empty()
            && a.steps.iter().all(|s| s.name == StepName::TcpConnect)
            && number.is_some_and(|n| n > 1)
        {
            a.began_before_log = true;
            a.role = role;
            conclude::infer_before_log(a, number.unwrap_or(0));
        }
        a.role = role;
        a.seen.traced |= !matches!(o.event, Event::AppStep { .. });
        if name == "HANDSHAKE_OVER" {
            a.seen.established.get_or_insert(o.line);
        }
        let same = a
            .states
            .last()
            .is_some_and(|(n, t, ..)| *n == number && *t == name);
        if same {
            let time = o.received.or(o.at);
            let first = self.poll.is_none();
            let poll = self.poll.get_or_insert_with(|| Poll {
                state: number,
                lines: Vec::new(),
                times: Vec::new(),
            });
            if first && let Some((_, _, line, at)) = a.states.last() {
                poll.lines.push(*line);
                poll.times
                    .extend(if o.received.is_some() { None } else { *at });
            }
            poll.lines.push(o.line);
            poll.times.extend(time);
        } else {
            self.end_poll();
            self.attempt.states.push((number, name, o.line, o.at));
            self.moved(o);
        }
    }

    /// Something moved: what waited does not wait any more.
    pub(super) fn moved(&mut self, o: &Observation) {
        self.end_poll();
        self.progress.at = o.at.or(self.progress.at);
        self.progress.received = o.received.or(self.progress.received);
        self.progress.line = o.line;
    }

    fn end_poll(&mut self) {
        if let Some(poll) = self.poll.take()
            && let Some(done) = poll.folded()
        {
            self.attempt.polls.push(done);
        }
    }

    pub(super) fn end_poll_kept(&mut self) {
        if let Some(done) = self.poll.as_ref().and_then(Poll::folded) {
            self.attempt.polls.push(done);
        }
    }
}

impl Poll {
    fn folded(&self) -> Option<PollLoop> {
        let passes = u32::try_from(self.lines.len()).ok()?.checked_sub(1)?;
        if passes == 0 {
            return None;
        }
        let mut steps: Vec<Micros> = self
            .times
            .windows(2)
            .map(|w| w[1] - w[0])
            .filter(|d| *d > 0)
            .collect();
        steps.sort_unstable();
        let period_ms = steps.get(steps.len() / 2).map(|us| us / 1000);
        let last = *self.lines.last()?;
        let lines_per_pass = last.saturating_sub(self.lines[self.lines.len() - 2]);
        Some(PollLoop {
            first_line: self.lines[0],
            last_line: last,
            lines_per_pass,
            passes,
            period_ms,
            state: self.state,
        })
    }
}
