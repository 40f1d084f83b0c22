//! `certs OLD NEW --compare`: what changed from one file to the other.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cert::{
    Against, CertFile, CertTables, Certificate, Change, CompareSide, Comparison, Question, Weight,
};
use crate::session::figures::{count, grouped};

/// The two files and what changed.
pub(super) struct Compare<'a> {
    old: &'a CertFile,
    new: &'a CertFile,
    found: Comparison,
}

impl<'a> Compare<'a> {
    pub fn of(
        old: &'a CertFile,
        new: &'a CertFile,
        question: &Question<'_>,
        tables: &CertTables,
    ) -> Self {
        let trusted: Vec<&Certificate> = question
            .trusted
            .iter()
            .flat_map(CertFile::certificates)
            .collect();
        let mut found = Comparison::of(
            &CompareSide::file(old),
            &CompareSide::file(new),
            &Against {
                profile: question.profile,
                host: question.host,
                trusted: &trusted,
                at_unix_s: question.at_unix_s,
            },
        );
        tables.reword(&mut found);
        Self { old, new, found }
    }

    /// Will something that worked with the old one stop with the new one?
    pub fn breaks(&self) -> bool {
        self.found.worst() == Some(Weight::Breaks)
    }

    /// The value of `comparison` in the JSON contract.
    pub fn json(&self) -> Value {
        let side = |file: &CertFile| {
            json!({
                "name": file.name,
                "certificates": file.certificates().map(|c| json!({
                    "title": c.title(),
                    "der_bytes": c.der_bytes(),
                    "sha256": c.sha256,
                })).collect::<Vec<_>>(),
            })
        };
        let bytes = |file: &CertFile, index: Option<usize>| {
            index
                .and_then(|i| file.certificates().nth(i))
                .map(Certificate::der_bytes)
        };
        json!({
            "old": side(self.old),
            "new": side(self.new),
            "same": self.found.is_same(),
            "worst": self.found.worst().map(Weight::as_str),
            "changes": self.found.all().iter().map(|(of, c)| json!({
                "id": c.id,
                "of": of,
                "what": c.what,
                "old": c.old,
                "new": c.new,
                "weight": c.weight.as_str(),
                "why": c.why,
                "source": c.source,
            })).collect::<Vec<_>>(),
            "certificates": self.found.certificates.iter().map(|c| json!({
                "part": c.part,
                "old": c.old,
                "new": c.new,
                "same_bytes": c.same_bytes,
                "old_bytes": bytes(self.old, c.old),
                "new_bytes": bytes(self.new, c.new),
                "fields": c.fields.iter().map(|f| json!({
                    "field": f.field,
                    "old_bytes": f.old,
                    "new_bytes": f.new,
                    "same": f.same,
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    }

    /// The same for reading.
    pub fn text(&self) -> String {
        let mut out = format!("Old: {}\nNew: {}\n", self.old.name, self.new.name);
        for compared in &self.found.certificates {
            let of = |file: &'a CertFile, index: Option<usize>| {
                index.and_then(|i| file.certificates().nth(i))
            };
            let (old, new) = (of(self.old, compared.old), of(self.new, compared.new));
            let size = |c: Option<&Certificate>| {
                c.map_or_else(|| "none".into(), |c| grouped_size(c.der_bytes()))
            };
            let title = new.or(old).map(Certificate::title).unwrap_or_default();
            let same = if compared.same_bytes {
                ", the same bytes"
            } else {
                ""
            };
            let _ = writeln!(
                out,
                "  {:<13}{title}: {} -> {} bytes{same}",
                compared.part,
                size(old),
                size(new)
            );
        }
        let mut last = None;
        for (of, change) in self.found.all() {
            if last != Some(change.weight) {
                let _ = writeln!(out, "\n{}", heading(change.weight));
                last = Some(change.weight);
            }
            let _ = writeln!(out, "  {of}, {}: {}", change.what, values(change));
            let _ = writeln!(out, "      {} [{}]", change.why, change.source);
        }
        for compared in &self.found.certificates {
            let moved: Vec<String> = compared
                .fields
                .iter()
                .filter(|f| f.old != f.new)
                .map(|f| {
                    format!(
                        "{} {} -> {}",
                        f.field.replace('_', " "),
                        grouped_size(f.old),
                        grouped_size(f.new)
                    )
                })
                .collect();
            if !moved.is_empty() && compared.old.is_some() && compared.new.is_some() {
                let _ = writeln!(
                    out,
                    "\nBytes of the {}: {} of {} changed in size: {}",
                    compared.part,
                    moved.len(),
                    count(compared.fields.len() as u64, "field"),
                    moved.join(", ")
                );
            }
        }
        if self.found.is_same() {
            out.push_str("\nBoth are the same, byte for byte.\n");
        }
        out
    }
}

fn heading(weight: Weight) -> &'static str {
    match weight {
        Weight::Breaks => "Breaks what worked",
        Weight::Check => "Check with the device",
        Weight::Better => "Better now",
        Weight::Usual => "Usual in a renewal",
    }
}

fn values(change: &Change) -> String {
    match (change.old.as_str(), change.new.as_str()) {
        (old, "") => old.to_owned(),
        ("", new) => new.to_owned(),
        (old, new) => format!("{old} -> {new}"),
    }
}

fn grouped_size(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}
