//! The pattern files of devices: which lines are a dialect's, and what each proves.
//!
//! In: TOML under `assets/dialects/devices/`. Out: patterns with what they tell, checked against
//! their own samples.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::bytes::Captures;
use serde::Deserialize;

use super::codes;
use super::pattern::{Pattern, compiled};
use super::tells::{Tell, tell};
use super::words::Reads;
use crate::evidence::{Event, FactValue, Reader};
use crate::knowledge::codes::tables;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dialect: String,
    #[serde(default = "yes")]
    stack: bool,
    source: String,
    /// Texts in lower case, one of which stands in every line of the file: only such lines are
    /// looked at, whatever the case of their letters.
    markers: Vec<String>,
    line: Vec<Entry>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    pattern: String,
    sample: Vec<String>,
    /// Lines that look alike and must not match.
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    tells: Vec<String>,
    /// Table in which the group `code` is looked up.
    table: Option<String>,
    /// Function for an Mbed TLS code in the group `code` (or `hex`, digits without `0x`).
    mbedtls: Option<String>,
    #[serde(default)]
    set: Vec<SetEntry>,
    /// Name of a request whose key is the group `key` (0 without).
    request: Option<String>,
    /// Answers such a request.
    #[serde(default)]
    answer: bool,
    /// What the final `OK` of the command on this line proves.
    #[serde(default)]
    on_ok: Vec<String>,
    /// What its final `ERROR` proves.
    #[serde(default)]
    on_error: Vec<String>,
    /// How the group `what` is read.
    reads: Option<String>,
    /// Lines that match this are not its own.
    unless: Option<String>,
    /// Others print this too: the line alone does not name the dialect.
    #[serde(default)]
    common: bool,
    #[serde(default, rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetEntry {
    fact: String,
    /// Value for every line of the pattern.
    value: Option<toml::Value>,
    /// Group that holds the value.
    group: Option<String>,
    /// Value for each text of the group; texts that are not here set nothing.
    #[serde(default)]
    map: BTreeMap<String, toml::Value>,
    /// The group is a number.
    #[serde(default)]
    int: bool,
}

/// One pattern with what it proves.
pub(super) struct Line {
    pub(super) dialect: &'static str,
    pub(super) stack: bool,
    pub(super) common: bool,
    pub(super) regex: Pattern,
    id: String,
    tells: Vec<Event>,
    table: Option<String>,
    mbedtls: Option<String>,
    set: Vec<Set>,
    request: Option<Arc<str>>,
    answer: bool,
    on_ok: Vec<Event>,
    on_error: Vec<Event>,
    reads: Option<Reads>,
    unless: Option<Pattern>,
}

struct Set {
    fact: Arc<str>,
    value: Option<FactValue>,
    group: String,
    map: BTreeMap<String, FactValue>,
    int: bool,
}

/// Reads one file; faults are one sentence each and leave their line out. Its markers are added to
/// `markers`. Whether the samples match is for [`check`] to say.
pub(super) fn read(
    name: &str,
    text: &str,
    markers: &mut Vec<String>,
    faults: &mut Vec<String>,
) -> Vec<Line> {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            faults.push(format!("{name}: {error}"));
            return Vec::new();
        }
    };
    if file.source.trim().is_empty() {
        faults.push(format!("{name}: no source"));
    }
    // Names of dialects live as long as the process; the files are read once.
    let dialect: &'static str = String::leak(file.dialect);
    let mut lines = Vec::new();
    for entry in file.line {
        let id = format!("{name}, {}", entry.id);
        match line(dialect, file.stack, entry, &id) {
            Ok(line) => lines.push(line),
            Err(why) => faults.push(format!("{id}: {why}")),
        }
    }
    markers.extend(file.markers);
    lines
}

/// Faults of the patterns of one file, by their samples.
pub(super) fn check(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // What is no file at all is told where it is read.
    let Ok(file) = toml::from_str::<File>(text) else {
        return faults;
    };
    for entry in &file.line {
        let id = format!("{name}, {}", entry.id);
        for sample in &entry.sample {
            let low = sample.to_ascii_lowercase();
            if !file.markers.iter().any(|m| low.contains(m.as_str())) {
                faults.push(format!("{id}: no marker stands in \"{sample}\""));
            }
        }
        if let Err(why) = check_entry(entry) {
            faults.push(format!("{id}: {why}"));
        }
    }
    faults
}

fn check_entry(entry: &Entry) -> Result<(), String> {
    let regex = compiled(&entry.pattern)?;
    if let Some(miss) = entry.sample.iter().find(|s| !regex.is_match(s.as_bytes())) {
        return Err(format!("the sample \"{miss}\" does not match"));
    }
    let unless = entry.unless.as_deref().map(compiled).transpose()?;
    let refused = |s: &str| unless.as_ref().is_some_and(|u| u.is_match(s.as_bytes()));
    if let Some(hit) = entry.sample.iter().find(|s| refused(s)) {
        return Err(format!("the sample \"{hit}\" is refused"));
    }
    let matches = |s: &str| regex.is_match(s.as_bytes()) && !refused(s);
    if let Some(hit) = entry.not.iter().find(|s| matches(s)) {
        return Err(format!("\"{hit}\" matches and must not"));
    }
    if entry.sample.is_empty() {
        return Err("no sample".to_owned());
    }
    let group = |name: &str| regex.capture_names().flatten().any(|n| n == name);
    if let Some(table) = &entry.table {
        if tables().device(table).is_none() {
            return Err(format!("there is no table {table}"));
        }
        if !group("code") && !group("errname") {
            return Err("a table, but no group \"code\"".to_owned());
        }
    }
    let reads = entry.reads.as_deref().map(Reads::of).transpose()?;
    if reads.is_some_and(|r| r != Reads::Nothing) && !group("what") {
        return Err("words to read, but no group \"what\"".to_owned());
    }
    for s in &entry.set {
        if s.value.is_none() && !group(s.group.as_deref().unwrap_or_default()) {
            return Err(format!("{} has neither value nor group", s.fact));
        }
    }
    Ok(())
}

fn line(dialect: &'static str, stack: bool, entry: Entry, id: &str) -> Result<Line, String> {
    let reads = entry.reads.as_deref().map(Reads::of).transpose()?;
    let tells = events(&entry.tells)?;
    let (on_ok, on_error) = (events(&entry.on_ok)?, events(&entry.on_error)?);
    let mut set = Vec::new();
    for s in entry.set {
        let value = s.value.as_ref().map(fact_value).transpose()?;
        let map = s
            .map
            .iter()
            .map(|(k, v)| Ok((k.clone(), fact_value(v)?)))
            .collect::<Result<_, String>>()?;
        set.push(Set {
            fact: s.fact.as_str().into(),
            value,
            group: s.group.unwrap_or_default(),
            map,
            int: s.int,
        });
    }
    Ok(Line {
        dialect,
        stack,
        common: entry.common,
        regex: Pattern::new(entry.pattern),
        id: id.to_owned(),
        tells,
        table: entry.table,
        mbedtls: entry.mbedtls,
        set,
        request: entry.request.map(Into::into),
        answer: entry.answer,
        on_ok,
        on_error,
        reads,
        unless: entry.unless.map(Pattern::new),
    })
}

fn events(words: &[String]) -> Result<Vec<Event>, String> {
    words
        .iter()
        .map(|words| match tell(words)? {
            Tell::Event(event) => Ok(event),
            Tell::OwnError => Err("\"error\" needs a name here".to_owned()),
        })
        .collect()
}

fn fact_value(value: &toml::Value) -> Result<FactValue, String> {
    Ok(match value {
        toml::Value::Boolean(b) => FactValue::Bool(*b),
        toml::Value::Integer(n) => FactValue::Int(*n),
        toml::Value::String(s) => FactValue::Text(s.clone()),
        other => return Err(format!("{other} is no value of a fact")),
    })
}

fn text<'a>(caps: &Captures<'a>, group: &str) -> Option<&'a str> {
    std::str::from_utf8(caps.name(group)?.as_bytes()).ok()
}

/// A number as devices print it: decimal, `0x…` or `-0x…`.
fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let hex = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let magnitude = match hex {
        Some(hex) => match i64::from_str_radix(hex, 16).ok()? {
            // A small negative number that was printed as unsigned.
            wrapped @ 0xFFFF_0000..=0xFFFF_FFFF => wrapped - 0x1_0000_0000,
            plain => plain,
        },
        None => digits.parse().ok()?,
    };
    Some(sign * magnitude)
}

impl Line {
    /// Which pattern this is, for messages about it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Does it read the line's error code?
    pub(super) fn reads_code(&self) -> bool {
        self.mbedtls.is_some() || self.table.is_some()
    }

    /// Does the final result of the command on this line prove something?
    pub(super) fn expects(&self) -> bool {
        !self.on_ok.is_empty() || !self.on_error.is_empty()
    }

    /// Does it read the line whole, so that its words mean nothing else?
    pub(super) fn reads_words(&self) -> bool {
        self.reads.is_some()
    }

    /// Is the line one that only looks like its own?
    pub(super) fn refuses(&self, bytes: &[u8]) -> bool {
        self.unless.as_ref().is_some_and(|u| u.is_match(bytes))
    }

    /// What pairs the request on this line with its answer.
    pub(super) fn key(&self, bytes: &[u8]) -> u16 {
        let caps = self.regex.captures(bytes);
        caps.as_ref()
            .and_then(|c| text(c, "key")?.parse().ok())
            .unwrap_or(0)
    }

    /// Says what the final result of its command proves.
    pub(super) fn ended(&self, key: u16, ok: bool, words: &str, emit: &mut dyn FnMut(Event)) {
        let events = if ok { &self.on_ok } else { &self.on_error };
        if events.is_empty() {
            return;
        }
        if self.request.is_some() {
            emit(Event::Answer {
                key,
                what: words.into(),
            });
        }
        for event in events {
            emit(event.clone());
        }
    }

    /// Facts that it may set.
    pub(super) fn facts(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(|s| &*s.fact)
    }

    /// Says what a line that matches proves.
    pub(super) fn say(&self, bytes: &[u8], emit: &mut dyn FnMut(Event)) {
        let Some(caps) = self.regex.captures(bytes) else {
            return;
        };
        for s in &self.set {
            if let Some(value) = s.value(&caps) {
                emit(Event::Setting {
                    fact: s.fact.clone(),
                    value,
                });
            }
        }
        let mut tells = self.tells.iter();
        // An attempt begins before what is said of it.
        let rest: Vec<&Event> = tells
            .by_ref()
            .filter(|e| {
                let start = matches!(e, Event::SessionStart);
                if start {
                    emit((*e).clone());
                }
                !start
            })
            .collect();
        if let Some(host) = text(&caps, "host").filter(|h| !h.is_empty()) {
            let port = text(&caps, "port").map_or(String::new(), |p| format!(":{p}"));
            emit(Event::Target(format!("{host}{port}")));
        }
        let key = text(&caps, "key").and_then(|k| k.parse().ok()).unwrap_or(0);
        if let Some(what) = &self.request {
            emit(Event::Request {
                key,
                what: what.clone(),
            });
        }
        for event in rest {
            emit(event.clone());
        }
        if let (Some(reads), Some(what)) = (self.reads, text(&caps, "what")) {
            reads.say(what, emit);
        }
        let code = text(&caps, "code").and_then(number);
        if let (Some(table), Some(code)) = (&self.table, code) {
            codes::code_events(table, code, emit);
            if self.answer {
                let what = codes::code_words(table, code).into();
                emit(Event::Answer { key, what });
            }
        } else if self.answer {
            let what = String::from_utf8_lossy(bytes.trim_ascii());
            emit(Event::Answer {
                key,
                what: what.into(),
            });
        }
        if let Some(function) = &self.mbedtls {
            let hex = text(&caps, "hex").and_then(|h| i64::from_str_radix(h, 16).ok());
            if let Some(code) = hex.or(code).filter(|c| *c != 0) {
                let code = if code > 0x7FFF_FFFF {
                    code - 0x1_0000_0000
                } else {
                    -code.abs()
                };
                emit(Event::Code {
                    function: text(&caps, "fn")
                        .unwrap_or_else(|| super::function_of(function, code))
                        .to_owned(),
                    code,
                    by: Reader::Application,
                });
            }
        }
        if let Some(ms) = text(&caps, "ms").and_then(|t| t.parse().ok()) {
            emit(Event::GaveUp { after_ms: Some(ms) });
        }
        let flags = text(&caps, "flags").and_then(number);
        if let Some(flags) = flags
            .and_then(|f| u32::try_from(f).ok())
            .filter(|f| *f != 0)
        {
            emit(Event::VerifyFlags(flags));
        }
        if let Some(name) = text(&caps, "errname") {
            if let Some(table) = &self.table
                && codes::name_events(table, name, emit)
            {
                return;
            }
            emit(Event::ErrorName {
                name: name.to_owned(),
                by: Reader::Application,
            });
        }
    }
}

impl Set {
    fn value(&self, caps: &Captures<'_>) -> Option<FactValue> {
        if let Some(value) = &self.value {
            return Some(value.clone());
        }
        let text = text(caps, &self.group)?;
        if !self.map.is_empty() {
            return self.map.get(text).cloned();
        }
        if self.int {
            return number(text).map(FactValue::Int);
        }
        Some(FactValue::Text(text.to_owned()))
    }
}
