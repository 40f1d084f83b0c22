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
mod clock;
mod clock_words;
mod conditions;
mod curl;
mod devices;
mod dialect;
mod dialects;
mod error_names;
mod esp8266_socket;
mod gnutls;
mod handshake_bytes;
mod lines;
mod mbedtls;
mod mbedtls_code;
mod mend;
mod openssl;
mod packet_list;
mod prefilter;
#[cfg(test)]
mod prefilter_tests;
mod prefix;
mod readings;
mod required;
mod rustls;
mod scan;
mod seam;
mod server_log;
mod stack_codes;
mod stack_words;
mod strerror;
mod wolfssl;
mod wrap;
mod x509_text;
mod xbee;

use crate::evidence::{Lane, Micros, Observation, Reading, TimeBase};
use dialects::Dialects;

pub use annotate::{LineView, annotate, annotate_frame};
pub use application::{RuleError, StepRule, step_rules};
pub use conditions::names as condition_names;

pub use lines::{LineEnds, MAX_LINE_BYTES};
pub use mbedtls::{VersionGuess, state_name, state_number};
pub use prefix::{Stamp, date_time, strip as strip_prefix};
pub use readings::{DialectName, dialect_name, dialect_names};
pub use xbee::{Frames as ModuleFrames, Piece as ModulePiece, starts_with_frames};

/// Loads the tables of all dialects, for which the first line would else wait.
pub fn prepare() {
    prefilter::prefilter();
}

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

impl LogDecoder {
    /// With the user's step rules beside the built-in ones.
    #[must_use]
    pub fn new(user_rules: &[StepRule]) -> Self {
        Self::reading_as(user_rules, None)
    }

    /// The same, and lines are read as this dialect alone.
    #[must_use]
    pub fn reading_as(user_rules: &[StepRule], only: Option<&'static DialectName>) -> Self {
        Self {
            frames: xbee::Frames::default(),
            lines: lines::LineSplitter::default(),
            state: Dialects::new(user_rules, only),
        }
    }

    /// The same without its prefilter, to prove that it leaves nothing out.
    #[cfg(test)]
    pub(crate) fn asking_all(only: Option<&'static DialectName>) -> Self {
        let mut decoder = Self::reading_as(&[], only);
        decoder.state.ask_all();
        decoder
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
                state.flush(sink);
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
        state.flush(sink);
        state.mbedtls.finished(|event| {
            sink(Observation {
                line: 0,
                at: state.clock.last(),
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
        self.state.clock.base()
    }

    /// Last time printed, on that axis.
    #[must_use]
    pub fn last_time(&self) -> Option<Micros> {
        self.state.clock.last()
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
        let stacks = self.state.others.iter().map(|(_, d)| d);
        let stacks = stacks.filter(|d| d.is_stack());
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
            .map(|(_, d)| d)
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
        for (_, dialect) in &self.state.others {
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
