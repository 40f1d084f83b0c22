//! Where inputs of a case contradict each other beyond one handshake: clocks, certificates, and a
//! capture that does not show the handshake of the log.
//!
//! In: attempts that belong together, files. Out: facts `contradiction.*` that say what each source
//! says. Which of them is right is not decided here.

use std::sync::Arc;

use super::Case;
use crate::cert::{CertFile, Certificate};
use crate::evidence::{FactSet, FactValue, InputId, Micros, Origin, TimeBase};
use crate::session::figures::{count, rfc3339};
use crate::session::file_seen::FileContent;
use crate::timeline::Attempt;

impl Case {
    /// Two inputs with dates and the same handshake, days apart: one clock is wrong.
    pub(super) fn compare_clocks(&self, of: &Attempt, other: &Attempt, known: &mut FactSet) {
        const DAY: Micros = 86_400_000_000;
        let dated = |id| {
            self.position(id)
                .and_then(|at| self.inputs.get(at))
                .is_some_and(|i| i.input.time_base == TimeBase::Unix)
        };
        let Some((here, there)) = of
            .started
            .zip(other.started)
            .filter(|_| dated(of.input) && dated(other.input))
        else {
            return;
        };
        let days = (here - there) / DAY;
        if days != 0 && known.get("contradiction.clock").is_none() {
            let way = if days < 0 { "behind" } else { "ahead of" };
            let text = format!(
                "{} is {} {way} {}",
                self.name_of(of.input),
                count(days.unsigned_abs(), "day"),
                self.name_of(other.input)
            );
            known.know(
                "contradiction.clock",
                FactValue::Text(text),
                Origin::line(of.input, of.first_line),
            );
        }
    }

    /// A capture all of whose hellos have another random than the log's: it shows other handshakes.
    pub(super) fn note_other_handshakes(
        &self,
        of: &Attempt,
        attempts: &[Arc<Attempt>],
        id: InputId,
        known: &mut FactSet,
    ) {
        let mut shown = attempts.iter().filter(|a| a.input == id).peekable();
        let random = of.seen.client_random;
        let others = shown.peek().is_some()
            && random.is_some()
            && shown.all(|a| a.seen.client_random.is_some_and(|r| Some(r) != random));
        if others && known.get("contradiction.handshake").is_none() {
            let text = format!(
                "the ClientHello in {} is not among those in {}",
                self.name_of(of.input),
                self.name_of(id)
            );
            known.know(
                "contradiction.handshake",
                FactValue::Text(text),
                Origin::line(of.input, of.first_line),
            );
        }
    }

    /// A file with a certificate for the server's own name that is not the one on the wire.
    pub(super) fn compare_certificates(&self, known: &mut FactSet) {
        let on_wire = self.inputs.iter().find_map(|i| match &i.content {
            Some(FileContent::Capture(capture)) => {
                let leaf = capture.certificates.as_deref()?.certificates().next()?;
                Some((leaf, i.input.id))
            }
            _ => None,
        });
        let Some((leaf, capture)) = on_wire else {
            return;
        };
        let files: Vec<(&CertFile, InputId)> = self
            .inputs
            .iter()
            .filter_map(|i| match &i.content {
                Some(FileContent::Certificates(file)) => Some((file.as_ref(), i.input.id)),
                _ => None,
            })
            .collect();
        let mut all = files.iter().flat_map(|(f, _)| f.certificates());
        if all.any(|c| c.der == leaf.der) {
            return;
        }
        for (file, id) in &files {
            let Some(other) = file.certificates().find(|c| same_owner(c, leaf)) else {
                continue;
            };
            let text = format!(
                "{} in {}, {} in {}",
                words(other),
                self.name_of(*id),
                words(leaf),
                self.name_of(capture)
            );
            known.know(
                "contradiction.certificate",
                FactValue::Text(text),
                Origin::line(*id, 1),
            );
            return;
        }
    }
}

/// Certificates of one server: neither signs others, and both are for the same subject.
fn same_owner(a: &Certificate, b: &Certificate) -> bool {
    !a.is_ca()
        && !b.is_ca()
        && (a.subject.der == b.subject.der && !a.subject.attributes.is_empty()
            || a.extensions
                .dns_names()
                .any(|n| b.extensions.dns_names().any(|m| n.eq_ignore_ascii_case(m))))
}

fn words(c: &Certificate) -> String {
    let until = c.not_after.map_or_else(
        || "without end".to_owned(),
        |m| {
            format!(
                "valid until {}",
                rfc3339(m.unix_s.saturating_mul(1_000_000))
            )
        },
    );
    let print: String = c.sha256.chars().take(16).collect();
    format!("{} ({until}, SHA-256 {print}\u{2026})", c.title())
}
