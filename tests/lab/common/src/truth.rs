//! `truth.toml`: what the lab knows about each recording.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::serial;
use crate::wire::{Alert, Tap, alert_name};

/// How an attempt ended.
pub enum Ended {
    /// The handshake completed.
    Completed,
    /// The stack gave up with this code.
    Failed(i32),
    /// The application gave up: nothing came any more.
    Stalled,
    /// There was no connection to begin with.
    NotConnected,
}

/// What was recorded, and why it ended as it did.
pub struct Label {
    /// The name of its files.
    pub name: &'static str,
    /// The cause that was put in; `none` where there is none.
    pub cause: &'static str,
    /// Causes that a careful reader could name from the same log.
    pub also_acceptable: &'static [&'static str],
}

const HEAD: &str = "[[session]]\n";

/// Writes the entry of a recording into `truth.toml` in place of an older one; the rest stays.
pub fn save(folder: &Path, label: &Label, ended: &Ended, tap: &Tap) -> io::Result<()> {
    let path = folder.join("truth.toml");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let own = format!("file = \"{}.log\"\n", label.name);
    let mut entries: Vec<String> = old
        .split(HEAD)
        .map(|entry| entry.trim().to_owned())
        .filter(|entry| !entry.is_empty())
        .collect();
    entries.retain(|entry| !entry.starts_with(own.trim_end()));
    entries.push(own + &entry(label, ended, tap));
    entries.sort();
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| format!("{HEAD}{}\n", entry.trim_end()))
        .collect();
    fs::write(path, entries.join("\n"))
}

fn entry(label: &Label, ended: &Ended, tap: &Tap) -> String {
    let (year, month, day) = serial::today();
    let mut text = format!("recorded = {year}-{month:02}-{day:02}\ncause = \"{}\"\n", label.cause);
    let also: Vec<String> = label.also_acceptable.iter().map(|id| format!("{id:?}")).collect();
    let _ = writeln!(text, "also_acceptable = [{}]", also.join(", "));
    let (outcome, result) = match ended {
        Ended::Completed => ("completed", None),
        Ended::Failed(code) => ("failed", Some(code)),
        Ended::Stalled => ("stalled", None),
        Ended::NotConnected => ("never_started", None),
    };
    let _ = writeln!(text, "outcome = \"{outcome}\"");
    if let Some(code) = result {
        let _ = writeln!(text, "result = \"-0x{:04X}\"", code.unsigned_abs());
    }
    let steps = tap
        .steps
        .iter()
        .map(|step| format!("direction = \"{}\", name = \"{}\"", step.direction.word(), step.name));
    list(&mut text, "steps", steps);
    list(&mut text, "alerts", tap.alerts.iter().map(alert));
    if !tap.lost.is_empty() {
        list(&mut text, "lost_alerts", tap.lost.iter().map(alert));
    }
    text
}

fn alert(alert: &Alert) -> String {
    let level = if alert.level == 2 { "fatal" } else { "warning" };
    let (direction, number, name) = (alert.direction.word(), alert.number, alert_name(alert.number));
    format!("direction = \"{direction}\", level = \"{level}\", number = {number}, name = \"{name}\"")
}

/// Writes an array of inline tables, one a line.
fn list(text: &mut String, key: &str, tables: impl Iterator<Item = String>) {
    let lines: Vec<String> = tables.map(|table| format!("  {{ {table} }},\n")).collect();
    let lines = lines.concat();
    let _ = if lines.is_empty() {
        writeln!(text, "{key} = []")
    } else {
        writeln!(text, "{key} = [\n{lines}]")
    };
}
