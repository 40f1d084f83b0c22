//! The ends of the lists of groups and of signature algorithms of TLS 1.2: what did not show beside
//! the suites is asked for alone, until the server refuses.

use super::order::{Pick, unseen_first};
use super::{Answer, NamedGroup, Order, ProtocolVersion, Question, Stop, Survey};
use super::{SignatureScheme, schemes, signing_key};
use crate::cert::Certificate;
use crate::server::question::groups_of;
use crate::tls::CipherSuite;

impl Survey<'_, '_> {
    /// Groups of both kinds of versions.
    pub(super) fn groups(&mut self) -> Result<(), Stop> {
        if let Some(version) = self.offer.highest(ProtocolVersion::TLS12) {
            self.groups_in(version)?;
        }
        if self.offer.has(ProtocolVersion::TLS13) {
            self.groups_in(ProtocolVersion::TLS13)?;
            // There no certificate limits them.
            self.offer.more_groups = false;
        }
        Ok(())
    }

    fn groups_in(&mut self, version: ProtocolVersion) -> Result<(), Stop> {
        let Some((suites, needed)) = self.suites_with_groups(version) else {
            return Ok(());
        };
        let older = version < ProtocolVersion::TLS13;
        // A server that keeps to its own order shows one algorithm only: they are taken away together.
        let mut together = older && shows_one(&self.schemes);
        loop {
            let mut question = Question::all(version, self.name);
            question.suites.clone_from(&suites);
            let all = groups_of(version).into_iter();
            let unseen: Vec<NamedGroup> = all.filter(|g| !self.offer.groups.contains(g)).collect();
            question.groups.clone_from(&unseen);
            question
                .groups
                .extend(needed.filter(|g| !unseen.contains(g)));
            if unseen.is_empty() {
                return Ok(());
            }
            if together {
                let seen = &self.offer.schemes;
                question.schemes.retain(|s| !seen.contains(s));
            } else if older {
                question.schemes =
                    unseen_first(&question.schemes, &self.offer.schemes, signing_key);
            }
            let answer = self.asked(question)?;
            let chosen = answer.reply.group();
            if chosen.is_some_and(|g| unseen.contains(&g)) {
                self.learn(answer);
                continue;
            }
            if together {
                // One of both lists is at its end; which, is asked for apart.
                together = false;
                continue;
            }
            let limited = chosen.is_some() && chosen == needed;
            self.learn(answer);
            self.offer.more_groups = limited && self.order_of_groups() != Order::Client;
            return Ok(());
        }
    }

    /// The suites of this version that use a group, and the curve that must be offered with them: that
    /// of the certificate (RFC 8422 section 5.1). Suites with RSA need none and go before.
    fn suites_with_groups(
        &self,
        version: ProtocolVersion,
    ) -> Option<(Vec<CipherSuite>, Option<NamedGroup>)> {
        let of = |exchanges: &[&str]| -> Vec<CipherSuite> {
            let suites = self.offer.suites_of(version);
            suites
                .filter(|s| s.key_exchange().is_none_or(|k| exchanges.contains(&k)))
                .collect()
        };
        let free = of(&["ECDHE_RSA"]);
        if !free.is_empty() {
            return Some((free, None));
        }
        let bound = of(&["ECDHE_ECDSA"]);
        let leaf = self.offer.chains.first().and_then(|c| c.first());
        let curve = leaf
            .and_then(|der| Certificate::read(der))
            .and_then(|c| curve_of(&c));
        (!bound.is_empty()).then_some((bound, curve))
    }

    /// What signs the key exchange of TLS 1.2 and did not show yet.
    pub(super) fn algorithms(&mut self) -> Result<(), Stop> {
        let suites: Vec<CipherSuite> = self
            .offer
            .suites_of(ProtocolVersion::TLS12)
            .filter(|s| {
                s.key_exchange().is_some_and(|k| {
                    matches!(k, "ECDHE_ECDSA" | "ECDHE_RSA" | "DHE_RSA" | "DHE_DSS")
                })
            })
            .collect();
        while !suites.is_empty() {
            let mut question = Question::all(ProtocolVersion::TLS12, self.name);
            question.suites.clone_from(&suites);
            question.schemes = self.unseen_schemes();
            if question.schemes.is_empty() {
                break;
            }
            let answer = self.asked(question)?;
            if !self.shows_new(&answer) {
                break;
            }
            self.learn(answer);
        }
        Ok(())
    }

    fn unseen_schemes(&self) -> Vec<SignatureScheme> {
        let all = schemes().into_iter();
        all.filter(|s| !self.offer.schemes.contains(s)).collect()
    }

    fn shows_new(&self, answer: &Answer) -> bool {
        let scheme = answer.reply.signature_scheme();
        answer.reply.agreed()
            && scheme.is_some_and(|s| {
                answer.question.schemes.contains(&s) && !self.offer.schemes.contains(&s)
            })
    }
}

/// Was the same one chosen each time?
fn shows_one(picks: &[Pick<SignatureScheme>]) -> bool {
    let mut chosen = picks.iter().map(|p| p.chosen);
    let first = chosen.next();
    let mut others = chosen.peekable();
    others.peek().is_some() && others.all(|c| Some(c) == first)
}

/// The named group of a certificate's key.
fn curve_of(certificate: &Certificate) -> Option<NamedGroup> {
    let curve = certificate.key.as_ref()?.curve.as_deref()?;
    NamedGroup::all().find(|g| g.name() == Some(curve))
}
