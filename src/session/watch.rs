//! One port, watched by the calling thread: every line, step, attempt, gap and change of the leading
//! cause as it happens.
//!
//! In: port settings, a case. Out: [`WatchEvent`]s. Recording comes first, as everywhere.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::case::{Case, NewInput};
use super::files::line_text;
use super::log_store::LogStore;
use super::snapshot::Snapshot;
use crate::evidence::{ChunkDirection, ChunkSink, Event, InputId, InputKind, Lane, Micros};
use crate::recording::{RecordError, Recorder};
use crate::timeline::{Attempt, Step};
use crate::transport::serial::{LineSettings, PortSettings, open};
use crate::transport::{SourceEvent, Stamp};

/// What to watch and for how long.
pub struct WatchOptions {
    /// Port.
    pub port: String,
    /// Bits per second.
    pub baud: u32,
    /// File to record into.
    pub record: Option<PathBuf>,
    /// Stop after this time.
    pub limit: Option<Duration>,
}

/// Why watching cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The recording cannot be made.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// The port cannot be opened: the sentence of the port, then what the system says.
    #[error("{sentence}")]
    Port {
        /// One sentence with the remedy.
        sentence: String,
        /// What the system says.
        details: String,
    },
}

/// One thing that happened. Times are microseconds since 1970 UTC, of the read that brought it.
pub enum WatchEvent<'a> {
    /// The port is open.
    Opened(&'a str),
    /// A line.
    Line {
        /// Number.
        line: u32,
        /// Time of the read that brought its end.
        received: Micros,
        /// Its text.
        text: String,
    },
    /// A frame of a module's binary interface, read between the lines.
    Frame {
        /// The line that it stands before.
        line: u32,
        /// Time of the read that brought its end.
        received: Micros,
        /// Its data: type and fields.
        data: &'a [u8],
        /// What it says, in words; may be empty.
        says: &'a str,
    },
    /// A step of the timeline.
    Step {
        /// Its attempt.
        attempt: &'a Attempt,
        /// The step.
        step: &'a Step,
        /// Time of the read.
        received: Micros,
    },
    /// An attempt began or came to another outcome.
    Attempt {
        /// The attempt.
        attempt: &'a Attempt,
        /// Time of the read.
        received: Micros,
    },
    /// Something is missing.
    Gap {
        /// One sentence.
        sentence: &'a str,
        /// Milliseconds, where known.
        ms: Option<i64>,
        /// End of the gap.
        received: Micros,
    },
    /// The leading cause changed.
    Cause {
        /// The case as it is now.
        snapshot: &'a Snapshot,
        /// Time of the last read.
        received: Micros,
    },
    /// One sentence that is no result: a problem, a suspicion of a wrong speed.
    Message(&'a str),
}

/// Watches until the port ends, the limit is reached, or `take` says `false`; gives the case and
/// its lines back.
///
/// # Errors
/// When the recording or the port cannot be opened.
pub fn watch_port(
    mut case: Case,
    options: &WatchOptions,
    take: &mut dyn FnMut(WatchEvent<'_>) -> bool,
) -> Result<(Case, LogStore), WatchError> {
    let id = InputId(0);
    let line = LineSettings {
        baud: options.baud,
        ..LineSettings::default()
    };
    let sink = match &options.record {
        Some(path) => {
            let recorder = Recorder::create(path, &options.port, &line.to_string())?;
            Some(Box::new(recorder) as Box<dyn ChunkSink>)
        }
        None => None,
    };
    case.add_input(NewInput {
        id,
        name: options.port.clone(),
        kind: InputKind::Serial,
        lane: Lane::Device,
        file_time: None,
    });
    let source = open(
        PortSettings::new(&options.port, line),
        sink,
        &(Arc::new(|| {}) as _),
    );
    let mut watch = Watching {
        case,
        id,
        store: LogStore::default(),
        told_lines: 0,
        told: Vec::new(),
        leading: None,
        judged: None,
        received: Stamp::now().received_us,
        dirty: false,
        opened: false,
    };
    let end = options.limit.map(|limit| Instant::now() + limit);
    loop {
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        let event = source.events().recv_timeout(Duration::from_millis(100));
        let go_on = match event {
            Ok(event) => watch.event(event, take)?,
            Err(RecvTimeoutError::Timeout) => Some(true),
            Err(RecvTimeoutError::Disconnected) => None,
        };
        match go_on {
            Some(true) if watch.judge_if_due(take) => {}
            _ => break,
        }
    }
    drop(source);
    watch.case.finish(id);
    watch.tell_lines(true, take);
    watch.tell_steps(take);
    watch.judged = None;
    watch.dirty = true;
    watch.judge_if_due(take);
    Ok((watch.case, watch.store))
}

struct Watching {
    case: Case,
    id: InputId,
    store: LogStore,
    told_lines: u32,
    /// For each attempt: steps told and the outcome told.
    told: Vec<(usize, &'static str)>,
    leading: Option<String>,
    judged: Option<Instant>,
    received: Micros,
    dirty: bool,
    opened: bool,
}

impl Watching {
    /// `None` at the end, else whether to go on.
    fn event(
        &mut self,
        event: SourceEvent,
        take: &mut dyn FnMut(WatchEvent<'_>) -> bool,
    ) -> Result<Option<bool>, WatchError> {
        Ok(match event {
            SourceEvent::Opened(opened) => {
                self.opened = true;
                let mut go_on = take(WatchEvent::Opened(&opened.sentence));
                if let Some(caution) = &opened.caution {
                    go_on &= take(WatchEvent::Message(caution));
                }
                Some(go_on)
            }
            SourceEvent::Chunk(chunk) if chunk.direction == ChunkDirection::FromDevice => {
                self.received = chunk.received_us;
                self.dirty = true;
                let mut frames = Vec::new();
                let received = Some(chunk.received_us);
                self.case
                    .push_seen(self.id, &chunk.bytes, received, &mut |o| {
                        if let Event::Frame { data, says } = &o.event {
                            frames.push((o.line, Arc::clone(data), Arc::clone(says)));
                        }
                    });
                // A full temporary folder keeps the bytes in memory: nothing to do here.
                let _ = self.store.push(&chunk.bytes, Some(chunk.received_us));
                let mut go_on = self.tell_lines(false, take);
                for (line, data, says) in &frames {
                    go_on = go_on
                        && take(WatchEvent::Frame {
                            line: *line,
                            received: chunk.received_us,
                            data,
                            says,
                        });
                }
                Some(go_on && self.tell_steps(take))
            }
            SourceEvent::Gap(gap) => Some(take(WatchEvent::Gap {
                sentence: &gap.sentence,
                ms: gap.ms,
                received: gap.received_us,
            })),
            SourceEvent::Problem(notice) if !self.opened => {
                return Err(WatchError::Port {
                    sentence: notice.sentence,
                    details: notice.details,
                });
            }
            SourceEvent::Problem(notice) | SourceEvent::Closed(notice) => {
                Some(take(WatchEvent::Message(&notice.sentence)))
            }
            SourceEvent::Speed(Some(sentence)) => Some(take(WatchEvent::Message(&sentence))),
            SourceEvent::Ended => None,
            SourceEvent::Chunk(_)
            | SourceEvent::Lines { .. }
            | SourceEvent::Speed(None)
            | SourceEvent::Progress { .. } => Some(true),
        })
    }

    /// Tells the lines that ended; at the end also the last one without its end.
    fn tell_lines(&mut self, all: bool, take: &mut dyn FnMut(WatchEvent<'_>) -> bool) -> bool {
        let ended = if all {
            self.store.line_count()
        } else {
            self.store.whole_lines()
        };
        while self.told_lines < ended {
            self.told_lines += 1;
            let event = WatchEvent::Line {
                line: self.told_lines,
                received: self.received,
                text: line_text(&self.store, self.told_lines).unwrap_or_default(),
            };
            if !take(event) {
                return false;
            }
        }
        true
    }

    fn tell_steps(&mut self, take: &mut dyn FnMut(WatchEvent<'_>) -> bool) -> bool {
        for (i, attempt) in self.case.attempts().iter().enumerate() {
            let known = self.told.get(i).copied();
            let (steps, outcome) = known.unwrap_or((0, ""));
            for step in attempt.steps.iter().skip(steps) {
                let event = WatchEvent::Step {
                    attempt,
                    step,
                    received: self.received,
                };
                if !take(event) {
                    return false;
                }
            }
            let now = (attempt.steps.len().max(steps), attempt.outcome.as_str());
            match self.told.get_mut(i) {
                Some(told) => *told = now,
                None => self.told.push(now),
            }
            if outcome != now.1 {
                let event = WatchEvent::Attempt {
                    attempt,
                    received: self.received,
                };
                if !take(event) {
                    return false;
                }
            }
        }
        true
    }

    /// Judges at most ten times a second, and tells when the leading cause is another one.
    fn judge_if_due(&mut self, take: &mut dyn FnMut(WatchEvent<'_>) -> bool) -> bool {
        let early = self
            .judged
            .is_some_and(|at| at.elapsed() < Duration::from_millis(100));
        if !self.dirty || early {
            return true;
        }
        self.dirty = false;
        self.judged = Some(Instant::now());
        self.case.judge(Stamp::now().received_us);
        let snapshot = self.case.snapshot();
        let leading = snapshot.diagnosis.causes.first().map(|c| c.id.clone());
        if leading == self.leading {
            return true;
        }
        self.leading = leading;
        take(WatchEvent::Cause {
            snapshot: &snapshot,
            received: self.received,
        })
    }
}
