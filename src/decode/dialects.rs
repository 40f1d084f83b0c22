//! All that reads the lines of one input.
//!
//! In: whole lines and frames. Out: observations. A line of the Mbed TLS trace goes to its decoder,
//! every other one to the readers that it may concern, in the order in which they may claim it.

use super::clock::Clock;
use super::dialect::{self, Dialect};
use super::prefilter::{Readers, prefilter};
use super::readings::{DialectName, Readings};
use super::{ESP_IDF, MBEDTLS, MBEDTLS_CODES, NOT_MBEDTLS};
use super::{
    annotate, application, at, clock_words, devices, lines, mbedtls, mend, prefix, seam, wrap, xbee,
};
use crate::evidence::{Event, Micros, Observation};

/// The readers of one input with what they remember.
#[derive(Debug)]
pub(super) struct Dialects {
    pub(super) mbedtls: mbedtls::MbedTls,
    application: application::Application,
    /// Each with its place in the prefilter.
    pub(super) others: Vec<(Readers, Box<dyn Dialect>)>,
    xbee: xbee::Xbee,
    at: at::AtSession,
    pub(super) clock: Clock,
    seam: seam::Seam,
    wrap: wrap::Wrap,
    pub(super) readings: Readings,
    /// What a person chose to read the input as.
    pub(super) only: Option<&'static DialectName>,
    /// Asked for every line, anchor or not.
    always: Readers,
}

impl Dialects {
    pub(super) fn new(
        user_rules: &[application::StepRule],
        only: Option<&'static DialectName>,
    ) -> Self {
        let places = (0..).map(Readers::dialect);
        let mut others: Vec<_> = places.zip(dialect::all()).collect();
        if let Some(only) = only {
            others.retain(|(_, d)| d.answers_to(&only.id));
            for (_, dialect) in &mut others {
                dialect.choose(&only.id);
            }
        }
        Self {
            mbedtls: mbedtls::MbedTls::default(),
            application: application::Application::new(user_rules),
            others,
            xbee: xbee::Xbee::default(),
            at: at::AtSession::default(),
            clock: Clock::default(),
            seam: seam::Seam::default(),
            wrap: wrap::Wrap::default(),
            readings: Readings::default(),
            only,
            always: Readers::default(),
        }
    }

    /// Every reader is asked for every line, as if there were no prefilter.
    #[cfg(test)]
    pub(super) fn ask_all(&mut self) {
        self.always = Readers::ALL;
    }

    pub(super) fn line(
        &mut self,
        line: lines::Line<'_>,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let mut wrap = std::mem::take(&mut self.wrap);
        wrap.take(line, received.is_some(), &mut |line| {
            self.whole_line(line, received, sink);
        });
        self.wrap = wrap;
    }

    /// No more lines follow: one that was held back is read too.
    pub(super) fn flush(&mut self, sink: &mut impl FnMut(Observation)) {
        let mut wrap = std::mem::take(&mut self.wrap);
        wrap.flush(&mut |line| self.whole_line(line, None, sink));
        self.wrap = wrap;
    }

    fn whole_line(
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
        // So do bytes of noise, which no text has.
        let plain = mend::without_junk(prefix::without_escapes(line.bytes));
        let bytes = plain.as_ref();
        if self.only.is_none() {
            let at = self.clock.last();
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
                at: self.clock.last(),
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
            self.mbedtls.interrupted(stripped.rest, |event| {
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
    pub(super) fn sent(
        &mut self,
        line: &[u8],
        number: u32,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let at = self.clock.last();
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
    pub(super) fn frame(
        &mut self,
        data: &[u8],
        line: u32,
        received: Option<Micros>,
        sink: &mut impl FnMut(Observation),
    ) {
        let at = self.clock.last();
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
        let asked = self.asked(stripped);
        if asked.is_empty() {
            return;
        }
        let mut tell = |event| {
            sink(Observation {
                line,
                at,
                received,
                event,
            });
        };
        let others = self.others.iter_mut();
        for (_, dialect) in others.filter(|(place, _)| asked.any(*place)) {
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
        let only = self.only.map(|only| only.id.as_str());
        let may_be_xbee = only.is_none_or(|only| only == xbee::CLAIM.dialect);
        let claim = if may_be_xbee && asked.any(Readers::XBEE) && self.xbee.take(text, &mut tell) {
            Some(xbee::CLAIM)
        } else if asked.any(Readers::DEVICES) {
            devices::take(stripped.tagged, only, &mut tell)
        } else {
            None
        };
        if let Some(claim) = claim {
            self.readings.claim(claim.dialect, line, claim.stack);
        }
        if asked.any(Readers::CLOCK)
            && let Some(at) = clock_words::unset(text)
        {
            tell(Event::DeviceClock(at));
        }
        if asked.any(Readers::AT) {
            self.at.take(text, claim.and_then(|c| c.expect), &mut tell);
        }
        let mut may_say = asked;
        // A negative number in a line of another library is no code of Mbed TLS.
        if claim.is_some_and(|c| c.code || NOT_MBEDTLS.contains(&c.dialect)) {
            may_say = may_say.without(Readers::CODES);
        }
        if claim.is_some_and(|c| c.words) {
            may_say = may_say.without(Readers::CONDITIONS);
        }
        let mut codes = false;
        let said = self.application.take(text, may_say, |event| {
            codes |=
                matches!(&event, Event::Code { function, .. } if function.starts_with("mbedtls_"));
            tell(event);
        });
        if codes {
            self.readings.claim(MBEDTLS_CODES, line, false);
        }
        if said {
            self.readings.claim("application", line, false);
        }
    }

    /// The readers that the line may concern: by its anchors, or because they wait for more lines.
    fn asked(&self, stripped: &prefix::Stripped<'_>) -> Readers {
        let mut asked = self.always.with(prefilter().scan(stripped.tagged));
        for (place, dialect) in &self.others {
            if dialect.open() {
                asked = asked.with(*place);
            }
        }
        if self.xbee.open() {
            asked = asked.with(Readers::XBEE);
        }
        if self.at.open() || at::may_begin(stripped.rest) {
            asked = asked.with(Readers::AT);
        }
        if self.application.reads_all() {
            asked = asked.with(Readers::STEPS);
        }
        asked
    }
}
