//! Rows of the log by index: lines, folded poll loops, gaps.
//!
//! In: how many lines there are, poll loops and gaps. Out: what stands in row n, in O(log n),
//! without a list of all rows.

use crate::evidence::InputId;
use crate::session::Gap;
use crate::timeline::{Attempt, PollLoop};

/// What stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowAt {
    /// This line, counted from 1.
    Line(u32),
    /// A folded poll loop: index in [`Rows::polls`].
    Fold(usize),
    /// A gap: index in [`Rows::gaps`].
    Gap(usize),
}

#[derive(Debug)]
struct Segment {
    /// First row.
    row: u32,
    /// First line, for lines; the index otherwise.
    first: RowAt,
}

/// Rows of one input.
#[derive(Debug, Default)]
pub struct Rows {
    segments: Vec<Segment>,
    count: u32,
    /// Folded loops.
    pub polls: Vec<PollLoop>,
    /// Gaps.
    pub gaps: Vec<Gap>,
}

impl Rows {
    /// Rows of `input` with `lines` lines.
    #[must_use]
    pub fn new<'a>(
        input: InputId,
        lines: u32,
        attempts: impl Iterator<Item = &'a Attempt>,
        gaps: &[Gap],
        fold: bool,
    ) -> Self {
        let mut polls: Vec<PollLoop> = attempts
            .filter(|a| fold && a.input == input)
            .flat_map(|a| a.polls.iter().cloned())
            .filter(|p| p.passes > 1 && p.first_line > 0 && p.last_line > p.first_line)
            .collect();
        polls.sort_by_key(|p| p.first_line);
        polls.dedup_by(|b, a| b.first_line <= a.last_line);
        let mut gaps: Vec<Gap> = gaps.iter().filter(|g| g.input == input).cloned().collect();
        gaps.sort_by_key(|g| g.before_line);
        let mut out = Self {
            segments: Vec::new(),
            count: 0,
            polls,
            gaps,
        };
        out.lay(lines);
        out
    }

    fn lay(&mut self, lines: u32) {
        let mut line = 1;
        let (mut poll, mut gap) = (0, 0);
        while line <= lines || gap < self.gaps.len() {
            let next_poll = self.polls.get(poll).map_or(u32::MAX, |p| p.first_line);
            let next_gap = self.gaps.get(gap).map_or(u32::MAX, |g| g.before_line);
            if gap < self.gaps.len() && (next_gap <= line || line > lines) {
                self.push(RowAt::Gap(gap), 1);
                gap += 1;
                continue;
            }
            if next_poll <= line {
                let last = self.polls[poll].last_line;
                if last <= lines {
                    self.push(RowAt::Fold(poll), 1);
                    line = last + 1;
                }
                poll += 1;
                continue;
            }
            let end = next_poll.min(next_gap).min(lines.saturating_add(1));
            self.push(RowAt::Line(line), end - line);
            line = end;
        }
    }

    fn push(&mut self, first: RowAt, rows: u32) {
        self.segments.push(Segment {
            row: self.count,
            first,
        });
        self.count += rows;
    }

    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// What stands in a row.
    #[must_use]
    pub fn at(&self, row: u32) -> Option<RowAt> {
        if row >= self.count {
            return None;
        }
        let i = self
            .segments
            .partition_point(|s| s.row <= row)
            .checked_sub(1)?;
        let segment = &self.segments[i];
        Some(match segment.first {
            RowAt::Line(line) => RowAt::Line(line + row - segment.row),
            other => other,
        })
    }

    /// The row that shows a line.
    #[must_use]
    pub fn row_of(&self, line: u32) -> Option<u32> {
        for (i, segment) in self.segments.iter().enumerate() {
            let rows = self.segments.get(i + 1).map_or(self.count, |n| n.row) - segment.row;
            match segment.first {
                RowAt::Line(first) if (first..first + rows).contains(&line) => {
                    return Some(segment.row + line - first);
                }
                RowAt::Fold(poll) => {
                    let p = &self.polls[poll];
                    if (p.first_line..=p.last_line).contains(&line) {
                        return Some(segment.row);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Role;
    use crate::timeline::{EndedBy, Outcome};

    fn attempt(polls: Vec<PollLoop>) -> Attempt {
        Attempt {
            index: 0,
            input: InputId(1),
            lane: crate::evidence::Lane::Device,
            role: Role::Client,
            stack: None,
            stack_version: None,
            outcome: Outcome::Stalled,
            ended_by: EndedBy::Nobody,
            stopped_at: None,
            started: None,
            ended: None,
            version: None,
            cipher_suite: None,
            alerts: vec![],
            steps: vec![],
            reads: vec![],
            polls,
            certificates: vec![],
            codes: vec![],
            states: vec![],
            first_line: 1,
            last_line: 1,
            began_before_log: false,
            seen: crate::timeline::Seen::default(),
        }
    }

    fn poll(first: u32, last: u32) -> PollLoop {
        PollLoop {
            first_line: first,
            last_line: last,
            lines_per_pass: 5,
            passes: 4,
            period_ms: Some(5_000),
            state: Some(12),
        }
    }

    #[test]
    fn loops_and_gaps_take_one_row_each() {
        let a = attempt(vec![poll(11, 30)]);
        let gap = Gap {
            input: InputId(1),
            before_line: 35,
            ms: None,
            sentence: "unplugged".into(),
        };
        let rows = Rows::new(InputId(1), 40, [&a].into_iter(), &[gap], true);
        assert_eq!(rows.count(), 10 + 1 + 4 + 1 + 6);
        assert_eq!(rows.at(0), Some(RowAt::Line(1)));
        assert_eq!(rows.at(9), Some(RowAt::Line(10)));
        assert_eq!(rows.at(10), Some(RowAt::Fold(0)));
        assert_eq!(rows.at(11), Some(RowAt::Line(31)));
        assert_eq!(rows.at(15), Some(RowAt::Gap(0)));
        assert_eq!(rows.at(16), Some(RowAt::Line(35)));
        assert_eq!(rows.at(21), Some(RowAt::Line(40)));
        assert_eq!(rows.at(22), None);
        for (line, row) in [(1, 0), (11, 10), (22, 10), (30, 10), (31, 11), (40, 21)] {
            assert_eq!(rows.row_of(line), Some(row), "line {line}");
        }
        assert_eq!(rows.row_of(41), None);
    }

    #[test]
    fn without_folding_every_line_has_its_row() {
        let a = attempt(vec![poll(11, 30)]);
        let rows = Rows::new(InputId(1), 40, [&a].into_iter(), &[], false);
        assert_eq!(rows.count(), 40);
        let rows = Rows::new(InputId(1), 0, [&a].into_iter(), &[], true);
        assert_eq!(rows.count(), 0);
        assert_eq!(rows.at(0), None);
    }
}
