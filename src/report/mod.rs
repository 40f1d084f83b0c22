//! A session as a page for other people: HTML, Markdown or JSON; redaction.
//!
//! In: a snapshot and a way to read its lines. Out: texts. Nothing is decided here, nothing is read
//! from disk, nothing leaves without having passed the redactor.

mod html;
mod json;
mod letter;
mod markdown;
mod object;
mod page;
mod redact;
mod secret_patterns;
mod source;

pub use html::html_page;
pub use json::{
    AlertJson, AttemptJson, CauseDetails, CauseJson, CertificateJson, ClosedJson, DiagnoseJson,
    EvidenceJson, FindingJson, InputJson, LEAST_SCORE, OpenJson, PathJson, Place, PlaceJson,
    RuledOutJson, StepJson, StoppedJson, TreeJson, attempt_json, axis_zero, diagnose_json,
    predict_json, probe_json, scheme_text, step_json,
};
pub use letter::{LetterPart, letter_parts, letter_text};
pub use markdown::markdown;
pub use object::report_object;
pub use page::{Block, Page, page};
pub use redact::{Blanked, LeaveOut, Redactor};
pub use source::ReportSource;

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportForm {
    /// One HTML file that prints to PDF.
    #[default]
    Html,
    /// Markdown.
    Markdown,
    /// JSON, `handlens.report/1`.
    Json,
}

impl ReportForm {
    /// End of the file name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }

    /// The form that a file name asks for.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        match end.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Self::Html),
            "md" | "markdown" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Writes the report of a session in one of its forms.
#[must_use]
pub fn write_report(source: &ReportSource<'_>, form: ReportForm, leave_out: LeaveOut) -> String {
    match form {
        ReportForm::Html => html_page(&page(source, leave_out)),
        ReportForm::Markdown => markdown(&page(source, leave_out)),
        ReportForm::Json => {
            let mut text = format!("{:#}", report_object(source, leave_out));
            text.push('\n');
            text
        }
    }
}

/// Characters that would act instead of being read: controls, and those that turn the direction of
/// writing (Unicode bidi controls).
fn hostile(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// Such a character as something to read: `␛` for ESC, `⟨U+202E⟩` for a bidi control.
fn visible(c: char) -> String {
    match u32::from(c) {
        n @ 0..=0x1F => char::from_u32(0x2400 + n).map_or_else(String::new, String::from),
        0x7F => "\u{2421}".into(),
        n => format!("\u{27e8}U+{n:04X}\u{27e9}"),
    }
}
