//! Lines of the application around the library: connecting, giving up, error codes it prints, and
//! its own step counters by rule.
//!
//! In: one line without its time. Out: events. Patterns are data with samples
//! (`assets/dialects/application.toml`, `app-steps.toml`, a user's rules).

use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::prefilter::{Anchors, Readers};
use super::{mbedtls_code, required};
use crate::evidence::{ConnectResult, Event, Reader};

/// A rule that reads an application's own step line.
#[derive(Clone, Debug)]
pub struct StepRule {
    id: Arc<str>,
    pattern: Regex,
}

/// Why a rule file cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RuleError {
    /// Not TOML of the right form.
    #[error("the rule file cannot be read: {0}")]
    Form(String),
    /// The pattern is no regular expression.
    #[error("rule {id}: the pattern cannot be used: {why}")]
    Pattern {
        /// Which rule.
        id: String,
        /// Why.
        why: String,
    },
    /// A sample does not match.
    #[error("rule {id}: the sample \"{sample}\" does not match its pattern")]
    Sample {
        /// Which rule.
        id: String,
        /// Which sample.
        sample: String,
    },
    /// A sample gives other numbers than expected.
    #[error("rule {id}: the sample \"{sample}\" gives {got:?}, expected {expected:?}")]
    Numbers {
        /// Which rule.
        id: String,
        /// Which sample.
        sample: String,
        /// State and result read.
        got: Vec<i64>,
        /// State and result expected.
        expected: Vec<i64>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    rule: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    id: String,
    pattern: String,
    sample: Vec<String>,
    #[serde(default)]
    expect: Vec<Vec<i64>>,
    #[serde(rename = "source")]
    _source: String,
}

/// Reads a file of step rules and checks every sample in it.
///
/// # Errors
/// The first thing that is wrong with the file.
pub fn step_rules(text: &str) -> Result<Vec<StepRule>, RuleError> {
    let file: StepFile = toml::from_str(text).map_err(|e| RuleError::Form(e.to_string()))?;
    let mut rules = Vec::new();
    for entry in file.rule {
        let pattern = pattern(&entry.pattern).map_err(|e| RuleError::Pattern {
            id: entry.id.clone(),
            why: e.to_string(),
        })?;
        let rule = StepRule {
            id: entry.id.as_str().into(),
            pattern,
        };
        for (i, sample) in entry.sample.iter().enumerate() {
            let Some((state, result)) = rule.read(sample.as_bytes()) else {
                return Err(RuleError::Sample {
                    id: entry.id,
                    sample: sample.clone(),
                });
            };
            let got: Vec<i64> = state.map(i64::from).into_iter().chain(result).collect();
            if let Some(expected) = entry.expect.get(i)
                && *expected != got
            {
                return Err(RuleError::Numbers {
                    id: entry.id,
                    sample: sample.clone(),
                    got,
                    expected: expected.clone(),
                });
            }
        }
        rules.push(rule);
    }
    Ok(rules)
}

impl StepRule {
    fn read(&self, line: &[u8]) -> Option<(Option<u16>, Option<i64>)> {
        let caps = self.pattern.captures(line)?;
        let number = |name: &str| {
            caps.name(name)
                .and_then(|m| std::str::from_utf8(m.as_bytes()).ok())
                .and_then(|t| t.parse::<i64>().ok())
        };
        Some((
            number("state").and_then(|n| u16::try_from(n).ok()),
            number("result"),
        ))
    }
}

#[derive(Deserialize)]
struct LineFile {
    line: Vec<LineEntry>,
}

#[derive(Deserialize)]
struct LineEntry {
    id: String,
    event: String,
    result: Option<String>,
    pattern: String,
    sample: Vec<String>,
    /// Lines that also match this are about something else.
    unless: Option<String>,
    /// Samples of such lines.
    #[serde(default)]
    not: Vec<String>,
}

/// The patterns of the built-in file, compiled once.
struct Patterns {
    set: RegexSet,
    each: Vec<(Regex, Option<Regex>, LineEntry)>,
}

const LINES: &str = include_str!("../../assets/dialects/application.toml");
const STEPS: &str = include_str!("../../assets/dialects/app-steps.toml");

/// The words are ASCII; what else stands in the line must not cost time.
fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).unicode(false).build()
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let file: LineFile = toml::from_str(LINES).unwrap_or(LineFile { line: Vec::new() });
        let each: Vec<_> = file
            .line
            .into_iter()
            .filter_map(|e| {
                let unless = e.unless.as_deref().and_then(|p| pattern(p).ok());
                Some((pattern(&e.pattern).ok()?, unless, e))
            })
            .collect();
        let set = RegexSetBuilder::new(each.iter().map(|(r, ..)| r.as_str()))
            .unicode(false)
            .build()
            .unwrap_or_else(|_| RegexSet::empty());
        Patterns { set, each }
    })
}

/// Faults of the built-in pattern files, one sentence each.
#[must_use]
pub fn check() -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(e) = step_rules(STEPS) {
        faults.push(format!("app-steps.toml: {e}"));
    }
    match toml::from_str::<LineFile>(LINES) {
        Err(e) => faults.push(format!("application.toml: {e}")),
        Ok(file) => {
            for entry in file.line {
                match pattern(&entry.pattern) {
                    Err(e) => faults.push(format!("application.toml, {}: {e}", entry.id)),
                    Ok(regex) => {
                        for sample in entry
                            .sample
                            .iter()
                            .filter(|s| !regex.is_match(s.as_bytes()))
                        {
                            faults.push(format!(
                                "application.toml, {}: the sample \"{sample}\" does not match",
                                entry.id
                            ));
                        }
                        let unless = entry.unless.as_deref().map(pattern);
                        if let Some(Err(e)) = &unless {
                            faults.push(format!("application.toml, {}: {e}", entry.id));
                        }
                        let unless = unless.and_then(Result::ok);
                        for hit in entry.not.iter().filter(|s| {
                            regex.is_match(s.as_bytes())
                                && !unless.as_ref().is_some_and(|u| u.is_match(s.as_bytes()))
                        }) {
                            faults.push(format!(
                                "application.toml, {}: \"{hit}\" matches and must not",
                                entry.id
                            ));
                        }
                    }
                }
                let known = [
                    "session_start",
                    "connect",
                    "established",
                    "gave_up",
                    "reset",
                ];
                if !known.contains(&entry.event.as_str()) {
                    faults.push(format!(
                        "application.toml, {}: unknown event {}",
                        entry.id, entry.event
                    ));
                }
            }
        }
    }
    faults
}

/// Texts one of which stands in every line that a built-in step rule reads.
pub(super) fn step_anchors() -> Option<Anchors> {
    of_patterns(built_in_rules().iter().map(|rule| rule.pattern.as_str()))
}

/// The same of the patterns for events.
pub(super) fn event_anchors() -> Option<Anchors> {
    of_patterns(patterns().each.iter().map(|(regex, ..)| regex.as_str()))
}

/// The same of error codes: a word beside a number, the library's own form, a name or a text.
pub(super) fn code_anchors() -> [Anchors; 2] {
    let words = CODE_WORDS.into_iter().chain(mbedtls_code::WORDS);
    let own = ["-0x", "-0X", mbedtls_code::PREFIX].map(str::to_owned);
    let texts = super::strerror::anchors();
    [
        Anchors::any_case(words),
        Anchors::exact(own.into_iter().chain(texts)),
    ]
}

fn of_patterns<'a>(patterns: impl Iterator<Item = &'a str>) -> Option<Anchors> {
    let mut all = Vec::new();
    for pattern in patterns {
        all.extend(required::texts(pattern)?);
    }
    Some(Anchors::any_case(all))
}

fn built_in_rules() -> &'static [StepRule] {
    static BUILT_IN: OnceLock<Vec<StepRule>> = OnceLock::new();
    BUILT_IN.get_or_init(|| step_rules(STEPS).unwrap_or_default())
}

/// Reader of one input's application lines.
#[derive(Debug)]
pub struct Application {
    user_rules: Vec<StepRule>,
}

impl Application {
    /// With the built-in step rules and these of the user.
    #[must_use]
    pub fn new(user: &[StepRule]) -> Self {
        Self {
            user_rules: user.to_vec(),
        }
    }

    /// Are there rules of the user, which may read any line?
    pub(super) fn reads_all(&self) -> bool {
        !self.user_rules.is_empty()
    }

    /// Takes one line; `true` when it said something.
    ///
    /// `asked`: what the line may say, by its anchors, and what no dialect has read already.
    pub(super) fn take(&self, line: &[u8], asked: Readers, mut emit: impl FnMut(Event)) -> bool {
        let mut said = false;
        let mut tell = |e| {
            said = true;
            emit(e);
        };
        let built_in = asked.any(Readers::STEPS).then(built_in_rules);
        for rule in self.user_rules.iter().chain(built_in.into_iter().flatten()) {
            if let Some((state, result)) = rule.read(line) {
                tell(Event::AppStep {
                    rule: rule.id.clone(),
                    state,
                    result,
                });
            }
        }
        if asked.any(Readers::EVENTS) {
            Self::events(line, &mut tell);
        }
        if asked.any(Readers::CODES)
            && let Some((function, code)) = any_code(line)
        {
            tell(Event::Code {
                function,
                code,
                by: Reader::Application,
            });
        }
        if asked.any(Readers::CONDITIONS) {
            super::conditions::application().find(line, &mut tell);
        }
        said
    }

    fn events(line: &[u8], tell: &mut impl FnMut(Event)) {
        let patterns = patterns();
        for hit in patterns.set.matches(line) {
            let (regex, unless, entry) = &patterns.each[hit];
            if unless.as_ref().is_some_and(|u| u.is_match(line)) {
                continue;
            }
            if let Some(event) = pattern_event(regex, entry, line) {
                tell(event);
                if let Some(host) = host_of(regex, line) {
                    tell(Event::Target(host));
                }
            }
        }
    }
}

/// The error code of a line, with the function that gave it where it is named.
fn any_code(line: &[u8]) -> Option<(String, i64)> {
    let other = || {
        super::strerror::code(line)
            .or_else(|| mbedtls_code::by_name(line))
            .or_else(|| mbedtls_code::beside_words(line))
            .or_else(|| mbedtls_code::own_form(line))
    };
    error_code(line).or_else(|| Some((String::new(), other()?)))
}

fn host_of(regex: &Regex, line: &[u8]) -> Option<String> {
    let m = regex.captures(line)?.name("host")?;
    Some(String::from_utf8_lossy(m.as_bytes()).into_owned())
}

fn pattern_event(regex: &Regex, entry: &LineEntry, line: &[u8]) -> Option<Event> {
    Some(match entry.event.as_str() {
        "session_start" => Event::SessionStart,
        "reset" => Event::PeerReset,
        "established" => Event::Established,
        "gave_up" => {
            let ms = regex.captures(line)?.name("ms");
            Event::GaveUp {
                after_ms: ms
                    .and_then(|m| std::str::from_utf8(m.as_bytes()).ok())
                    .and_then(|t| t.parse().ok()),
            }
        }
        "connect" => Event::Connect {
            result: match entry.result.as_deref() {
                Some("connected") => ConnectResult::Connected,
                Some("refused") => ConnectResult::Refused,
                Some("dns_failed") => ConnectResult::DnsFailed,
                Some("timed_out") => ConnectResult::TimedOut,
                _ => ConnectResult::Failed,
            },
        },
        _ => return None,
    })
}

/// An error code as applications print it: `mbedtls_ssl_handshake returned -0x7280`,
/// `failed: -29312`, `ret = -0x2700`, `Last error was: -9984`.
#[must_use]
pub fn error_code(line: &[u8]) -> Option<(String, i64)> {
    static WITH_FUNCTION: OnceLock<Option<Regex>> = OnceLock::new();
    static WORDS: OnceLock<Option<AhoFinder>> = OnceLock::new();
    // A minus sign before a digit is rare: most lines end here.
    memchr::memchr_iter(b'-', line).find(|&i| line.get(i + 1).is_some_and(u8::is_ascii_digit))?;
    let words = WORDS.get_or_init(AhoFinder::new).as_ref()?;
    if !words.is_match(line) {
        return None;
    }
    let regex = WITH_FUNCTION
        .get_or_init(|| {
            Regex::new(
                r"(?i)(?:(?P<function>[a-z_][a-z0-9_]{3,})(?:\(\))?\W{0,3}\s*)?\b(?:returned|returns|failed|fail|failure|error|err|ret|code|result|was|rc)\b(?:[^-]{0,23}?[^-\w])?(?P<code>-0x[0-9a-f]{1,8}|-\d{1,6})\b",
            )
            .ok()
        })
        .as_ref()?;
    let caps = regex.captures(line)?;
    let printed = caps.name("code")?;
    let code = parse_code(printed.as_bytes())?;
    let function = caps
        .name("function")
        .map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned())
        .unwrap_or_default();
    let function = if function.contains('_') {
        function
    } else {
        String::new()
    };
    // `-0x7` at the very end is what is left of `-0x7780`: functions of the TLS layer have no codes
    // of one digit.
    let cut = printed.end() == line.trim_ascii_end().len() && printed.len() == "-0x7".len();
    if cut && function.starts_with("mbedtls_ssl_") && printed.as_bytes().starts_with(b"-0x") {
        return None;
    }
    Some((function, code))
}

/// Words one of which stands beside every error code worth reading.
const CODE_WORDS: [&str; 8] = [
    "return", "fail", "error", "err", "ret", "code", "result", "rc",
];

/// Finder of these.
struct AhoFinder(aho_corasick::AhoCorasick);

impl AhoFinder {
    fn new() -> Option<Self> {
        aho_corasick::AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(CODE_WORDS)
            .ok()
            .map(Self)
    }

    fn is_match(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }
}

fn parse_code(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix('-')?;
    let value = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => return mbedtls_code::decimal_or_hex(text),
    };
    // -0xffffffd3 is +45 printed with the wrong sign and size.
    if value > 0x8000_0000 {
        Some(0x1_0000_0000 - value)
    } else {
        Some(-value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<Event> {
        let mut events = Vec::new();
        Application::new(&[]).take(line.as_bytes(), Readers::ALL, |e| events.push(e));
        events
    }

    #[test]
    fn built_in_patterns_match_their_samples() {
        assert_eq!(check(), Vec::<String>::new());
    }

    #[test]
    fn a_step_line_becomes_a_state() {
        let got = read("I SysLog     [DIAG] IOT TLS handshake step (77) Data: 12/0");
        assert!(
            matches!(
                &got[..],
                [Event::AppStep {
                    state: Some(12),
                    result: Some(0),
                    ..
                }]
            ),
            "{got:?}"
        );
    }

    #[test]
    fn codes_in_many_spellings() {
        for (line, function, code) in [
            (
                "mbedtls_ssl_handshake returned -0x7780 - SSL - x",
                "mbedtls_ssl_handshake",
                -0x7780,
            ),
            (
                "  ! mbedtls_ssl_handshake() returned -0x50",
                "mbedtls_ssl_handshake",
                -0x50,
            ),
            ("Last error was: -9984 - X509", "", -9984),
            ("TLS connect failed: -29312", "", -29312),
            ("handshake ret=-0x2700", "", -0x2700),
        ] {
            assert_eq!(
                error_code(line.as_bytes()),
                Some((function.to_owned(), code)),
                "{line}"
            );
        }
        assert_eq!(error_code(b"temperature -12 degrees"), None);
        assert_eq!(error_code(b"date 2026-11-21"), None);
    }

    #[test]
    fn broken_rules_are_told() {
        let bad = "[[rule]]\nid='x'\npattern='('\nsample=[]\nsource='s'\n";
        assert!(matches!(step_rules(bad), Err(RuleError::Pattern { .. })));
        let miss = "[[rule]]\nid='x'\npattern='a(?P<state>\\d)'\nsample=['b1']\nsource='s'\n";
        assert!(matches!(step_rules(miss), Err(RuleError::Sample { .. })));
        let wrong = "[[rule]]\nid='x'\npattern='a(?P<state>\\d)'\nsample=['a1']\nexpect=[[2]]\nsource='s'\n";
        assert!(matches!(step_rules(wrong), Err(RuleError::Numbers { .. })));
    }
}
