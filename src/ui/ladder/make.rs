//! An attempt becomes rows: flights, steps, states, pauses, what is awaited, how it ended.
//!
//! In: an attempt, a good run to compare with, what is folded. Out: [`Ladder`].

use super::ghost::ghosts;
use super::model::{Ladder, LadderRow, LadderStyle, RowKind, Waiting, lane_word};
use super::stop::stop_of;
use crate::evidence::{Direction, Lane, Micros, Role, TimeBase};
use crate::timeline::{Attempt, Certainty, EndedBy, Outcome, Step};
use crate::tls::StepName;
use crate::ui::words;

/// More rows than this fold by themselves.
const FOLD_FROM: usize = 200;
/// A pause of one second and more gets a row.
const BREAK_MS: i64 = 1_000;
/// Own work from here on is said.
const OWN_WORK_MS: i64 = 100;

impl Ladder {
    /// The rows of `attempt`; `good` is a completed attempt to compare with.
    #[must_use]
    pub fn of(attempt: &Attempt, good: Option<&Attempt>, style: LadderStyle) -> Self {
        let mut maker = Maker {
            good,
            ..Maker::new(attempt, style)
        };
        if attempt.steps.iter().all(|s| !s.name.is_handshake()) {
            maker.requests();
        }
        maker.steps();
        maker.ending();
        Self::from_rows(maker.rows)
    }

    /// The rows of an attempt of which the device shows nothing but its request and the answer, with
    /// the steps that the log of the other end (`peer`, times of `base`) shows of it.
    #[must_use]
    pub fn joined(attempt: &Attempt, peer: &Attempt, base: TimeBase, style: LadderStyle) -> Self {
        let mut there = Maker::new(peer, LadderStyle { base, ..style });
        there.steps();
        for row in &mut there.rows {
            row.other = Some(peer.input);
            if row.remark.is_empty() && row.line > 0 {
                row.remark = format!("{}'s log", lane_word(Lane::Peer, peer.role));
            }
        }
        let mut here = Maker::new(attempt, style);
        here.requests();
        here.rows.append(&mut there.rows);
        here.ending();
        Self::from_rows(here.rows)
    }
}

pub(super) struct Maker<'a> {
    attempt: &'a Attempt,
    good: Option<&'a Attempt>,
    style: LadderStyle,
    rows: Vec<LadderRow>,
    last_time: Option<Micros>,
    last_state: Option<u16>,
    gaps: i64,
}

/// A step or a state entered, by line.
enum Item<'a> {
    Step(&'a Step),
    State(u16, &'static str, u32, Option<Micros>),
}

impl<'a> Maker<'a> {
    /// For the rows of `attempt`, without a run to compare with.
    pub(super) fn new(attempt: &'a Attempt, style: LadderStyle) -> Self {
        Self {
            attempt,
            good: None,
            style,
            rows: Vec::new(),
            last_time: None,
            last_state: None,
            gaps: median_gap(attempt),
        }
    }

    /// The row of one step alone, without the pause before it.
    pub(super) fn one(&mut self, step: &Step) -> LadderRow {
        self.step(step);
        let row = self.rows.pop();
        self.rows.clear();
        row.unwrap_or_else(|| LadderRow::plain(RowKind::Blank, self.style.row, ""))
    }

    /// The rows of what a module was asked alone.
    pub(super) fn asked(&mut self) -> Vec<LadderRow> {
        self.requests();
        std::mem::take(&mut self.rows)
    }

    /// The rows of the end alone.
    pub(super) fn end(mut self) -> Vec<LadderRow> {
        self.rows.clear();
        self.ending();
        for row in &mut self.rows {
            // What would come stands in the other run.
            if let RowKind::Waiting(wait) = &mut row.kind {
                wait.ghosts.clear();
            }
        }
        self.rows
    }

    fn steps(&mut self) {
        let a = self.attempt;
        let inferred: Vec<&Step> = a.steps.iter().take_while(|s| before_log(s)).collect();
        self.flights(&inferred);
        if let Some(first) = self.rows.first_mut().filter(|_| a.began_before_log) {
            first.time = "before the log".into();
        }
        if a.began_before_log {
            let rule = RowKind::Rule("log starts here".into());
            let spoken = "The log starts here".into();
            self.push(rule, 24.0, 0, spoken);
        }
        let items = self.items();
        let many = items.len() > FOLD_FROM || self.style.fold;
        let mut flight: Vec<&Step> = Vec::new();
        for item in items {
            match item {
                Item::Step(step) => {
                    let goes_on = flight
                        .last()
                        .is_none_or(|l| l.direction == step.direction && l.name.is_handshake());
                    if many && goes_on && step.name.is_handshake() {
                        flight.push(step);
                        continue;
                    }
                    self.flights(&std::mem::take(&mut flight));
                    if many && step.name.is_handshake() {
                        flight.push(step);
                    } else {
                        self.step(step);
                    }
                }
                Item::State(number, name, line, at) => {
                    self.flights(&std::mem::take(&mut flight));
                    self.state(number, name, line, at);
                }
            }
        }
        self.flights(&flight);
    }

    /// What a module was asked.
    fn requests(&mut self) {
        let a = self.attempt;
        for request in &a.seen.requests {
            let time = self.time(request.at.0);
            let spoken = format!("device is asked: {}", request.what);
            let kind = RowKind::Own {
                lane: Lane::Device,
                text: request.what.to_string(),
            };
            self.push(kind, self.style.row, request.line, spoken);
            self.note(time, String::new(), String::new());
        }
    }

    /// Steps and states by line. A state that a step shows by itself is left out, unless the
    /// ladder is short or it is where everything stopped.
    fn items(&self) -> Vec<Item<'a>> {
        let a = self.attempt;
        let steps: Vec<&Step> = a.steps.iter().skip_while(|s| before_log(s)).collect();
        let short = steps.len() + a.states.len() <= 10;
        let mut items: Vec<(u32, Item<'a>)> = Vec::new();
        for (i, (number, name, line, at)) in a.states.iter().enumerate() {
            let Some(number) = number else { continue };
            let shown_by_step = steps.iter().any(|s| s.state == Some(*number));
            let stopped_here = i + 1 == a.states.len() && a.outcome != Outcome::Completed;
            if short || !shown_by_step && stopped_here {
                items.push((*line, Item::State(*number, name, *line, *at)));
            }
        }
        // A step that is inferred in the middle has no line: it stands behind the one before it.
        let mut behind = 0;
        for step in steps {
            behind = behind.max(step.line);
            items.push((behind, Item::Step(step)));
        }
        items.sort_by_key(|(line, _)| *line);
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// A flight of one direction as one row; several directions as several rows.
    fn flights(&mut self, steps: &[&Step]) {
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let same = rest
                .iter()
                .take_while(|s| s.direction == first.direction)
                .count();
            let (flight, after) = rest.split_at(same);
            rest = after;
            if let [one] = flight {
                self.step(one);
            } else if let Some(last) = flight.last() {
                self.flight(flight, first, last);
            }
        }
    }

    fn flight(&mut self, flight: &[&Step], first: &Step, last: &Step) {
        let name = format!("{} … {}", first.name, last.name);
        let known: Option<u64> = flight
            .iter()
            .map(|s| s.size_bytes.map(u64::from))
            .sum::<Option<u64>>();
        let size = known.map(words::bytes).unwrap_or_default();
        let state = match (first.state, last.state) {
            (Some(a), Some(b)) if a != b => format!("{a}–{b}"),
            (Some(a), _) => a.to_string(),
            _ => String::new(),
        };
        let count = words::count(flight.len() as u64, "message", "messages");
        let spoken = format!(
            "{}, {name}, {count}, {}",
            by_whom(first.direction, self.attempt.role),
            certainty_words(first.certainty)
        );
        self.gap(first.at);
        let time = self.time(first.at);
        let kind = RowKind::Message {
            direction: first.direction,
            name,
            size,
            certainty: first.certainty,
            alert: false,
        };
        self.push(kind, self.style.row, first.line, spoken);
        self.note(
            time,
            state,
            if first.line > 0 { count } else { String::new() },
        );
        self.last_state = last.state.or(self.last_state);
    }

    fn step(&mut self, step: &Step) {
        self.gap(step.at);
        let alert = step.name == StepName::Alert;
        let found = self.attempt.alerts.iter().find(|a| a.line == step.line);
        let name = match found.filter(|_| alert) {
            Some(a) => match a.alert.name() {
                Some(name) => format!("alert {} {name}", a.alert.0),
                None => a.alert.to_string(),
            },
            None => step.name.title().to_owned(),
        };
        let size = step
            .size_bytes
            .map(|n| words::bytes(n.into()))
            .unwrap_or_default();
        let mut remark = step.remark.clone();
        if alert && remark.is_empty() {
            by_whom(step.direction, self.attempt.role).clone_into(&mut remark);
            // What a probe saw stands in no line.
            if step.line > 0 {
                remark = format!("{remark}, line {}", step.line);
            }
        }
        if let Some(ms) = self.own_work(step) {
            let work = format!("{} of own work", words::duration_ms(ms));
            remark = if remark.is_empty() {
                work
            } else {
                format!("{remark} · {work}")
            };
        }
        let time = self.time(step.at);
        let state = step
            .state
            .filter(|s| self.last_state != Some(*s))
            .map(|s| s.to_string())
            .unwrap_or_default();
        let mut spoken = format!("{}, {name}", by_whom(step.direction, self.attempt.role));
        for part in [&size, &time] {
            if !part.is_empty() {
                spoken.push_str(", ");
                spoken.push_str(part);
            }
        }
        spoken.push_str(", ");
        spoken.push_str(certainty_words(step.certainty));
        let kind = RowKind::Message {
            direction: step.direction,
            name,
            size,
            certainty: step.certainty,
            alert: self.attempt.is_refusal(step),
        };
        self.push(kind, self.style.row, step.line, spoken);
        self.note(time, state, remark);
        self.last_state = step.state.or(self.last_state);
    }

    fn state(&mut self, number: u16, name: &str, line: u32, at: Option<Micros>) {
        self.gap(at);
        let text = if name.is_empty() {
            format!("state {number} entered")
        } else {
            format!("state {number} entered · {name}")
        };
        let time = self.time(at);
        let spoken = format!("device, {text}, {time}, seen");
        let kind = RowKind::Own {
            lane: Lane::Device,
            text,
        };
        self.push(kind, self.style.row, line, spoken);
        self.note(time, number.to_string(), String::new());
        self.last_state = Some(number);
    }

    fn ending(&mut self) {
        let a = self.attempt;
        let waits = a.stopped_at.as_ref().and_then(|s| s.waiting_for);
        let stalled = matches!(a.outcome, Outcome::Stalled)
            || a.outcome == Outcome::CutOff && self.style.live;
        if let (Some(wait), Some(at), true) = (waits, a.stopped_at.as_ref(), stalled) {
            let since = if self.style.live && a.ended_by == EndedBy::Nobody {
                match (at.since_ms, self.style.quiet_ms) {
                    (Some(since), Some(quiet)) => Some(since + quiet),
                    (None, quiet) => quiet,
                    (since, None) => since,
                }
            } else {
                at.since_ms
            };
            let long = since.map(words::duration_ms).unwrap_or_default();
            let who = lane_word(wait.from, a.role);
            let spoken = if long.is_empty() {
                format!("Waiting for {} from the {who}", wait.step)
            } else {
                format!("Waiting for {} from the {who}, {long}", wait.step)
            };
            let row = RowKind::Waiting(Waiting {
                step: wait.step,
                from: wait.from,
                who,
                long,
                ghosts: ghosts(wait.step, self.good),
                poll: a.polls.last().cloned(),
            });
            let line = a.polls.last().map_or(at.line, |p| p.first_line);
            self.push(row, 124.0, line, spoken);
        }
        match (a.outcome, stop_of(a)) {
            (Outcome::Completed, _) => {
                let spoken = "The handshake completed".into();
                self.push(RowKind::Completed, 34.0, a.last_line, spoken);
            }
            (_, Some(stop)) => {
                let spoken = format!("Stop: {}, {}", stop.words, stop.how);
                let long = a.stopped_at.as_ref().and_then(|s| s.since_ms);
                self.push(RowKind::Stop(stop), 34.0, a.last_line, spoken);
                if let Some(ms) = long.filter(|ms| *ms > 0) {
                    self.note(
                        format!("+{}", words::duration_ms(ms)),
                        String::new(),
                        String::new(),
                    );
                }
            }
            _ if self.style.live => {}
            _ if a.input.probe_number().is_some() => {
                let words = "agreed; nothing more is sent".to_owned();
                let spoken = match (a.version, a.cipher_suite) {
                    (Some(version), Some(suite)) => format!("They agree on {version} with {suite}"),
                    _ => words.clone(),
                };
                self.push(RowKind::Rule(words), 34.0, 0, spoken);
            }
            _ => {
                let spoken = "The log ends here".into();
                self.push(RowKind::CutOff, 34.0, a.last_line, spoken);
            }
        }
    }

    /// Time that the device worked by itself before it sent this, from the row before.
    fn own_work(&self, step: &Step) -> Option<i64> {
        if step.direction != Direction::Sent {
            return None;
        }
        let ms = (step.at? - self.last_time?) / 1_000;
        let long = ms >= OWN_WORK_MS && !self.is_break(ms);
        long.then_some(ms)
    }

    fn is_break(&self, ms: i64) -> bool {
        ms > BREAK_MS && ms > 20 * self.gaps.max(1)
    }

    /// A row for a pause before `at`.
    fn gap(&mut self, at: Option<Micros>) {
        let (Some(at), Some(before)) = (at, self.last_time) else {
            return;
        };
        let ms = (at - before) / 1_000;
        if self.is_break(ms) {
            let words = words::duration_ms(ms);
            let spoken = format!("{words} pass");
            self.push(RowKind::Break(words), 20.0, 0, spoken);
        } else if self.style.scale && ms > 0 && !self.rows.is_empty() {
            #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
            let more = (ms as f32 * 0.12).min(240.0);
            if let Some(row) = self.rows.last_mut() {
                row.height += more;
            }
        }
    }

    /// The time as shown: empty where the row before shows the same.
    fn time(&mut self, at: Option<Micros>) -> String {
        let Some(at) = at else {
            return String::new();
        };
        if self.last_time == Some(at) {
            return String::new();
        }
        self.last_time = Some(at);
        words::time(at, self.style.base)
    }

    fn push(&mut self, kind: RowKind, height: f32, line: u32, spoken: String) {
        self.rows.push(LadderRow {
            line,
            spoken,
            ..LadderRow::plain(kind, height, "")
        });
    }

    fn note(&mut self, time: String, state: String, remark: String) {
        if let Some(row) = self.rows.last_mut() {
            row.time = time;
            row.state = state;
            row.remark = remark;
        }
    }
}

/// Median time between two steps, in milliseconds.
fn median_gap(a: &Attempt) -> i64 {
    let times: Vec<Micros> = a.steps.iter().filter_map(|s| s.at).collect();
    let mut gaps: Vec<i64> = times.windows(2).map(|w| (w[1] - w[0]) / 1_000).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or_default()
}

/// Inferred with no line of its own: at the start it lies before the log.
fn before_log(step: &Step) -> bool {
    step.certainty == Certainty::Inferred && step.line == 0
}

fn by_whom(direction: Direction, role: Role) -> &'static str {
    match (direction, role) {
        (Direction::Sent, _) => "sent by device",
        (Direction::Received, Role::Client) => "sent by server",
        (Direction::Received, Role::Server) => "sent by client",
    }
}

fn certainty_words(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Seen => "seen",
        Certainty::Inferred => "inferred, not in this log",
    }
}
