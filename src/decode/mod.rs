//! Chunks of one input → observations. One file a dialect.
//!
//! Sans-I/O: takes bytes in any split and times that the caller read, and gives the same
//! observations for every split. Unknown text is kept by the caller and passes through here
//! silently. Must not know files, threads, clocks, nor what an observation means for a handshake.

mod annotate;
mod application;
mod certificate_bytes;
mod conditions;
mod devices;
mod dialect;
mod gnutls;
mod handshake_bytes;
mod lines;
mod mbedtls;
mod openssl;
mod prefix;
mod rustls;
mod server_log;
mod stack_codes;
mod stack_words;
mod strerror;
mod suite_lists;
mod wolfssl;
mod xbee;

use std::collections::BTreeMap;

use crate::evidence::{Event, Lane, Micros, Observation, TimeBase};

pub use annotate::{LineView, annotate};
pub use application::{RuleError, StepRule, step_rules};
pub use conditions::names as condition_names;

pub use lines::MAX_LINE_BYTES;
pub use mbedtls::{VersionGuess, state_name, state_number};
pub use prefix::{Stamp, date_time, strip as strip_prefix};

/// Faults of the built-in pattern files, one sentence each. `is_fact` says whether the registry has
/// a fact of this name.
#[must_use]
pub fn check_patterns(is_fact: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut faults = application::check();
    faults.extend(devices::check(is_fact));
    faults
}

/// Decoder of one input.
#[derive(Debug)]
pub struct LogDecoder {
    frames: xbee::Frames,
    lines: lines::LineSplitter,
    state: Dialects,
}

/// All that reads whole lines.
#[derive(Debug)]
struct Dialects {
    mbedtls: mbedtls::MbedTls,
    application: application::Application,
    others: Vec<Box<dyn dialect::Dialect>>,
    xbee: xbee::Xbee,
    clock: Clock,
    counts: BTreeMap<&'static str, u64>,
    /// Which of the counted dialects are the stack of a device.
    device_stacks: std::collections::BTreeSet<&'static str>,
    trace_lines: u64,
    esp_lines: u64,
}

/// The times printed in one input, on one axis.
#[derive(Debug, Default)]
struct Clock {
    base: TimeBase,
    last: Option<Micros>,
    /// Added for midnights passed.
    days: Micros,
}

impl LogDecoder {
    /// With the user's step rules beside the built-in ones.
    #[must_use]
    pub fn new(user_rules: &[StepRule]) -> Self {
        Self {
            frames: xbee::Frames::default(),
            lines: lines::LineSplitter::default(),
            state: Dialects {
                mbedtls: mbedtls::MbedTls::default(),
                application: application::Application::new(user_rules),
                others: dialect::all(),
                xbee: xbee::Xbee::default(),
                device_stacks: std::collections::BTreeSet::new(),
                clock: Clock::default(),
                counts: BTreeMap::new(),
                trace_lines: 0,
                esp_lines: 0,
            },
        }
    }

    /// Takes bytes. `received` is the time of the read, microseconds since 1970 UTC, for live inputs.
    pub fn push(
        &mut self,
        bytes: &[u8],
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let (state, lines) = (&mut self.state, &mut self.lines);
        self.frames.push(bytes, &mut |piece| match piece {
            xbee::Piece::Text(text) => lines.push(text, |line| state.line(line, received, sink)),
            xbee::Piece::Frame { data, bytes } => {
                state.frame(data, lines.lines() + 1, received, sink);
                lines.pass(bytes);
            }
        });
    }

    /// The input ended: a last line without its end is taken too.
    pub fn finish(&mut self, sink: &mut impl FnMut(Observation)) {
        let (state, lines) = (&mut self.state, &mut self.lines);
        self.frames.finish(&mut |piece| {
            if let xbee::Piece::Text(text) = piece {
                lines.push(text, |line| state.line(line, None, sink));
            }
        });
        self.lines.finish(|line| state.line(line, None, sink));
        state.mbedtls.interrupted(|event| {
            sink(Observation {
                line: 0,
                at: state.clock.last,
                received: None,
                event,
            });
        });
    }

    /// Whole lines so far.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.lines.lines()
    }

    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// Axis of the printed times.
    #[must_use]
    pub fn time_base(&self) -> TimeBase {
        self.state.clock.base
    }

    /// Last time printed, on that axis.
    #[must_use]
    pub fn last_time(&self) -> Option<Micros> {
        self.state.clock.last
    }

    /// Dialects recognised, the one with most lines first.
    #[must_use]
    pub fn dialects(&self) -> Vec<String> {
        let mut all: Vec<(u64, String)> = self
            .state
            .counts
            .iter()
            .map(|(name, n)| (*n, (*name).to_owned()))
            .collect();
        if self.state.trace_lines > 0 {
            all.push((self.state.trace_lines, "mbedtls".to_owned()));
        }
        if self.state.esp_lines > 0 {
            all.push((self.state.esp_lines, "esp-idf".to_owned()));
        }
        all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        all.into_iter().map(|(_, name)| name).collect()
    }

    /// Family of the TLS stack, where its own trace or its names were seen.
    #[must_use]
    pub fn stack(&self) -> Option<&'static str> {
        if self.state.trace_lines > 0 {
            return Some("mbedtls");
        }
        // A module or framework says more than the library inside it.
        let device = self.state.device_stacks.iter();
        let most = device.max_by_key(|name| self.state.counts.get(*name).copied());
        if let Some(name) = most {
            return Some(name);
        }
        if self.state.counts.contains_key("mbedtls-codes") {
            return Some("mbedtls");
        }
        let seen = |d: &dyn dialect::Dialect| self.state.counts.get(d.name()).copied().unwrap_or(0);
        let stacks = self.state.others.iter().filter(|d| d.is_stack());
        stacks
            .map(|d| (seen(d.as_ref()), d.name()))
            .filter(|(n, _)| *n > 0)
            .max()
            .map(|(_, name)| name)
    }

    /// Version of a stack other than Mbed TLS, where its lines tell.
    #[must_use]
    pub fn other_version(&self) -> Option<String> {
        let stack = self.stack()?;
        self.state
            .others
            .iter()
            .find(|d| d.name() == stack)
            .and_then(|d| d.version())
    }

    /// Whose words the input holds, as far as its dialects tell: a server's log is the peer's lane.
    #[must_use]
    pub fn lane(&self) -> Lane {
        let seen = |d: &dyn dialect::Dialect| self.state.counts.get(d.name()).copied().unwrap_or(0);
        let device: u64 = self.state.trace_lines;
        let (mut ours, mut theirs) = (device, 0);
        for dialect in &self.state.others {
            match dialect.lane() {
                Lane::Device => ours += seen(dialect.as_ref()),
                Lane::Peer => theirs += seen(dialect.as_ref()),
            }
        }
        if theirs > ours {
            Lane::Peer
        } else {
            Lane::Device
        }
    }

    /// What the trace says of the library's version.
    #[must_use]
    pub fn version(&self) -> VersionGuess {
        self.state.mbedtls.version()
    }
}

impl Dialects {
    fn line(
        &mut self,
        line: lines::Line<'_>,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let number = line.number;
        let bytes = line.bytes;
        if line.cut > 0 {
            let cut = u32::try_from(line.cut).unwrap_or(u32::MAX);
            sink(Observation {
                line: number,
                at: self.clock.last,
                received,
                event: Event::Damaged { bytes: cut },
            });
        }
        if bytes.is_empty() {
            return;
        }
        // Most lines of a verbose trace say nothing new, so the time in front is read only when
        // something is told, and on lines of the application, which may be the only ones with one.
        let Some(trace) = mbedtls::trace_line(bytes) else {
            let stripped = prefix::strip(bytes);
            self.esp_lines += u64::from(stripped.frame.is_some());
            let at = self.clock.take(stripped.stamp);
            self.mbedtls.interrupted(|event| {
                sink(Observation {
                    line: number,
                    at,
                    received,
                    event,
                });
            });
            self.app_line(&stripped, number, at, received, sink);
            return;
        };
        self.trace_lines += 1;
        let clock = &mut self.clock;
        let esp = &mut self.esp_lines;
        let mut at = None;
        let mut time = || {
            *at.get_or_insert_with(|| {
                let stripped = prefix::strip(bytes);
                *esp += u64::from(stripped.frame.is_some());
                clock.take(stripped.stamp)
            })
        };
        self.mbedtls.take(&trace, |event| {
            let at = time();
            sink(Observation {
                line: number,
                at,
                received,
                event,
            });
        });
        // An application that leaves its own text on the line before the trace begins.
        if trace.before.len() > 12 && trace.before.contains(&b'.') {
            let stripped = prefix::strip(trace.before);
            if stripped.rest.len() > 3 && stripped.frame.is_none() {
                let at = self.clock.take(prefix::strip(bytes).stamp);
                self.app_line(&stripped, number, at, received, sink);
            }
        }
    }

    /// An API frame that was read between the lines.
    fn frame(
        &mut self,
        data: &[u8],
        line: u32,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let at = self.clock.last;
        self.xbee.frame(data, &mut |event| {
            sink(Observation {
                line,
                at,
                received,
                event,
            });
        });
        *self.counts.entry(xbee::CLAIM.dialect).or_default() += 1;
        self.device_stacks.insert(xbee::CLAIM.dialect);
    }

    fn app_line(
        &mut self,
        stripped: &prefix::Stripped<'_>,
        line: u32,
        at: Option<Micros>,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let text = stripped.rest;
        let counts = &mut self.counts;
        for dialect in &mut self.others {
            let mut tell = |event| {
                sink(Observation {
                    line,
                    at,
                    received,
                    event,
                });
            };
            if dialect.take(text, &mut tell) {
                *counts.entry(dialect.name()).or_default() += 1;
                if dialect.exclusive() {
                    return;
                }
                break;
            }
        }
        let mut tell = |event| {
            sink(Observation {
                line,
                at,
                received,
                event,
            });
        };
        let claim = if self.xbee.take(text, &mut tell) {
            Some(xbee::CLAIM)
        } else {
            devices::take(stripped.tagged, &mut tell)
        };
        if let Some(claim) = claim {
            *counts.entry(claim.dialect).or_default() += 1;
            if claim.stack {
                self.device_stacks.insert(claim.dialect);
            }
        }
        let with_codes = !claim.is_some_and(|c| c.code);
        let said = self.application.take(text, with_codes, |event| {
            if let Event::Code { function, .. } = &event
                && function.starts_with("mbedtls_")
            {
                *counts.entry("mbedtls-codes").or_default() += 1;
            }
            sink(Observation {
                line,
                at,
                received,
                event,
            });
        });
        if said {
            *self.counts.entry("application").or_default() += 1;
        }
    }
}

impl Clock {
    /// Puts a printed time on the input's axis; a line without one has the time of the line before.
    fn take(&mut self, stamp: Option<Stamp>) -> Option<Micros> {
        const DAY: Micros = 86_400_000_000;
        let Some(stamp) = stamp else { return self.last };
        if self.base == TimeBase::None {
            self.base = stamp.base;
        }
        if stamp.base != self.base {
            return self.last;
        }
        let mut at = stamp.at + self.days;
        if self.base == TimeBase::DayTime
            && let Some(last) = self.last
        {
            // Back by more than half a day: midnight was passed.
            if at < last - DAY / 2 {
                self.days += DAY;
                at += DAY;
            }
        }
        self.last = Some(at);
        Some(at)
    }
}
