//! The part of a report that judges: causes, next check, what is ruled out, tree, findings, facts.

use super::{Block, Writer, moment};
use crate::diagnose::{RankedCause, TreeAnswer, TreeNodeState, TrialResult};
use crate::evidence::FactValue;

impl Writer<'_> {
    pub(super) fn causes(&mut self) {
        let source = self.source;
        let causes: Vec<&RankedCause> = source
            .snapshot
            .diagnosis
            .causes
            .iter()
            .filter(|c| c.score >= super::super::json::LEAST_SCORE)
            .take(5)
            .collect();
        if causes.is_empty() {
            return;
        }
        self.heading("Likely causes");
        let mut quoted = String::new();
        for (rank, cause) in causes.iter().enumerate() {
            let (pro, contra): (Vec<_>, Vec<_>) =
                cause.evidence.iter().partition(|e| e.level.is_for());
            let title = self.clean(&cause.title);
            self.blocks.push(Block::Item {
                number: (rank + 1).to_string(),
                text: format!(
                    "{title} ({}, {}): {} for, {} against.",
                    cause.number,
                    cause.id,
                    pro.len(),
                    contra.len()
                ),
            });
            if rank == 0 && !cause.explanation.is_empty() {
                self.text(&cause.explanation);
            }
            for evidence in pro.iter().chain(&contra) {
                // What is quoted is the line that the place names, and no other.
                let first = evidence.origins.first();
                let proof = first.and_then(|o| source.proof(o));
                let place = first.map(|o| source.place(o)).unwrap_or_default();
                let label = if evidence.level.is_for() {
                    format!("for, {}", evidence.level.as_str())
                } else {
                    "against".to_owned()
                };
                let sentence = &evidence.sentence;
                if place.is_empty() {
                    self.row(&label, sentence);
                } else {
                    self.row(&label, &format!("{sentence} ({place})"));
                }
                let text = proof.map(|(_, _, text)| text).unwrap_or_default();
                if !text.is_empty() && text != quoted {
                    self.line(&text);
                    quoted = text;
                }
            }
        }
        let other = source.snapshot.diagnosis.other;
        if other >= 0.3 {
            self.text("Much remains open: none of these is close to certain.");
        }
    }

    pub(super) fn next(&mut self) {
        let source = self.source;
        let diagnosis = &source.snapshot.diagnosis;
        let mut items: Vec<String> = Vec::new();
        items.extend(diagnosis.next_check.clone());
        for cause in diagnosis.causes.iter().take(2) {
            for text in [&cause.next_check, &cause.fix] {
                if !text.is_empty() && !items.contains(text) {
                    items.push(text.clone());
                }
            }
        }
        items.extend(diagnosis.better_log.clone());
        if items.is_empty() {
            return;
        }
        self.heading("What to do next");
        for (i, item) in items.iter().enumerate() {
            let text = self.clean(item);
            self.blocks.push(Block::Item {
                number: (i + 1).to_string(),
                text,
            });
        }
    }

    /// What was tried, and the experiments that would tell most.
    pub(super) fn experiments(&mut self) {
        let experiments = &self.source.snapshot.experiments;
        if !experiments.tried.is_empty() {
            self.heading("What was tried");
            for t in &experiments.tried {
                let how = match t.trial.result {
                    TrialResult::Works => "works",
                    TrialResult::Same => "fails as before",
                    TrialResult::Otherwise => "fails in another way",
                };
                let mut text = format!("{how}. {}", t.sentence);
                if !t.trial.note.is_empty() {
                    text = format!("{text} Note: {}", t.trial.note);
                }
                self.row(&t.what, &text);
            }
        }
        if !experiments.planned.is_empty() {
            self.heading("What to try, one change at a time");
            for p in &experiments.planned {
                let time = format!("about {} min", p.minutes);
                self.row(&p.short, &format!("{} {} ({time})", p.change, p.keep));
            }
        }
    }

    pub(super) fn ruled_out(&mut self) {
        let source = self.source;
        let eliminated = &source.snapshot.diagnosis.eliminated;
        if eliminated.is_empty() {
            return;
        }
        self.heading("Ruled out");
        // Many causes fall for one reason: the reason is said once.
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for e in eliminated {
            let place = e
                .reason
                .origins
                .first()
                .map(|o| format!(" ({})", source.place(o)))
                .unwrap_or_default();
            let reason = format!("{}{place}", e.reason.sentence);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, titles)) => titles.push(&e.title),
                None => reasons.push((reason, vec![&e.title])),
            }
        }
        let rows = reasons
            .into_iter()
            .map(|(reason, titles)| vec![titles.join(" \u{b7} "), reason])
            .collect();
        self.table(&["What", "Because"], rows, &[]);
    }

    pub(super) fn tree(&mut self) {
        let source = self.source;
        let tree = &source.snapshot.diagnosis.tree;
        if tree.path.is_empty() && tree.open.is_none() {
            return;
        }
        self.heading("Way through the questions");
        for id in &tree.path {
            let Some(node) = tree.nodes.iter().find(|n| &n.id == id) else {
                continue;
            };
            if let TreeNodeState::Done { answer, by } = &node.state {
                let by = match by {
                    TreeAnswer::User => "answered by hand".to_owned(),
                    TreeAnswer::Evidence(origins) => origins
                        .first()
                        .map_or_else(|| "evidence".into(), |o| source.place(o)),
                };
                self.row(id, &format!("{} {answer} ({by})", node.question));
            }
        }
        let open = tree.open.as_ref();
        if let Some(node) = open.and_then(|id| tree.nodes.iter().find(|n| &n.id == id)) {
            self.row(&node.id, &format!("open: {} {}", node.question, node.how));
        }
    }

    pub(super) fn findings(&mut self) {
        let source = self.source;
        if source.snapshot.diagnosis.findings.is_empty() {
            return;
        }
        self.heading("Also found");
        for finding in &source.snapshot.diagnosis.findings {
            self.text(&finding.sentence);
        }
    }

    pub(super) fn facts(&mut self) {
        let source = self.source;
        let rows: Vec<Vec<String>> = source
            .snapshot
            .facts
            .iter()
            .map(|f| {
                let value = match &f.state {
                    crate::evidence::FactState::Known(FactValue::Int(s)) if is_moment(&f.name) => {
                        moment(s.saturating_mul(1_000_000))
                    }
                    crate::evidence::FactState::Known(v) => v.display(),
                    crate::evidence::FactState::Absent => "none".into(),
                };
                let place = f
                    .origins
                    .first()
                    .map(|o| source.place(o))
                    .unwrap_or_default();
                vec![f.name.clone(), value, place]
            })
            .collect();
        if !rows.is_empty() {
            self.heading("All facts");
            self.table(&["Fact", "Value", "From"], rows, &[]);
        }
    }
}

/// Facts in seconds since 1970 (unit `Unix s` in the registry).
fn is_moment(name: &str) -> bool {
    [".not_before", ".not_after", ".clock"]
        .iter()
        .any(|end| name.ends_with(end))
}
