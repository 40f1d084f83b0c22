//! The facts that an attempt proves, with the lines that prove them.
//!
//! Names, types and words are those of `assets/facts.toml`. In: the attempts of a session and which
//! of them is judged. Out: a [`FactSet`]. Nothing is ranked or concluded about causes here.

mod attempts;
mod certificates;
mod client_cert;
mod clock;
mod course;
mod errors;
mod hello;
mod module;
mod peer;
mod reads;
mod stack;
mod stated;
mod traffic;

use std::sync::Arc;

use super::attempt::Attempt;
use crate::evidence::{Direction, FactSet, FactValue, Micros, Origin};
use crate::tls::StepName;

pub use clock::ClockCheck;
use peer::{is_opaque, peer_course, peer_facts};
use stated::stated_parts;

/// What the facts need from outside the timeline.
pub struct FactContext<'a> {
    /// Time of judgement, microseconds since 1970 UTC.
    pub judged_at: Micros,
    /// How far that time can be held against the device's own clock.
    pub clock_check: ClockCheck,
    /// Names of a library's error code, split into its parts: code, major version of the library.
    pub error_names: &'a dyn Fn(i64, Option<u8>) -> Vec<&'static str>,
    /// What the user stated; it wins over everything derived.
    pub stated: &'a FactSet,
    /// Settings of modules that inputs of the session tell: fact, value, what tells.
    pub settings: &'a [(Arc<str>, FactValue, Origin)],
    /// The same attempt in the words of the device's peer (a server's log).
    pub peer: Option<Arc<Attempt>>,
}

/// Facts of the attempt `judged`, seen among all attempts of the session.
#[must_use]
pub fn facts(attempts: &[Arc<Attempt>], judged: Option<usize>, ctx: &FactContext<'_>) -> FactSet {
    let mut out = FactSet::default();
    if let Some(a) = judged.and_then(|i| attempts.get(i)) {
        let mut f = Teller { a, out: &mut out };
        f.course();
        f.stack();
        f.hello();
        f.traffic();
        f.errors(ctx);
        f.conditions();
        f.certificates(ctx);
        f.clock(ctx);
        f.reads(ctx);
        f.session(attempts, ctx);
        f.module();
        if let Some(peer) = &ctx.peer {
            peer_facts(peer, &mut out);
            if is_opaque(a) {
                peer_course(peer, &mut out);
            }
        }
    }
    for (fact, value, origin) in ctx.settings {
        if out.get(fact).is_none() {
            out.know(fact, value.clone(), origin.clone());
        }
    }
    stated_parts(ctx.stated, &mut out);
    out.extend(ctx.stated);
    out
}

/// Writes the facts of one attempt down, each with the line that proves it; the groups are its methods.
struct Teller<'a> {
    a: &'a Attempt,
    out: &'a mut FactSet,
}

impl Teller<'_> {
    fn line(&self, line: u32) -> Origin {
        Origin::line(self.a.input, line)
    }

    fn text(&mut self, name: &str, value: &str, line: u32) {
        let origin = self.line(line);
        self.out
            .know(name, FactValue::Text(value.to_owned()), origin);
    }

    fn int(&mut self, name: &str, value: i64, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::Int(value), origin);
    }

    fn yes(&mut self, name: &str, value: bool, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::Bool(value), origin);
    }

    fn word(&mut self, name: &str, word: &str, line: u32) {
        let origin = self.line(line);
        self.out.add_to_list(name, word, origin);
    }

    fn words(&mut self, name: &str, words: Vec<String>, line: u32) {
        let origin = self.line(line);
        self.out.know(name, FactValue::List(words), origin);
    }

    fn step_line(&self, name: StepName, direction: Direction) -> Option<u32> {
        self.a
            .steps
            .iter()
            .find(|s| s.name == name && s.direction == direction)
            .map(|s| s.line.max(self.a.first_line))
    }
}
