//! `report`: writes the report of these inputs into a file, or prints the letter.

use serde_json::json;

use super::arguments::Report;
use super::diagnose::status;
use super::inputs::{now, read};
use super::output::{Status, Streams};
use crate::report::{LeaveOut, ReportForm, ReportSource, letter_text, page, write_report};

pub(super) fn run(given: &Report, json: bool, streams: &mut Streams<'_>) -> Status {
    let mut files = match read(&given.case, streams) {
        Ok(files) => files,
        Err(refused) => {
            streams.say(&refused.0);
            return Status::Unusable;
        }
    };
    let snapshot = files.snapshot(now());
    let source = ReportSource {
        snapshot: &snapshot,
        line: &|id, line| files.line(id, line),
        sha256: &|id| files.sha256(id),
    };
    let leave_out = LeaveOut {
        secrets: !given.with_secrets,
        addresses: !given.with_addresses,
        hosts: given.without_hosts,
        identities: !given.with_identities,
        raw_log: !given.with_log,
    };
    if given.letter {
        let text = letter_text(&source, leave_out);
        if text.is_empty() {
            streams.say("There is no letter for what these inputs show.");
        } else {
            streams.result(text.trim_end());
        }
    }
    let Some(output) = &given.output else {
        return status(&snapshot);
    };
    let name = output.to_string_lossy().into_owned();
    let Some(form) = ReportForm::from_name(&name) else {
        streams.say(&format!(
            "{name} names no form. End it in .html, .md or .json."
        ));
        return Status::Unusable;
    };
    let text = write_report(&source, form, leave_out);
    if let Err(e) = std::fs::write(output, &text) {
        streams.say(&format!("{name} cannot be written: {e}."));
        return Status::Unusable;
    }
    let blanked = page(&source, leave_out).blanked;
    if json {
        let blanked: Vec<_> = blanked
            .iter()
            .map(|b| json!({"what": b.what, "count": b.count}))
            .collect();
        streams.json(&json!({
            "schema": "handlens.report_written/1",
            "file": name,
            "bytes": text.len(),
            "verdict": snapshot.verdict.kind.as_str(),
            "left_out": blanked,
        }));
    } else {
        streams.result(&format!("{name} is written."));
        for b in &blanked {
            streams.say(&format!("Blanked: {} {}.", b.count, b.what));
        }
    }
    status(&snapshot)
}
