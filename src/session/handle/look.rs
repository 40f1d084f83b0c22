//! Looking into an input: lines, rows, bytes, searches.
//!
//! In: an input and a place in it. Out: what is there now; only what is asked for is read. Must not
//! know what it means.

use std::ops::Range;

use super::Session;
use crate::evidence::{InputId, InputKind, Micros};
use crate::session::files::line_text;
use crate::session::rows::log_rows;
use crate::session::shared::locked;
use crate::session::snapshot::LogRow;

impl Session {
    /// Lines of an input so far.
    #[must_use]
    pub fn line_count(&self, input: InputId) -> u32 {
        if self.is_capture(input) {
            return 0;
        }
        self.shared
            .known_store(input)
            .map_or(0, |s| locked(&s).line_count())
    }

    /// Rows of these lines, `0..1` is the first line; only what is asked for is read.
    #[must_use]
    pub fn rows(&self, input: InputId, lines: Range<u32>) -> Vec<LogRow> {
        if self.is_capture(input) {
            return Vec::new();
        }
        let Some(store) = self.shared.known_store(input) else {
            return Vec::new();
        };
        let snapshot = self.snapshot();
        log_rows(&locked(&store), &snapshot, input, lines)
    }

    /// One line as text, private keys blanked; for reports and proofs.
    #[must_use]
    pub fn line(&self, input: InputId, line: u32) -> Option<String> {
        if self.is_capture(input) {
            return None;
        }
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        line_text(&store, line)
    }

    /// Bytes of an input as received, at most as many as there are.
    #[must_use]
    pub fn raw(&self, input: InputId, bytes: Range<u64>) -> Vec<u8> {
        let len = usize::try_from(bytes.end.saturating_sub(bytes.start)).unwrap_or(0);
        self.shared
            .known_store(input)
            .map(|s| locked(&s).bytes(bytes.start, len))
            .unwrap_or_default()
    }

    /// The next line from `from` on (counted from 1) that holds `text`, wrapping round once.
    #[must_use]
    pub fn find(&self, input: InputId, text: &str, from: u32) -> Option<u32> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        store.find(text, from.saturating_sub(1))
    }

    /// When the newest bytes of an input were read, microseconds since 1970 UTC.
    #[must_use]
    pub fn newest_received(&self, input: InputId) -> Option<Micros> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        store.times().last().map(|(_, at)| *at)
    }

    /// SHA-256 of an input's bytes in hex.
    #[must_use]
    pub fn sha256(&self, input: InputId) -> Option<String> {
        let store = self.shared.known_store(input)?;
        let store = locked(&store);
        (!store.is_empty()).then(|| store.sha256())
    }

    /// A capture has frames and no lines.
    fn is_capture(&self, input: InputId) -> bool {
        let snapshot = self.snapshot();
        snapshot
            .inputs
            .iter()
            .any(|i| i.id == input && i.kind == InputKind::Capture)
    }
}
