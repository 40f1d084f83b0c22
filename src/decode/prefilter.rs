//! One pass over a line that tells which readers it may concern.
//!
//! In: a line. Out: the set of readers one of whose anchors stands in it. An anchor is a text
//! without which a line says nothing to a reader, whatever came before; a reader that waits for
//! more lines is asked for each until it has them. Most lines of a log hold no anchor and cost
//! nothing but this pass. Must not know what an anchor means.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{application, at, clock_words, conditions, devices, dialect, xbee};

/// Characters of an anchor that are looked for: more would find no fewer lines and make the finder
/// larger.
const ENOUGH: usize = 14;

/// A set of readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Readers(u32);

impl Readers {
    pub(super) const XBEE: Self = Self(1 << 16);
    pub(super) const DEVICES: Self = Self(1 << 17);
    pub(super) const CLOCK: Self = Self(1 << 18);
    pub(super) const AT: Self = Self(1 << 19);
    pub(super) const STEPS: Self = Self(1 << 20);
    pub(super) const EVENTS: Self = Self(1 << 21);
    pub(super) const CODES: Self = Self(1 << 22);
    pub(super) const CONDITIONS: Self = Self(1 << 23);
    pub(super) const ALL: Self = Self(u32::MAX);

    /// The dialect at this place of `dialect::all`.
    pub(super) fn dialect(place: usize) -> Self {
        Self(1 << place)
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Is any of these in the set?
    pub(super) fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Texts that a reader looks for.
pub(super) struct Anchors {
    texts: Vec<String>,
    exact: bool,
}

impl Anchors {
    /// As they stand.
    pub(super) fn exact<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self {
            texts: texts.into_iter().map(Into::into).collect(),
            exact: true,
        }
    }

    /// In any letter case (ASCII).
    pub(super) fn any_case<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self {
            texts: texts.into_iter().map(Into::into).collect(),
            exact: false,
        }
    }
}

/// The anchors of all readers.
pub(super) struct Prefilter {
    finder: Option<AhoCorasick>,
    /// For each pattern of the finder its readers, and its text where letter case counts.
    of: Vec<(Readers, Option<String>)>,
    /// Readers that are asked for every line.
    always: Readers,
}

/// The same while anchors are added: texts, whether letter case counts, readers.
#[derive(Default)]
struct Builder {
    anchors: BTreeMap<(String, bool), Readers>,
    always: Readers,
}

/// That of the built-in readers.
pub(super) fn prefilter() -> &'static Prefilter {
    static PREFILTER: OnceLock<Prefilter> = OnceLock::new();
    PREFILTER.get_or_init(|| {
        let mut all = Builder::default();
        for (place, dialect) in dialect::all().iter().enumerate() {
            for anchors in dialect.anchors() {
                all.add(Readers::dialect(place), anchors);
            }
        }
        for anchors in xbee::anchors() {
            all.add(Readers::XBEE, anchors);
        }
        all.add(Readers::DEVICES, devices::anchors());
        all.add(Readers::CLOCK, clock_words::anchors());
        all.add(Readers::AT, at::anchors());
        all.add_or_always(Readers::STEPS, application::step_anchors());
        all.add_or_always(Readers::EVENTS, application::event_anchors());
        for anchors in application::code_anchors() {
            all.add(Readers::CODES, anchors);
        }
        all.add(Readers::CONDITIONS, conditions::anchors());
        all.built()
    })
}

impl Builder {
    fn add(&mut self, readers: Readers, anchors: Anchors) {
        for mut text in anchors.texts {
            if let Some((longer, _)) = text.char_indices().nth(ENOUGH) {
                text.truncate(longer);
            }
            let known = self.anchors.entry((text, anchors.exact)).or_default();
            *known = known.with(readers);
        }
    }

    /// A reader without anchors sees every line.
    fn add_or_always(&mut self, readers: Readers, anchors: Option<Anchors>) {
        match anchors {
            Some(anchors) => self.add(readers, anchors),
            None => self.always = self.always.with(readers),
        }
    }

    fn built(self) -> Prefilter {
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(self.anchors.keys().map(|(text, _)| text))
            .ok();
        let of = self.anchors.into_iter();
        Prefilter {
            finder,
            of: of
                .map(|((text, exact), readers)| (readers, exact.then_some(text)))
                .collect(),
            always: self.always,
        }
    }
}

impl Prefilter {
    /// The readers that the line may concern.
    pub(super) fn scan(&self, line: &[u8]) -> Readers {
        let hits = match &self.finder {
            Some(finder) => finder.try_find_overlapping_iter(line),
            None => return Readers::ALL,
        };
        let Ok(hits) = hits else { return Readers::ALL };
        let mut found = self.always;
        for hit in hits {
            if let Some((readers, exact)) = self.of.get(hit.pattern().as_usize())
                && exact
                    .as_ref()
                    .is_none_or(|text| line.get(hit.range()) == Some(text.as_bytes()))
            {
                found = found.with(*readers);
            }
        }
        found
    }
}
