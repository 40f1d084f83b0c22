//! What two runs state otherwise: what was agreed, offered and set, how each ended.
//!
//! In: both runs. Out: differences that hang on no bytes. What only one of them states is no difference.

use super::{Class, Comparer, Pair};
use crate::session::figures::duration;
use crate::timeline::Attempt;
use crate::tls::StepName;

impl Comparer<'_> {
    /// What both state and state otherwise.
    fn stated(
        &mut self,
        what: &str,
        good: Option<String>,
        bad: Option<String>,
        pair: Option<usize>,
    ) {
        if let (Some(good), Some(bad)) = (good, bad)
            && good != bad
        {
            self.differ(Class::Suspicious, what, (good, bad), "", (pair, 0, 0));
        }
    }

    /// What was agreed, and how both ended.
    pub(super) fn ends(&mut self, pairs: &[Pair]) {
        let (g, b) = (self.good, self.bad);
        let hello = pair_of(pairs, g, StepName::ServerHello);
        self.stated(
            "version",
            g.version.map(|v| v.to_string()),
            b.version.map(|v| v.to_string()),
            hello,
        );
        self.stated(
            "cipher suite",
            g.cipher_suite.map(|v| v.to_string()),
            b.cipher_suite.map(|v| v.to_string()),
            hello,
        );
        self.stated("group", g.seen.group.clone(), b.seen.group.clone(), None);
        let fatal = |a: &Attempt| a.alerts.iter().find(|x| x.fatal).copied();
        let alert = |a: &Attempt| fatal(a).map(|x| x.alert.to_string());
        match (alert(g), alert(b)) {
            (None, Some(bad)) => {
                let line = fatal(b).map_or(0, |x| x.line);
                let at = pairs
                    .iter()
                    .position(|p| p.bad.is_some_and(|i| b.steps[i].name == StepName::Alert));
                self.differ(
                    Class::Suspicious,
                    "alert",
                    ("none".into(), bad),
                    "",
                    (at, 0, line),
                );
            }
            (good, bad) => self.stated("alert", good, bad, None),
        }
    }

    /// What the client offered and what the settings of a module were.
    pub(super) fn offers(&mut self) {
        let (g, b) = (self.good, self.bad);
        let listed = |list: &[u16]| {
            (!list.is_empty()).then(|| {
                let all: Vec<String> = list.iter().map(|n| format!("{n:04X}")).collect();
                all.join(" ")
            })
        };
        let hello = |a: &Attempt| a.steps.iter().position(|s| s.name == StepName::ClientHello);
        let pair = hello(g).filter(|_| hello(b).is_some());
        for (what, good, bad) in [
            (
                "suites offered",
                &g.seen.offered_suites,
                &b.seen.offered_suites,
            ),
            (
                "groups offered",
                &g.seen.offered_groups,
                &b.seen.offered_groups,
            ),
            (
                "signature schemes offered",
                &g.seen.offered_signatures,
                &b.seen.offered_signatures,
            ),
        ] {
            self.stated(what, listed(good), listed(bad), pair);
        }
        let name = |a: &Attempt| a.seen.server_name.as_ref().map(|n| n.0.clone());
        self.stated("server name (SNI)", name(g), name(b), pair);
        self.stated("ALPN", g.seen.alpn.clone(), b.seen.alpn.clone(), pair);
        let leaf = |a: &Attempt| {
            let found = a.certificates.first();
            found.map(|c| format!("{}, serial {}", c.subject, c.serial))
        };
        self.stated("certificate of the peer", leaf(g), leaf(b), None);
        for (fact, value, line) in &b.seen.settings {
            let Some(was) = g.seen.settings.iter().find(|s| s.0 == *fact) else {
                continue;
            };
            if was.1 != *value {
                let values = (was.1.display(), value.display());
                self.differ(
                    Class::Suspicious,
                    fact,
                    values,
                    "a setting that was changed",
                    (None, was.2, *line),
                );
            }
        }
    }

    /// What a module answered to the request for a connection.
    pub(super) fn answers(&mut self) {
        let answer = |a: &Attempt| {
            let request = a.seen.requests.last()?;
            let (what, line, ms) = request.answer.as_ref()?;
            let said = match ms {
                Some(ms) => format!("{what} after {}", duration(*ms)),
                None => what.to_string(),
            };
            Some((what.clone(), *ms, said, *line))
        };
        let (Some(g), Some(b)) = (answer(self.good), answer(self.bad)) else {
            return;
        };
        let place = (None, g.3, b.3);
        if g.0 != b.0 {
            self.differ(
                Class::Suspicious,
                "answer of the module",
                (g.2, b.2),
                "",
                place,
            );
        } else if let (Some(x), Some(y)) = (g.1, b.1)
            && x != y
        {
            // Three times as long is another way through the handshake, less is the network.
            let class = if x.max(y) > 3 * x.min(y).max(1) {
                Class::Suspicious
            } else {
                Class::Expected
            };
            self.differ(
                class,
                "time to the answer",
                (duration(x), duration(y)),
                "",
                place,
            );
        }
    }

    /// How both ended, where nothing else tells them apart.
    pub(super) fn outcome(&mut self) {
        let (g, b) = (self.good, self.bad);
        let told = self.out.iter().any(|d| d.class == Class::Suspicious);
        if g.outcome != b.outcome && !told {
            let word = |a: &Attempt| a.outcome.as_str().replace('_', " ");
            let lines = (None, g.last_line, b.last_line);
            self.differ(Class::Suspicious, "outcome", (word(g), word(b)), "", lines);
        }
    }
}

fn pair_of(pairs: &[Pair], good: &Attempt, name: StepName) -> Option<usize> {
    pairs
        .iter()
        .position(|p| p.bad.is_some() && p.good.is_some_and(|i| good.steps[i].name == name))
}
