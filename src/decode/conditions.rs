//! Texts that name a condition or a verify flag, from `assets/dialects/conditions.toml`.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Match, MatchKind};
use serde::Deserialize;

use super::prefilter::Anchors;
use super::stack_codes;
use crate::evidence::Event;

/// A set of texts to look for in one line.
pub struct Conditions {
    finder: Option<AhoCorasick>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
enum Entry {
    Condition(&'static str),
    /// A text that only looks like one of the others.
    Nothing,
    VerifyFlag(&'static str),
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    nothing: Vec<String>,
    condition: Vec<ConditionText>,
    verify_flag: Vec<VerifyText>,
}

#[derive(Deserialize)]
struct ConditionText {
    name: String,
    r#in: String,
    texts: Vec<String>,
    says: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
struct VerifyText {
    name: String,
    text: String,
}

impl VerifyText {
    /// As x509.h calls it, without `MBEDTLS_`.
    fn macro_name(&self) -> String {
        if self.name.starts_with("BADCRL_") {
            format!("X509_{}", self.name)
        } else {
            format!("X509_BADCERT_{}", self.name)
        }
    }
}

const ASSET: &str = include_str!("../../assets/dialects/conditions.toml");

/// The texts of the library's trace.
#[must_use]
pub fn library() -> &'static Conditions {
    static SET: OnceLock<Conditions> = OnceLock::new();
    SET.get_or_init(|| Conditions::load("library"))
}

/// The texts of all other lines.
#[must_use]
pub fn application() -> &'static Conditions {
    static SET: OnceLock<Conditions> = OnceLock::new();
    SET.get_or_init(|| Conditions::load("application"))
}

/// What [`application`] finds.
pub(super) fn anchors() -> Anchors {
    Anchors::any_case(texts("application").map(|(text, _)| text))
}

/// Names of all conditions with the sentence that says what each means, sorted.
#[must_use]
pub fn names() -> &'static [(&'static str, &'static str)] {
    static NAMES: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: Vec<_> = file()
            .condition
            .iter()
            .map(|c| (c.name.as_str(), c.says.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup_by_key(|n| n.0);
        names
    })
}

fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        toml::from_str(ASSET).unwrap_or(File {
            nothing: Vec::new(),
            condition: Vec::new(),
            verify_flag: Vec::new(),
        })
    })
}

/// The texts of one room, each with what it names.
fn texts(room: &str) -> impl Iterator<Item = (String, Entry)> {
    let conditions = file()
        .condition
        .iter()
        .filter(move |c| c.r#in == room || c.r#in == "both")
        .flat_map(|c| {
            let entry = Entry::Condition(c.name.as_str());
            c.texts.iter().map(move |text| (text.clone(), entry))
        });
    let nothing = file().nothing.iter();
    let flags = file().verify_flag.iter();
    // By the name of the macro too: `MBEDTLS_X509_BADCERT_BAD_MD`, `MBEDTLS_X509_BADCRL_EXPIRED`.
    let macros = flags.clone().map(|v| (v.macro_name(), v));
    let words = flags.map(|v| (v.text.clone(), v));
    let of_openssl = (room == "application").then(stack_codes::x509_verify_texts);
    let of_openssl = (of_openssl.into_iter().flatten())
        .map(|(text, condition)| (text.to_owned(), Entry::Condition(condition)));
    conditions
        .chain(nothing.map(|text| (text.clone(), Entry::Nothing)))
        .chain(
            words
                .chain(macros)
                .map(|(text, v)| (text, Entry::VerifyFlag(v.name.as_str()))),
        )
        .chain(of_openssl)
}

impl Conditions {
    fn load(room: &str) -> Self {
        let (texts, entries): (Vec<String>, Vec<Entry>) = texts(room).unzip();
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(room == "application")
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts)
            .ok();
        Self { finder, entries }
    }

    /// Hands on every condition that the text names.
    pub fn find(&self, text: &[u8], emit: &mut impl FnMut(Event)) {
        self.find_where(text, |_| true, emit);
    }

    /// The same of texts that stand across this place.
    pub fn find_across(&self, text: &[u8], seam: usize, emit: &mut dyn FnMut(Event)) {
        let across = |hit: &Match| hit.start() < seam && hit.end() > seam;
        self.find_where(text, across, &mut |event| emit(event));
    }

    fn find_where(
        &self,
        text: &[u8],
        wanted: impl Fn(&Match) -> bool,
        emit: &mut impl FnMut(Event),
    ) {
        let Some(finder) = &self.finder else { return };
        for hit in finder.find_iter(text).filter(wanted) {
            emit(match self.entries[hit.pattern().as_usize()] {
                Entry::Condition(name) => Event::Condition { name, value: None },
                Entry::VerifyFlag(name) => Event::VerifyText(name),
                Entry::Nothing => continue,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asset_loads_and_every_text_is_found() {
        let file: File = toml::from_str(ASSET).unwrap();
        assert!(file.condition.len() > 40);
        assert_eq!(file.verify_flag.len(), 17);
        for (c, text) in file
            .condition
            .iter()
            .flat_map(|c| c.texts.iter().map(move |t| (c, t)))
        {
            let set = if c.r#in == "application" {
                application()
            } else {
                library()
            };
            let mut got = Vec::new();
            set.find(format!("x {text} y").as_bytes(), &mut |e| got.push(e));
            assert!(
                got.iter()
                    .any(|e| matches!(e, Event::Condition { name, .. } if *name == c.name)),
                "{text}: {got:?}"
            );
            assert!(["library", "application", "both"].contains(&c.r#in.as_str()));
        }
    }
}
