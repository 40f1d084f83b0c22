//! Finding out what a server offers with few connections.
//!
//! In: a [`Prober`], the name to ask for, the answer to the first question. Out: [`Offer`].
//!
//! One connection for each suite that the server accepts and one for the end of each list. Groups and
//! signature algorithms ride along: they are offered in an order that makes a server which follows its
//! client show another one each time; what stays hidden then is asked for alone.

mod lists;
mod order;
mod signatures;

use std::collections::BTreeSet;

use super::offer::{Offer, Order};
use super::prober::{Prober, Stop};
use super::question::{Question, is_prime, schemes, telling};
use super::reply::{Ending, Reply};
use super::stage::Stage;
use crate::tls::hello::{HelloExtension, extension};
use crate::tls::{Alert, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::tls::{ServerHello, ServerKey};
use order::{Pick, SigningKey, signing_key, unseen_first, whose};

/// Protocols that ALPN is asked for.
const PROTOCOLS: [&str; 6] = ["h2", "http/1.1", "mqtt", "x-amzn-mqtt-ca", "coap", "amqp"];

/// A question and its answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub question: Question,
    pub reply: Reply,
}

/// A survey under way. What was found before a stop is kept.
pub(super) struct Survey<'s, 'p> {
    pub prober: &'s mut Prober<'p>,
    name: Option<&'s str>,
    /// What was found so far.
    pub offer: Offer,
    /// The first answer that agreed to something, where there is one in the clear.
    pub base: Option<Answer>,
    suites: Vec<(ProtocolVersion, Pick<CipherSuite>)>,
    groups: Vec<(ProtocolVersion, Pick<NamedGroup>)>,
    schemes: Vec<Pick<SignatureScheme>>,
}

impl<'s, 'p> Survey<'s, 'p> {
    pub fn new(prober: &'s mut Prober<'p>, name: Option<&'s str>) -> Self {
        Self {
            prober,
            name,
            offer: Offer::default(),
            base: None,
            suites: Vec::new(),
            groups: Vec::new(),
            schemes: Vec::new(),
        }
    }

    /// Asks for everything that shows in the clear. `first` is the answer to [`Question::open`].
    pub fn ask_all(&mut self, first: Answer) -> Result<(), Stop> {
        self.prober.now(Stage::Suites);
        self.versions(first)?;
        if self.offer.suites.is_empty() {
            self.prober.failed("none");
            return Ok(());
        }
        self.prober.found(&suites_in_words(&self.offer));
        self.prober.now(Stage::Groups);
        self.groups()?;
        self.prober.found(&self.offer.groups.len().to_string());
        self.prober.now(Stage::Order);
        self.order_and_extensions()?;
        self.prober.found(match self.offer.order {
            Order::Server => "the server\u{2019}s",
            Order::Client => "the client\u{2019}s",
            Order::Unknown => "not known",
        });
        self.prober.now(Stage::Extensions);
        self.prober
            .found(self.offer.alpn.as_deref().unwrap_or("no ALPN"));
        Ok(())
    }

    /// Versions with their suites, highest first in the offer.
    fn versions(&mut self, first: Answer) -> Result<(), Stop> {
        let mut known = Some(first).filter(|a| a.reply.agreed());
        let mut new = known.take_if(|a| a.reply.version() >= Some(ProtocolVersion::TLS13));
        // Alert 70 to one version says that no lower one is offered either: the server would have
        // answered with it (RFC 5246 appendix E.1).
        let mut none_below = false;
        for version in [
            ProtocolVersion::TLS12,
            ProtocolVersion::TLS11,
            ProtocolVersion::TLS10,
        ] {
            let offered = !none_below && self.suites(version, &mut known, &mut none_below)?;
            self.offer.versions.push((version, offered));
        }
        let offered = self.suites(ProtocolVersion::TLS13, &mut new, &mut false)?;
        self.offer
            .versions
            .insert(0, (ProtocolVersion::TLS13, offered));
        self.offer
            .suites
            .sort_by_key(|(v, _)| std::cmp::Reverse(*v));
        Ok(())
    }

    /// Suites of one version, one connection for each: what was chosen is taken away. `known` is an
    /// answer that is there already; one with a lower version is left for that version.
    fn suites(
        &mut self,
        version: ProtocolVersion,
        known: &mut Option<Answer>,
        none_below: &mut bool,
    ) -> Result<bool, Stop> {
        if known
            .as_ref()
            .is_some_and(|a| a.reply.version() < Some(version))
        {
            return Ok(false);
        }
        let mut question = Question::all(version, self.name);
        question.more = telling();
        let mut accepted = false;
        while !question.suites.is_empty() {
            let answer = match known.take() {
                Some(answer) => answer,
                None => self.turned(question.clone())?,
            };
            let chosen = answer.reply.version();
            let suite = answer
                .reply
                .cipher_suite()
                .filter(|_| chosen == Some(version));
            let Some(suite) = suite else {
                if !accepted {
                    *none_below |= matches!(answer.reply.ending, Ending::Alert(Alert(70)));
                    *known = (chosen < Some(version) && chosen.is_some()).then_some(answer);
                }
                break;
            };
            accepted = true;
            let before = question.suites.len();
            question.suites.retain(|s| *s != suite);
            self.offer.suites.push((version, suite));
            self.learn(answer);
            if question.suites.len() == before {
                break;
            }
        }
        Ok(accepted)
    }

    /// Asks with groups and algorithms turned so that new ones may show.
    fn turned(&mut self, mut question: Question) -> Result<Answer, Stop> {
        let older = question
            .versions
            .iter()
            .all(|v| *v < ProtocolVersion::TLS13);
        // In TLS 1.2 the first prime is the one of every DHE suite: the small one stays in front.
        let kind = |g: NamedGroup| older && is_prime(g);
        question.groups = unseen_first(&question.groups, &self.offer.groups, kind);
        if older {
            question.schemes = unseen_first(&question.schemes, &self.offer.schemes, signing_key);
        }
        self.asked(question)
    }

    /// Asks this as it is.
    fn asked(&mut self, question: Question) -> Result<Answer, Stop> {
        let reply = self.prober.ask(&question.hello())?;
        Ok(Answer { question, reply })
    }

    /// Keeps everything that an answer shows beside what it was asked for.
    fn learn(&mut self, answer: Answer) {
        let Answer { question, reply } = &answer;
        let Some(version) = reply.version() else {
            return;
        };
        if let Some(chosen) = reply.cipher_suite() {
            let offered = question.suites.clone();
            self.suites.push((version, Pick { offered, chosen }));
        }
        if let Some(chosen) = reply.group().filter(|g| question.groups.contains(g)) {
            let offered = question.groups.clone();
            self.groups.push((version, Pick { offered, chosen }));
            if !self.offer.groups.contains(&chosen) {
                self.offer.groups.push(chosen);
            }
        }
        let signed = reply.signature_scheme();
        if let Some(chosen) = signed.filter(|s| question.schemes.contains(s)) {
            let offered = question.schemes.clone();
            self.schemes.push(Pick { offered, chosen });
            if !self.offer.schemes.contains(&chosen) {
                self.offer.schemes.push(chosen);
            }
        }
        if version < ProtocolVersion::TLS13 {
            self.learn_in_the_clear(&answer.reply);
        }
        let better = self.base.as_ref().is_none_or(|b| {
            b.reply.certificates.is_empty() && !answer.reply.certificates.is_empty()
        });
        if better {
            self.base = Some(answer);
        }
    }

    /// What TLS 1.2 and older show in the clear.
    fn learn_in_the_clear(&mut self, reply: &Reply) {
        let Some(hello) = &reply.hello else { return };
        let offer = &mut self.offer;
        let seen = |kind| hello.extension(kind).is_some();
        let or = |old: &mut Option<bool>, new: bool| *old = Some(old.unwrap_or(false) || new);
        let answers = &mut offer.extensions;
        or(
            &mut answers.renegotiation_info,
            seen(extension::RENEGOTIATION_INFO),
        );
        or(
            &mut answers.extended_master_secret,
            seen(extension::EXTENDED_MASTER_SECRET),
        );
        if is_cbc(hello) {
            or(
                &mut answers.encrypt_then_mac,
                seen(extension::ENCRYPT_THEN_MAC),
            );
        }
        or(&mut answers.session_ticket, seen(extension::SESSION_TICKET));
        or(&mut answers.session_id, !hello.session_id.is_empty());
        or(
            &mut answers.ocsp_staple,
            reply.certificate_status_bytes.is_some(),
        );
        if let Some(leaf) = reply.certificates.first()
            && !offer.chains.iter().any(|c| c.first() == Some(leaf))
        {
            offer.chains.push(reply.certificates.clone());
        }
        if let Some(request) = &reply.request
            && offer.request.is_none()
        {
            offer.request = Some(request.clone());
        }
        let key = reply.key_exchange.as_ref().map(|k| &k.key);
        if let Some(ServerKey::Dhe { prime_bits }) = key
            && !offer.dhe_bits.contains(prime_bits)
        {
            offer.dhe_bits.push(*prime_bits);
        }
        // A reply with a signed key exchange is worth most: the signature can be checked.
        let signed = |r: &Reply| r.key_exchange.is_some();
        let better = match &offer.chain_reply {
            None => true,
            Some(old) => !signed(old) && signed(reply),
        };
        if better && !reply.certificates.is_empty() {
            offer.chain_reply = Some(reply.clone());
        }
    }

    /// One question with the suites in reverse; ALPN and compression are asked for on the way.
    fn order_and_extensions(&mut self) -> Result<(), Stop> {
        if let Some(version) = self.offer.highest(ProtocolVersion::TLS12) {
            let mut question = self.reversed(version);
            question.more = vec![HelloExtension::alpn(&PROTOCOLS)];
            let mut answer = self.with_compression(&question)?;
            if matches!(answer.reply.ending, Ending::Alert(_)) {
                // A server may refuse protocols that it does not know (alert 120).
                question.more.clear();
                answer = self.with_compression(&question)?;
            }
            if let Some(hello) = answer
                .reply
                .hello
                .as_ref()
                .filter(|_| answer.reply.agreed())
            {
                self.offer.alpn = hello.alpn();
                self.offer.extensions.compression = Some(hello.compression == 1);
            }
            self.learn(answer);
        }
        self.tell_orders();
        let new = ProtocolVersion::TLS13;
        if self.offer.order == Order::Unknown && self.offer.suites_of(new).count() > 1 {
            let question = self.reversed(new);
            let answer = self.asked(question)?;
            self.learn(answer);
            self.tell_orders();
        }
        Ok(())
    }

    fn reversed(&self, version: ProtocolVersion) -> Question {
        let mut question = Question::all(version, self.name);
        question.suites = self.offer.suites_of(version).collect();
        question.suites.reverse();
        question
    }

    fn with_compression(&mut self, question: &Question) -> Result<Answer, Stop> {
        let mut hello = question.hello();
        hello.compression = vec![1, 0];
        let reply = self.prober.ask(&hello)?;
        let question = question.clone();
        Ok(Answer { question, reply })
    }

    /// Whose orders count, as far as the answers tell.
    fn tell_orders(&mut self) {
        let versions = self.offer.versions.iter().map(|(v, _)| *v);
        let known = |o: &Order| *o != Order::Unknown;
        self.offer.order = versions
            .map(|version| {
                let accepted: Vec<CipherSuite> = self.offer.suites_of(version).collect();
                whose(
                    &picks_of(&self.suites, |v| v == version),
                    &accepted,
                    |_, _| true,
                )
            })
            .find(known)
            .unwrap_or_default();
        self.offer.group_order = self.order_of_groups();
    }

    fn order_of_groups(&self) -> Order {
        // What one kind of versions takes the other may not: each is held against its own choices.
        let of = |fits: fn(ProtocolVersion) -> bool| {
            let picks = picks_of(&self.groups, fits);
            let accepted: Vec<NamedGroup> = picks.iter().map(|p| p.chosen).collect();
            whose(&picks, &accepted, |_, _| true)
        };
        match of(|v| v < ProtocolVersion::TLS13) {
            Order::Unknown => of(|v| v >= ProtocolVersion::TLS13),
            known => known,
        }
    }

    fn order_of_schemes(&self) -> Order {
        let same = |a, b| signing_key(a) == signing_key(b) && signing_key(a) != SigningKey::Other;
        whose(&self.schemes, &self.offer.schemes, same)
    }
}

fn picks_of<T: Clone>(
    all: &[(ProtocolVersion, Pick<T>)],
    fits: impl Fn(ProtocolVersion) -> bool,
) -> Vec<Pick<T>> {
    let picks = all.iter().filter(|(v, _)| fits(*v));
    picks.map(|(_, pick)| pick.clone()).collect()
}

fn is_cbc(hello: &ServerHello) -> bool {
    let cipher = hello.cipher_suite.cipher();
    cipher.is_some_and(|c| c.contains("_CBC_"))
}

/// Such as `TLS 1.3, TLS 1.2: 11 suites`.
fn suites_in_words(offer: &Offer) -> String {
    let versions: Vec<String> = offer
        .versions
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|(v, _)| v.to_string())
        .collect();
    let suites: BTreeSet<CipherSuite> = offer.suites.iter().map(|(_, s)| *s).collect();
    let noun = if suites.len() == 1 { "suite" } else { "suites" };
    format!("{}: {} {noun}", versions.join(", "), suites.len())
}
