//! The dialogue of commands with a module: what was asked, what answered it and after how long.
//!
//! In: observations. Out: [`Turn`]s in order. An answer that comes unasked joins the command of its
//! name where one was accepted before (`+QSSLOPEN: 4,0` after `AT+QSSLOPEN=…`, `OK`). Must not know
//! what a command means.

use std::sync::Arc;

use crate::evidence::{Event, Micros, Observation, ReplyKind};

/// At most so many turns are kept; the oldest go first.
const MOST: usize = 2_000;
/// A late answer is looked for among so many turns before it.
const BACK: usize = 64;

/// Something a module said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: Arc<str>,
    /// What its code means, such as `566 SOCKET_CONNECT_FAILED`; empty where it has none.
    pub means: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
    /// Time after the command, milliseconds, where both have one.
    pub after_ms: Option<i64>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnEnd {
    /// No final result so far.
    Open,
    /// Accepted.
    Ok,
    /// Refused or failed.
    Failed,
}

/// A command with its answers, or words that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The command; `None`: the module spoke on its own accord.
    pub command: Option<Arc<str>>,
    /// Line of the command or words.
    pub line: u32,
    /// Time printed there, microseconds on the input's axis.
    pub at: Option<Micros>,
    /// Time of the read, microseconds since 1970 UTC.
    pub received: Option<Micros>,
    /// What was said: the answer's parts with its final result; of unasked words, those.
    pub said: Vec<Words>,
    /// How it ended.
    pub end: TurnEnd,
    /// What came later on its own accord and tells how the command went.
    pub later: Vec<Words>,
}

impl Turn {
    /// Time from the command to the last word about it, milliseconds.
    #[must_use]
    pub fn took_ms(&self) -> Option<i64> {
        self.later.last().or(self.said.last())?.after_ms
    }
}

/// The turns of one input.
#[derive(Debug, Default)]
pub struct Dialogue {
    turns: Vec<Turn>,
    /// The line that was read last where it told a failure, and what its code means.
    failed: Option<u32>,
    means: Option<(u32, Arc<str>)>,
    /// As last asked for; made again when something was said.
    shared: Option<Arc<[Turn]>>,
}

impl Dialogue {
    /// Takes one observation.
    pub fn observe(&mut self, o: &Observation) {
        match &o.event {
            Event::Command { text } => self.push(Turn {
                command: Some(Arc::clone(text)),
                line: o.line,
                at: o.at,
                received: o.received,
                said: Vec::new(),
                end: TurnEnd::Open,
                later: Vec::new(),
            }),
            Event::Reply { text, kind } => self.reply(text, *kind, o),
            Event::ErrorName { .. } | Event::Code { .. } => self.failed = Some(o.line),
            Event::Answer { what, .. } => self.means = Some((o.line, Arc::clone(what))),
            _ => {}
        }
    }

    /// The turns so far.
    pub fn turns(&mut self) -> Arc<[Turn]> {
        let turns = &self.turns;
        Arc::clone(self.shared.get_or_insert_with(|| turns.as_slice().into()))
    }

    fn push(&mut self, turn: Turn) {
        if self.turns.len() >= MOST {
            self.turns.drain(..MOST / 4);
        }
        self.turns.push(turn);
        self.shared = None;
    }

    fn reply(&mut self, text: &Arc<str>, kind: ReplyKind, o: &Observation) {
        self.shared = None;
        let means = match &self.means {
            Some((line, means)) if *line == o.line && means != text => Arc::clone(means),
            _ => "".into(),
        };
        if kind == ReplyKind::Unasked {
            let failed = self.failed == Some(o.line);
            if let Some(turn) = self.asked_before(text) {
                let words = words(text, means, turn, o);
                turn.later.push(words);
                if failed {
                    turn.end = TurnEnd::Failed;
                }
                return;
            }
            let said = Words {
                text: Arc::clone(text),
                means,
                line: o.line,
                after_ms: None,
            };
            self.push(Turn {
                command: None,
                line: o.line,
                at: o.at,
                received: o.received,
                said: vec![said],
                end: TurnEnd::Ok,
                later: Vec::new(),
            });
            return;
        }
        let open = |t: &&mut Turn| t.command.is_some() && t.end == TurnEnd::Open;
        let Some(turn) = self.turns.iter_mut().rev().take(BACK).find(open) else {
            return;
        };
        let words = words(text, means, turn, o);
        turn.said.push(words);
        turn.end = match kind {
            ReplyKind::Ok => TurnEnd::Ok,
            ReplyKind::Failed => TurnEnd::Failed,
            ReplyKind::Info | ReplyKind::Unasked => turn.end,
        };
    }

    /// The last accepted command of this name that has no late answer yet.
    fn asked_before(&mut self, text: &str) -> Option<&mut Turn> {
        let said = text.split(':').next().unwrap_or_default();
        self.turns.iter_mut().rev().take(BACK).find(|t| {
            t.end == TurnEnd::Ok
                && t.later.is_empty()
                && t.command.as_deref().is_some_and(|c| answers(said, name(c)))
        })
    }
}

/// `+QSSLOPEN` of `AT+QSSLOPEN=1,…`.
fn name(command: &str) -> &str {
    let rest = command.get(2..).unwrap_or_default();
    rest.split(['=', '?', ' ', ';']).next().unwrap_or_default()
}

/// u-blox says `+UUSOCO` for `+USOCO`.
fn answers(said: &str, asked: &str) -> bool {
    asked.len() > 2
        && (said.eq_ignore_ascii_case(asked)
            || said
                .strip_prefix("+UU")
                .zip(asked.strip_prefix("+U"))
                .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b)))
}

fn words(text: &Arc<str>, means: Arc<str>, turn: &Turn, o: &Observation) -> Words {
    let between = |from: Option<Micros>, to: Option<Micros>| {
        Some((to? - from?) / 1_000).filter(|ms| *ms >= 0)
    };
    Words {
        text: Arc::clone(text),
        means,
        line: o.line,
        after_ms: between(turn.received, o.received).or_else(|| between(turn.at, o.at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(lines: &[(i64, Event)]) -> Arc<[Turn]> {
        let mut dialogue = Dialogue::default();
        for (n, (ms, event)) in lines.iter().enumerate() {
            // What a line means is told before the line itself.
            let told = u32::from(matches!(
                event,
                Event::Answer { .. } | Event::ErrorName { .. }
            ));
            dialogue.observe(&Observation {
                line: u32::try_from(n).unwrap_or(0) + 1 + told,
                at: Some(ms * 1_000),
                received: None,
                event: event.clone(),
            });
        }
        dialogue.turns()
    }

    fn command(text: &str) -> Event {
        Event::Command { text: text.into() }
    }

    fn reply(text: &str, kind: ReplyKind) -> Event {
        Event::Reply {
            text: text.into(),
            kind,
        }
    }

    #[test]
    fn an_answer_that_comes_later_joins_its_command() {
        let turns = take(&[
            (0, command("AT+QSSLOPEN=1,1,4,\"h\",8883,0")),
            (20, reply("OK", ReplyKind::Ok)),
            (900, reply("+QIURC: \"x\"", ReplyKind::Unasked)),
            (
                7_500,
                Event::Answer {
                    key: 4,
                    what: "569 OPERATION_TIMEOUT".into(),
                },
            ),
            (7_500, reply("+QSSLOPEN: 4,569", ReplyKind::Unasked)),
            (7_600, command("AT+USOCO=0,\"h\",8883,1")),
            (7_610, reply("OK", ReplyKind::Ok)),
            (9_610, reply("+UUSOCO: 0,0", ReplyKind::Unasked)),
        ]);
        assert_eq!(turns.len(), 3);
        assert_eq!(turns[0].took_ms(), Some(7_500));
        assert_eq!(turns[0].later[0].line, 5);
        assert_eq!(&*turns[0].later[0].means, "569 OPERATION_TIMEOUT");
        assert_eq!(turns[1].command, None);
        assert_eq!(turns[2].took_ms(), Some(2_010));
    }

    #[test]
    fn a_refused_command_says_so_and_the_list_is_bounded() {
        let turns = take(&[
            (0, command("AT+X=1")),
            (5, reply("+X: 2", ReplyKind::Info)),
            (9, reply("ERROR", ReplyKind::Failed)),
        ]);
        assert_eq!((turns[0].end, turns[0].said.len()), (TurnEnd::Failed, 2));
        let many: Vec<_> = (0..5_000).map(|n| (n, command("AT"))).collect();
        assert!(take(&many).len() <= MOST);
    }
}
