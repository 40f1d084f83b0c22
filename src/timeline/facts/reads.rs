//! How the device read from TCP: pieces of a record, and the passes of its poll loop.
//!
//! In: reads and polls of the attempt, or the sizes that the user stated. Out: the facts `reads*` and
//! `polls.*`. Must not know what the records held.

use super::{FactContext, Teller};
use crate::evidence::FactValue;
use crate::timeline::attempt::ReadPiece;

impl Teller<'_> {
    pub(super) fn reads(&mut self, ctx: &FactContext<'_>) {
        if let Some(group) = most_pieces(&self.a.reads) {
            let sizes: Vec<u32> = group.iter().map(|r| r.len).collect();
            let line = group[group.len() - 1].line;
            self.read_ladder(&sizes, line);
        } else if let Some(stated) = ctx.stated.text("device.reads") {
            let sizes: Vec<u32> = stated
                .split([',', ' '])
                .filter_map(|n| n.trim().parse().ok())
                .collect();
            if !sizes.is_empty() {
                self.read_ladder(&sizes, self.a.last_line);
            }
        }
        if let Some(poll) = self.a.polls.last() {
            self.int("polls.count", i64::from(poll.passes), poll.first_line);
            if let Some(ms) = poll.period_ms {
                self.int("polls.period_ms", ms, poll.first_line);
            }
        }
        if let Some(step) = self
            .a
            .steps
            .iter()
            .find(|s| s.remark.starts_with("taken by TCP"))
        {
            self.yes("printed_unsigned", true, step.line);
        }
    }

    fn read_ladder(&mut self, sizes: &[u32], line: u32) {
        for (name, value) in ladder_facts(sizes) {
            let origin = self.line(line);
            self.out.know(name, value, origin);
        }
    }
}

/// Facts of one ladder of reads: header first, then the pieces of one record body.
pub(super) fn ladder_facts(sizes: &[u32]) -> Vec<(&'static str, FactValue)> {
    if sizes.is_empty() {
        return Vec::new();
    }
    let text = sizes
        .iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let mut facts = vec![("reads", FactValue::Text(text))];
    // A piece of a few bytes behind a long one ends where a segment did.
    let odd = (2..sizes.len()).find(|&i| sizes[i] < 8 && sizes[i - 1] >= 64);
    facts.push(("reads.odd_piece", FactValue::Bool(odd.is_some())));
    if let Some(i) = odd {
        let end: u32 = sizes[..=i].iter().sum();
        facts.push(("reads.segment_bytes", FactValue::Int(i64::from(end))));
    }
    facts
}

/// The record whose body was read in most pieces, if any took more than one: header, then pieces.
fn most_pieces(reads: &[ReadPiece]) -> Option<&[ReadPiece]> {
    let mut best: Option<&[ReadPiece]> = None;
    let mut start = 0;
    for i in 0..reads.len() {
        if reads[i].wanted == 5 && reads[i].len == 5 {
            start = i;
            continue;
        }
        let whole = reads[i].len >= reads[i].wanted || i + 1 == reads.len();
        if whole && i - start >= 2 && best.is_none_or(|b| i - start + 1 > b.len()) {
            best = Some(&reads[start..=i]);
        }
    }
    best
}
