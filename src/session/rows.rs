//! Rows of a log as shown: cut out of the store, read by the decoder's per-line words, with the
//! library's state at that line and the poll loop that a line belongs to.

use std::ops::Range;

use std::fmt::Write as _;

use super::figures::{duration, grouped, time_of_day};
use super::log_store::LogStore;
use super::snapshot::{LogRow, Snapshot};
use crate::decode::{annotate, annotate_frame};
use crate::evidence::{InputId, TimeBase};
use crate::timeline::Attempt;

/// Bytes of a line that are read for a row.
const CUT: usize = 8 * 1024;

/// Rows of the lines `lines.start + 1 ..= lines.end`.
#[must_use]
pub fn log_rows(
    store: &LogStore,
    snapshot: &Snapshot,
    input: InputId,
    lines: Range<u32>,
) -> Vec<LogRow> {
    let prints_no_times = snapshot
        .inputs
        .iter()
        .find(|i| i.id == input)
        .is_none_or(|i| i.time_base == TimeBase::None);
    store
        .lines(lines.start.saturating_add(1), lines.end, CUT)
        .into_iter()
        .map(|stored| {
            let view = if stored.frame {
                annotate_frame(&stored.bytes)
            } else {
                annotate(&stored.bytes)
            };
            let mut meaning = view.meaning;
            for more in paired(snapshot, input, stored.line) {
                if !meaning.is_empty() {
                    meaning.insert_str(0, " \u{b7} ");
                }
                meaning.insert_str(0, &more);
            }
            let attempt = attempt_at(snapshot, input, stored.line);
            let mut text = view.text;
            if stored.more > 0 {
                let more = i64::try_from(stored.more).unwrap_or(i64::MAX);
                text = format!("{text}\u{2026} {} more", grouped(more));
            }
            // Beside printed times the computer's own would be a second clock in one column.
            let time = if view.time.is_empty() && prints_no_times {
                store
                    .received_at(stored.offset)
                    .map_or(String::new(), time_of_day)
            } else {
                view.time
            };
            LogRow {
                line: stored.line,
                time,
                state: attempt.map_or(String::new(), |a| state_at(a, stored.line)),
                text,
                meaning,
                raw: if stored.frame {
                    hex(&stored.bytes)
                } else {
                    String::new()
                },
                folded: attempt.map_or(0, |a| folded(a, stored.line)),
            }
        })
        .collect()
}

/// What pairs this line with another one: a request with its answer and the time between.
fn paired(snapshot: &Snapshot, input: InputId, line: u32) -> Vec<String> {
    let of_input = snapshot.attempts.iter().filter(|a| a.input == input);
    of_input
        .flat_map(|a| &a.seen.requests)
        .filter_map(|request| {
            let (what, at, ms) = request.answer.as_ref()?;
            let after = ms.map_or(String::new(), |ms| format!("{} ", duration(ms)));
            if *at == line {
                Some(if after.is_empty() {
                    format!("answers line {}", request.line)
                } else {
                    format!("{after}after the request of line {}", request.line)
                })
            } else if request.line == line {
                let after = if after.is_empty() {
                    String::new()
                } else {
                    format!(" after {}", after.trim_end())
                };
                Some(format!("answered in line {at}{after}: {what}"))
            } else {
                None
            }
        })
        .collect()
}

/// `7E 00 03 89 …`, for the bytes of a frame on demand.
fn hex(bytes: &[u8]) -> String {
    /// Bytes that are shown.
    const SHOWN: usize = 96;
    let mut text = String::with_capacity(bytes.len().min(SHOWN) * 3);
    for byte in bytes.iter().take(SHOWN) {
        let gap = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{gap}{byte:02X}");
    }
    if bytes.len() > SHOWN {
        let more = i64::try_from(bytes.len() - SHOWN).unwrap_or(i64::MAX);
        let _ = write!(text, " \u{2026} {} more", grouped(more));
    }
    text
}

/// The attempt that a line belongs to.
fn attempt_at(snapshot: &Snapshot, input: InputId, line: u32) -> Option<&Attempt> {
    snapshot
        .attempts
        .iter()
        .rev()
        .find(|a| a.input == input && a.first_line <= line && line <= a.last_line)
        .map(AsRef::as_ref)
}

/// The state that the library was in: its number, else its name.
fn state_at(attempt: &Attempt, line: u32) -> String {
    let next = attempt
        .states
        .partition_point(|(_, _, entered, _)| *entered <= line);
    match next.checked_sub(1).and_then(|i| attempt.states.get(i)) {
        Some((Some(number), _, _, _)) => number.to_string(),
        Some((None, name, _, _)) => (*name).to_owned(),
        None => String::new(),
    }
}

/// Lines that a poll loop folds into this one: the first line of its second pass stands for all
/// that follow.
fn folded(attempt: &Attempt, line: u32) -> u32 {
    attempt
        .polls
        .iter()
        .find(|p| p.first_line.saturating_add(p.lines_per_pass) == line)
        .map_or(0, |p| p.last_line.saturating_sub(line))
}
