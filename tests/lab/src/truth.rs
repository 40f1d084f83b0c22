//! `truth.toml`: what the lab knows about each recording.

use std::fmt::Write;

use crate::device::Ended;
use crate::scenario::Scenario;
use crate::wire::{Alert, Tap, alert_name};

/// One `[[session]]` entry.
pub fn entry(scenario: &Scenario, ended: &Ended, tap: &Tap) -> String {
    let mut text = format!(
        "\n[[session]]\nfile = \"{}.log\"\ncause = \"{}\"\n",
        scenario.name, scenario.cause
    );
    let also: Vec<String> = scenario.also_acceptable.iter().map(|id| format!("{id:?}")).collect();
    let _ = writeln!(text, "also_acceptable = [{}]", also.join(", "));
    let (outcome, result) = match ended {
        Ended::Completed => ("completed", Some(0)),
        Ended::Failed(code) => ("failed", Some(*code)),
        Ended::Stalled => ("stalled", None),
        Ended::NotConnected => ("never_started", None),
    };
    let _ = writeln!(text, "outcome = \"{outcome}\"");
    if let Some(code) = result.filter(|code| *code != 0) {
        let _ = writeln!(text, "result = \"-0x{:04X}\"", code.unsigned_abs());
    }
    text.push_str("steps = [\n");
    for step in &tap.steps {
        let _ = writeln!(
            text,
            "  {{ direction = \"{}\", name = \"{}\" }},",
            step.direction.word(),
            step.name
        );
    }
    text.push_str("]\n");
    alerts(&mut text, "alerts", &tap.alerts);
    if !tap.lost.is_empty() {
        alerts(&mut text, "lost_alerts", &tap.lost);
    }
    text
}

fn alerts(text: &mut String, key: &str, alerts: &[Alert]) {
    let _ = writeln!(text, "{key} = [");
    for alert in alerts {
        let level = if alert.level == 2 { "fatal" } else { "warning" };
        let (direction, number, name) = (alert.direction.word(), alert.number, alert_name(alert.number));
        let _ = writeln!(
            text,
            "  {{ direction = \"{direction}\", level = \"{level}\", number = {number}, name = \"{name}\" }},"
        );
    }
    text.push_str("]\n");
}
