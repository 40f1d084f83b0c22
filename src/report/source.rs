//! What a report is made of: a snapshot and a way to read lines of its inputs.

use crate::evidence::{InputId, InputKind, Origin};
use crate::session::Snapshot;

/// A session at one moment with the lines that prove it.
pub struct ReportSource<'a> {
    /// The session.
    pub snapshot: &'a Snapshot,
    /// The line of an input, counted from 1, as text.
    pub line: &'a dyn Fn(InputId, u32) -> Option<String>,
    /// SHA-256 of an input's bytes in hex.
    pub sha256: &'a dyn Fn(InputId) -> Option<String>,
}

impl ReportSource<'_> {
    /// Name of an input.
    #[must_use]
    pub fn input_name(&self, id: InputId) -> String {
        self.snapshot
            .inputs
            .iter()
            .find(|i| i.id == id)
            .map_or_else(|| "closed input".into(), |i| i.name.clone())
    }

    fn is_capture(&self, id: InputId) -> bool {
        self.snapshot
            .inputs
            .iter()
            .any(|i| i.id == id && i.kind == InputKind::Capture)
    }

    /// Where a value comes from, in words: `device.log, line 301`.
    #[must_use]
    pub fn place(&self, origin: &Origin) -> String {
        match origin {
            Origin::Read { input, .. } => {
                let name = self.input_name(*input);
                match origin.line_number() {
                    Some(frame) if self.is_capture(*input) => format!("{name}, frame {frame}"),
                    Some(line) => format!("{name}, line {line}"),
                    None => name,
                }
            }
            Origin::Stated => "stated".into(),
            Origin::Derived(rule) => rule.clone(),
        }
    }

    /// Input and line of an origin, with the line's text; `None` where no line proves it.
    #[must_use]
    pub fn proof(&self, origin: &Origin) -> Option<(InputId, u32, String)> {
        let Origin::Read { input, .. } = origin else {
            return None;
        };
        let line = origin.line_number()?;
        Some((*input, line, (self.line)(*input, line).unwrap_or_default()))
    }
}
