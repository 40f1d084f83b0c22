//! The part of a report about servers that were asked: what was asked and found, engines named.

use super::Writer;
use crate::server::{LibraryEnding, Probe, name_text, scheme_name, see_chain};
use crate::session::figures::{grouped, rfc3339};
use crate::session::{AskAs, ProbeOutcome, ProbeRun, ServerLook, ServerSeen};

/// Probes of one report; earlier ones are counted.
const MOST: usize = 5;

impl Writer<'_> {
    pub(super) fn servers(&mut self) {
        let runs = &self.source.snapshot.probes;
        let over: Vec<_> = runs.iter().filter(|r| !r.is_running()).cloned().collect();
        if over.is_empty() {
            return;
        }
        self.heading("Asking the server");
        let left = over.len().saturating_sub(MOST);
        if left > 0 {
            self.text(&format!(
                "{left} earlier probes are not part of this report."
            ));
        }
        for run in over.iter().skip(left) {
            self.server(run);
        }
    }

    /// What the device's configuration or profile lets expect, with its sources.
    pub(super) fn prediction(&mut self) {
        let seen = ServerSeen::of(self.source.snapshot, &ServerLook::default());
        let Some(foreseen) = seen.foreseen else {
            return;
        };
        self.heading("Prediction");
        self.text(&format!("Made of {}, by rules; not measured.", foreseen.of));
        for part in &foreseen.parts {
            let rows = part.rows.iter();
            let rows = rows.map(|row| vec![row.label.to_owned(), row.words.clone()]);
            self.table(&[part.title.as_str(), ""], rows.collect(), &[]);
        }
    }

    fn server(&mut self, run: &ProbeRun) {
        let snapshot = self.source.snapshot;
        let look = ServerLook {
            probe: Some(run.number),
            ask_as: AskAs::Best,
        };
        let seen = ServerSeen::of(snapshot, &look);
        let label = format!("Probe {}", run.number);
        if let ProbeOutcome::Failed { sentence, .. } = &run.outcome {
            self.row(&label, sentence);
            return;
        }
        let Some(probe) = seen.probe() else { return };
        let (host, port) = (&run.target.host, run.target.port);
        let when = rfc3339(run.at);
        let how = format!(
            "{host} port {port}, asked at {when}, {} connections in {} ms",
            probe.connections,
            probe.elapsed.as_millis()
        );
        self.row(&label, &how);
        let engines = if probe.library.is_some() {
            "own ClientHello, read up to the server\u{2019}s first flight; rustls for a complete handshake"
        } else {
            "own ClientHello, read up to the server\u{2019}s first flight"
        };
        self.row("Engines", engines);
        for (label, _, words) in probe.reach_lines() {
            self.row(label, &words);
        }
        if let Some(verdict) = &seen.verdict {
            self.row(&verdict.word, &verdict.sentence);
        }
        if let Some(stop) = probe.stopped {
            self.row("Not complete", &stop.to_string());
        }
        if !seen.counts {
            self.text("It is another host or port than the device\u{2019}s and proves nothing about this case.");
        }
        if let Some(device) = &seen.device {
            self.row("Asked as", &format!("{} ({})", device.of, device.source));
        }
        self.suites(&seen);
        for row in &seen.agree {
            self.row(row.label, &row.words);
        }
        self.offer(probe);
        self.names(&seen);
        self.chain(probe);
        self.client_certificate(probe);
        if let Some(remedy) = &seen.remedy {
            self.text(
                "A line of the server\u{2019}s configuration that adds one suite of the device:",
            );
            self.line(&remedy.apache);
        }
        if !seen.by_hand.is_empty() {
            self.text("The same by hand:");
            for hand in &seen.by_hand {
                self.line(&hand.command);
            }
        }
    }

    fn suites(&mut self, seen: &ServerSeen) {
        if seen.overlap.rows.is_empty() {
            return;
        }
        let word = |known: Option<bool>| match known {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        // What the device offers and the server does not know is many lines and says little.
        let rows: Vec<Vec<String>> = seen
            .overlap
            .rows
            .iter()
            .filter(|r| r.server != Some(false) || seen.overlap.common == 0)
            .take(120)
            .map(|r| {
                let chosen = seen.measured.or(seen.overlap.first) == Some(r.suite);
                vec![
                    format!("0x{:04X}", r.suite.0),
                    r.suite.to_string(),
                    word(r.device).to_owned(),
                    word(r.server).to_owned(),
                    if chosen { "first" } else { "" }.to_owned(),
                ]
            })
            .collect();
        self.table(
            &["Suite", "Name", "Device offers", "Server accepts", "Chosen"],
            rows,
            &[],
        );
    }

    fn offer(&mut self, probe: &Probe) {
        let offer = &probe.offer;
        let list = |items: Vec<String>| items.join(", ");
        if !offer.versions.is_empty() {
            let versions = offer
                .versions
                .iter()
                .map(|(v, yes)| format!("{v} {}", if *yes { "yes" } else { "no" }))
                .collect();
            self.row("Versions", &list(versions));
        }
        if !offer.groups.is_empty() {
            let groups = offer.groups.iter().map(ToString::to_string).collect();
            self.row("Groups", &list(groups));
        }
        if !offer.schemes.is_empty() {
            let schemes = offer.schemes.iter().map(|s| scheme_name(*s)).collect();
            self.row("Signature algorithms", &list(schemes));
        }
        if let Some(resumed) = probe.resumption.words() {
            self.row("Resumption", &resumed);
        }
        let fragments: Vec<String> = probe
            .fragments
            .iter()
            .map(|f| {
                let what = match f.code {
                    Some(_) => "max_fragment_length",
                    None => "record_size_limit",
                };
                let verdict = f.verdict.map_or("cannot be told", |v| v.as_str());
                format!("{what} {}: {verdict}", f.size)
            })
            .collect();
        if !fragments.is_empty() {
            self.row("Fragments", &fragments.join(", "));
        }
    }

    fn names(&mut self, seen: &ServerSeen) {
        if seen.names.is_empty() {
            return;
        }
        let rows = seen
            .names
            .iter()
            .map(|n| {
                vec![
                    n.sent.clone(),
                    n.answer.clone(),
                    n.certificate.clone(),
                    if n.differs { "differs" } else { "" }.to_owned(),
                    n.chip.clone(),
                ]
            })
            .collect();
        self.table(
            &["SNI sent", "Server answers", "Certificate", "", "Seen in"],
            rows,
            &[],
        );
    }

    fn chain(&mut self, probe: &Probe) {
        let list = see_chain(probe.chain(), probe.offer.chain_reply.as_ref());
        if list.is_empty() {
            return;
        }
        let rows = list
            .iter()
            .map(|c| {
                let bytes = i64::try_from(c.der_bytes).unwrap_or(i64::MAX);
                vec![
                    c.subject.clone(),
                    grouped(bytes),
                    format!("{} {}", c.key_type, c.key_bits),
                    c.sha256.clone(),
                ]
            })
            .collect();
        self.table(&["Certificate sent", "Bytes", "Key", "SHA-256"], rows, &[1]);
    }

    fn client_certificate(&mut self, probe: &Probe) {
        let Some(library) = &probe.library else {
            return;
        };
        let request = probe.offer.request.as_ref().map(|r| &r.authorities);
        let asked = request.or(library.demand.as_ref().map(|d| &d.authorities));
        let Some(authorities) = asked else {
            self.row("Client certificate", "not asked for");
            return;
        };
        let names: Vec<String> = authorities.iter().take(8).map(|n| name_text(n)).collect();
        let shown = match &library.ending {
            Some(LibraryEnding::Completed) => "accepted what was shown",
            Some(LibraryEnding::Alert(_) | LibraryEnding::AlertAfter(_)) => {
                "refused what was shown"
            }
            _ => "not judged",
        };
        let words = format!(
            "asked for, {} authorities; {shown}. {}",
            authorities.len(),
            names.join(" \u{b7} ")
        );
        self.row("Client certificate", &words);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Block;

    #[test]
    fn nothing_asked_is_no_section() {
        let snapshot = crate::session::Case::new(
            std::sync::Arc::new(crate::knowledge::Knowledge::embedded()),
            Vec::new(),
        )
        .snapshot();
        let page = crate::report::page(
            &crate::report::ReportSource {
                snapshot: &snapshot,
                line: &|_, _| None,
                sha256: &|_| None,
            },
            crate::report::LeaveOut::default(),
        );
        let heading = Block::Heading("Asking the server".into());
        assert!(!page.blocks.contains(&heading));
    }
}
