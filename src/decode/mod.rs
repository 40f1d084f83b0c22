//! Chunks of one input → observations. One file a dialect.
//!
//! Sans-I/O: takes bytes in any split and times that the caller read, and gives the same
//! observations for every split. Unknown text is kept by the caller and passes through here
//! silently. Must not know files, threads, clocks, nor what an observation means for a handshake.

mod alert_words;
mod annotate;
mod application;
mod at;
mod certificate_bytes;
mod clock_words;
mod conditions;
mod curl;
mod devices;
mod dialect;
mod error_names;
mod gnutls;
mod handshake_bytes;
mod lines;
mod mbedtls;
mod mbedtls_code;
mod openssl;
mod prefix;
mod readings;
mod rustls;
mod scan;
mod seam;
mod server_log;
mod stack_codes;
mod stack_words;
mod strerror;
mod wolfssl;
mod x509_text;
mod xbee;

use crate::evidence::{Event, Lane, Micros, Observation, Reading, TimeBase};

pub use annotate::{LineView, annotate, annotate_frame};
pub use application::{RuleError, StepRule, step_rules};
pub use conditions::names as condition_names;

pub use lines::{LineEnds, MAX_LINE_BYTES};
pub use mbedtls::{VersionGuess, state_name, state_number};
pub use prefix::{Stamp, date_time, strip as strip_prefix};
pub use readings::{DialectName, dialect_name, dialect_names};
pub use xbee::{Frames as ModuleFrames, Piece as ModulePiece, starts_with_frames};

/// Faults of the built-in pattern files, one sentence each. `is_fact` says whether the registry has
/// a fact of this name.
#[must_use]
pub fn check_patterns(is_fact: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut faults = application::check();
    faults.extend(devices::check(is_fact));
    faults.extend(readings::check());
    faults
}

/// The library's own trace.
const MBEDTLS: &str = "mbedtls";
/// Its codes in lines of others.
const MBEDTLS_CODES: &str = "mbedtls-codes";
const ESP_IDF: &str = "esp-idf";
/// Stacks with error numbers of their own.
const NOT_MBEDTLS: [&str; 5] = ["axtls", "bearssl", "winc1500", "simplelink", "platform"];

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
    at: at::AtSession,
    clock: Clock,
    seam: seam::Seam,
    readings: readings::Readings,
    /// What a person chose to read the input as.
    only: Option<&'static DialectName>,
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
        Self::reading_as(user_rules, None)
    }

    /// The same, and lines are read as this dialect alone.
    #[must_use]
    pub fn reading_as(user_rules: &[StepRule], only: Option<&'static DialectName>) -> Self {
        let mut others = dialect::all();
        if let Some(only) = only {
            others.retain(|d| d.answers_to(&only.id));
            for dialect in &mut others {
                dialect.choose(&only.id);
            }
        }
        Self {
            frames: xbee::Frames::default(),
            lines: lines::LineSplitter::default(),
            state: Dialects {
                mbedtls: mbedtls::MbedTls::default(),
                application: application::Application::new(user_rules),
                others,
                xbee: xbee::Xbee::default(),
                at: at::AtSession::default(),
                clock: Clock::default(),
                seam: seam::Seam::default(),
                readings: readings::Readings::default(),
                only,
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
                lines.finish(|line| state.line(line, received, sink));
                let line = lines.pass(bytes);
                state.frame(data, line, received, sink);
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
        state.mbedtls.finished(|event| {
            sink(Observation {
                line: 0,
                at: state.clock.last,
                received: None,
                event,
            });
        });
    }

    /// Takes bytes that were sent to the device: they are no lines of the input, but the command
    /// that its next lines answer.
    pub fn sent(
        &mut self,
        bytes: &[u8],
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let number = self.lines.lines() + 1;
        for line in bytes.split(|b| matches!(b, b'\r' | b'\n')) {
            if !line.is_empty() {
                self.state.sent(line, number, received, sink);
            }
        }
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

    /// Dialects recognised, the one with most lines first, each with its first line.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        self.state.readings.all()
    }

    /// Their names.
    #[must_use]
    pub fn dialects(&self) -> Vec<String> {
        self.readings().into_iter().map(|r| r.dialect).collect()
    }

    /// What a person chose to read it as.
    #[must_use]
    pub fn only(&self) -> Option<&'static DialectName> {
        self.state.only
    }

    /// Family of the TLS stack, where its own trace or its names were seen.
    #[must_use]
    pub fn stack(&self) -> Option<&'static str> {
        let readings = &self.state.readings;
        if let Some(only) = self.state.only {
            return (!only.peer).then_some(only.id.as_str());
        }
        if readings.lines(MBEDTLS) > 0 {
            return Some(MBEDTLS);
        }
        // A module or framework says more than the library inside it.
        if let Some(name) = readings.device() {
            return Some(name);
        }
        if readings.lines(MBEDTLS_CODES) > 0 {
            return Some(MBEDTLS);
        }
        let stacks = self.state.others.iter().filter(|d| d.is_stack());
        stacks
            .map(|d| (readings.lines(d.name()), d.name()))
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
        if self.state.only.is_some_and(|only| only.peer) {
            return Lane::Peer;
        }
        let readings = &self.state.readings;
        let seen = |d: &dyn dialect::Dialect| readings.lines(d.name());
        let (mut ours, mut theirs) = (readings.lines(MBEDTLS), 0);
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
        // Lines that a console or a forum joined into one are read one by one.
        let mut rest = line;
        while let Some(at) = prefix::joined_at(rest.bytes) {
            let (first, second) = rest.bytes.split_at(at);
            let first = lines::Line {
                bytes: first,
                cut: 0,
                ..rest
            };
            self.single_line(first, received, sink);
            rest.bytes = second;
        }
        self.single_line(rest, received, sink);
    }

    fn single_line(
        &mut self,
        line: lines::Line<'_>,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let number = line.number;
        // Colours stand anywhere; patterns that end with the line must not see them.
        let plain = prefix::without_escapes(line.bytes);
        let bytes = plain.as_ref();
        let at = self.clock.last;
        if self.only.is_none() {
            self.seam.take(bytes, &mut |event| {
                sink(Observation {
                    line: number,
                    at,
                    received,
                    event,
                });
            });
        }
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
        let own_trace = self.only.is_none_or(|only| only.mbedtls_inside);
        let Some(trace) = mbedtls::trace_line(bytes).filter(|_| own_trace) else {
            let stripped = prefix::strip(bytes);
            self.framed(&stripped, number);
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
        self.readings.claim(MBEDTLS, number, false);
        let clock = &mut self.clock;
        let mut at = None;
        let mut esp = false;
        let mut time = || {
            *at.get_or_insert_with(|| {
                let stripped = prefix::strip(bytes);
                esp = stripped.frame.is_some();
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
        if esp {
            self.readings.claim(ESP_IDF, number, false);
        }
        // An application that leaves its own text on the line before the trace begins.
        if trace.before.len() > 12 && trace.before.contains(&b'.') {
            let stripped = prefix::strip(trace.before);
            if stripped.rest.len() > 3 && stripped.frame.is_none() {
                let at = self.clock.take(prefix::strip(bytes).stamp);
                self.app_line(&stripped, number, at, received, sink);
            }
        }
    }

    /// ESP-IDF puts its own frame around the lines of all libraries.
    fn framed(&mut self, stripped: &prefix::Stripped<'_>, line: u32) {
        let mine = self.only.is_none_or(|only| only.id == ESP_IDF);
        if mine && stripped.frame.is_some() {
            self.readings.claim(ESP_IDF, line, false);
        }
    }

    /// Bytes that went to the device: in a dialogue of commands they are one half of it.
    fn sent(
        &mut self,
        line: &[u8],
        number: u32,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let at = self.clock.last;
        self.at.take(line, None, &mut |event| {
            sink(Observation {
                line: number,
                at,
                received,
                event,
            });
        });
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
        let mut events = Vec::new();
        self.xbee.frame(data, &mut |event| events.push(event));
        let mut says = String::new();
        for words in events.iter().map(annotate::words) {
            if !words.is_empty() && !says.contains(&words) {
                says.push_str(if says.is_empty() { "" } else { " · " });
                says.push_str(&words);
            }
        }
        let whole = Event::Frame {
            data: data.into(),
            says: says.into(),
        };
        for event in std::iter::once(whole).chain(events) {
            sink(Observation {
                line,
                at,
                received,
                event,
            });
        }
        self.readings.claim(xbee::CLAIM.dialect, line, true);
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
                self.readings.claim(dialect.name(), line, false);
                if dialect.exclusive() {
                    return;
                }
                if !dialect.quotes() {
                    break;
                }
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
        let only = self.only.map(|only| only.id.as_str());
        let may_be_xbee = only.is_none_or(|only| only == xbee::CLAIM.dialect);
        let claim = if may_be_xbee && self.xbee.take(text, &mut tell) {
            Some(xbee::CLAIM)
        } else {
            devices::take(stripped.tagged, only, &mut tell)
        };
        if let Some(claim) = claim {
            self.readings.claim(claim.dialect, line, claim.stack);
        }
        if let Some(at) = clock_words::unset(text) {
            tell(Event::DeviceClock(at));
        }
        self.at.take(text, claim.and_then(|c| c.expect), &mut tell);
        // A negative number in a line of another library is no code of Mbed TLS.
        let with_codes = !claim.is_some_and(|c| c.code || NOT_MBEDTLS.contains(&c.dialect));
        let with_conditions = !claim.is_some_and(|c| c.words);
        let mut codes = false;
        let said = self
            .application
            .take(text, with_codes, with_conditions, |event| {
                if let Event::Code { function, .. } = &event
                    && function.starts_with("mbedtls_")
                {
                    codes = true;
                }
                sink(Observation {
                    line,
                    at,
                    received,
                    event,
                });
            });
        if codes {
            self.readings.claim(MBEDTLS_CODES, line, false);
        }
        if said {
            self.readings.claim("application", line, false);
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
