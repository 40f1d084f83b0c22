//! What is wrong or odd about a file or a certificate, with the place.
//!
//! In: findings of the readers of this room. Out: [`Problem`], one sentence each. Must not know
//! devices: a figure that is only wrong for one device belongs to the fit.

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; every reader copes with it.
    Note,
    /// Some readers stumble over it.
    Warning,
    /// The thing cannot be used as it is.
    Error,
}

impl Severity {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Id such as `pem.no_footer`; stable.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, with the figure.
    pub sentence: String,
    /// Offset in bytes from the start of the file, where it has a place.
    pub offset: Option<u64>,
    /// The same place inside the DER of the object, in bytes, where the file holds it encoded.
    pub der_offset: Option<u64>,
    /// Line of the file, counted from 1, where the file is text.
    pub line: Option<u32>,
}

impl Problem {
    /// A problem without a place.
    #[must_use]
    pub fn new(id: &'static str, severity: Severity, sentence: impl Into<String>) -> Self {
        Self {
            id,
            severity,
            sentence: sentence.into(),
            offset: None,
            der_offset: None,
            line: None,
        }
    }

    /// The same with an offset in the file, in bytes.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset = u64::try_from(offset).ok();
        self
    }

    /// The same with an offset in the DER of the object, in bytes.
    #[must_use]
    pub fn at_der(mut self, offset: usize) -> Self {
        self.der_offset = u64::try_from(offset).ok();
        self
    }
}
