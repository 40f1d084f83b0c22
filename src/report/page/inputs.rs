//! The part of a report about its inputs: files, certificates, clocks, the raw log.

use super::{Block, Writer, moment};
use crate::cert::{Content, Fit, Object};
use crate::session::FileContent;
use crate::session::figures::{count, grouped, size};

/// Lines of the raw log that a report carries at most.
const RAW_LINES: u32 = 5_000;

impl Writer<'_> {
    pub(super) fn inputs(&mut self) {
        let source = self.source;
        self.heading("Inputs");
        let rows = source
            .snapshot
            .inputs
            .iter()
            .map(|i| {
                vec![
                    i.name.clone(),
                    i.kind.as_str().to_owned(),
                    i.dialects.join(", "),
                    grouped(i.lines.into()),
                    size(i.bytes),
                    (source.sha256)(i.id).unwrap_or_default(),
                ]
            })
            .collect();
        self.table(
            &["Name", "Kind", "Dialect", "Lines", "Size", "SHA-256"],
            rows,
            &[3, 4],
        );
        for clock in &source.snapshot.clocks {
            self.text(&clock.sentence);
        }
        for gap in &source.snapshot.gaps {
            self.text(&gap.sentence);
        }
        for problem in &source.snapshot.problems {
            self.text(&problem.sentence);
        }
    }

    /// What the files hold: certificates and settings, and what the device makes of them.
    pub(super) fn files(&mut self) {
        let snapshot = self.source.snapshot;
        let mut rows = Vec::new();
        for seen in &snapshot.files {
            if let FileContent::Certificates(file) = &seen.content {
                rows.extend(file.objects.iter().map(|o| object_row(&seen.name, o)));
            }
        }
        if !rows.is_empty() {
            self.heading("Certificates and keys");
            self.table(&["File", "Kind", "Name", "Size", "Valid until"], rows, &[3]);
        }
        let inspection = snapshot.certificates.inspection();
        if !inspection.fit.is_empty() {
            let rows = inspection.fit.iter().map(fit_row).collect();
            let device = snapshot.certificates.profile.as_ref();
            let name = device.map_or("the device", |d| d.name.as_str());
            self.heading(&format!("Fit against {name}"));
            self.table(
                &["What", "Of", "Value", "Limit", "Verdict", "Source"],
                rows,
                &[],
            );
        }
        for statement in &inspection.statements {
            self.text(&statement.sentence);
        }
        for seen in &snapshot.files {
            if let FileContent::Config(config) = &seen.content {
                for trap in &config.traps {
                    // What a file does not define stands in no line of it.
                    let place = match trap.line {
                        0 => seen.name.clone(),
                        line => format!("{}, line {line}", seen.name),
                    };
                    self.text(&format!("{place}: {}", trap.sentence));
                }
            }
        }
    }

    pub(super) fn raw_log(&mut self) {
        let source = self.source;
        for input in &source.snapshot.inputs {
            if input.lines == 0 {
                continue;
            }
            self.heading(&format!("Log of {}", input.name));
            let shown = input.lines.min(RAW_LINES);
            let text: Vec<String> = (1..=shown)
                .map(|n| (source.line)(input.id, n).unwrap_or_default())
                .collect();
            // As a whole, so that a key over many lines is recognised.
            let text = self.clean(&text.join("\n"));
            self.blocks
                .extend(text.split('\n').map(|l| Block::Raw(l.to_owned())));
            if input.lines > shown {
                self.text(&format!(
                    "{} more are in the session.",
                    count((input.lines - shown).into(), "line")
                ));
            }
        }
    }
}

fn object_row(file: &str, object: &Object) -> Vec<String> {
    let (name, until) = match &object.content {
        Content::Certificate(c) => (
            c.subject.text(),
            c.not_after
                .map(|m| moment(m.unix_s.saturating_mul(1_000_000)))
                .unwrap_or_default(),
        ),
        Content::Request(r) => (r.subject.text(), String::new()),
        Content::Crl(crl) => (crl.issuer.text(), String::new()),
        _ => (String::new(), String::new()),
    };
    vec![
        file.to_owned(),
        object.content.kind().replace('_', " "),
        name,
        size(object.der_bytes as u64),
        until,
    ]
}

fn fit_row(fit: &Fit) -> Vec<String> {
    let value = fit
        .value
        .map(|n| grouped(i64::try_from(n).unwrap_or(i64::MAX)));
    let limits: Vec<String> = fit
        .limits
        .iter()
        .map(|n| grouped(i64::try_from(*n).unwrap_or(i64::MAX)))
        .chain(fit.one_of.iter().cloned())
        .collect();
    vec![
        fit.kind.text().to_owned(),
        fit.of.clone(),
        value.or_else(|| fit.text.clone()).unwrap_or_default(),
        limits.join(" or "),
        fit.verdict.as_str().to_owned(),
        fit.source.clone(),
    ]
}
