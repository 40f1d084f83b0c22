//! The algorithms that sign the key exchange of TLS 1.2 and the handshake of TLS 1.3, where the choice is
//! encrypted: rustls sees it.

use super::{ProtocolVersion, Question, SignatureScheme, Stage, Stop, Survey, schemes};
use crate::server::library::{LibraryClient, LibraryQuestion, LibraryReply, Wishes};

impl Survey<'_, '_> {
    /// Finds them. `whole` is the complete handshake that was made.
    pub fn signatures(
        &mut self,
        question: &LibraryQuestion<'_>,
        whole: Option<&LibraryReply>,
    ) -> Result<(), Stop> {
        self.prober.now(Stage::Signatures);
        self.algorithms()?;
        self.offer.scheme_order = self.order_of_schemes();
        if self.offer.has(ProtocolVersion::TLS13) {
            self.of_new_versions(question, whole)?;
        }
        self.prober.found(&self.offer.schemes.len().to_string());
        Ok(())
    }

    fn of_new_versions(
        &mut self,
        question: &LibraryQuestion<'_>,
        whole: Option<&LibraryReply>,
    ) -> Result<(), Stop> {
        // PKCS#1 v1.5 and SHA-1 must not sign a handshake of TLS 1.3 (RFC 8446 section 4.2.3).
        let candidates: Vec<SignatureScheme> = schemes()
            .into_iter()
            .filter(|s| {
                s.tls13_name()
                    .is_some_and(|n| !n.starts_with("rsa_pkcs1") && !n.contains("sha1"))
            })
            .collect();
        let new = |w: &&LibraryReply| w.version == Some(ProtocolVersion::TLS13);
        match whole.filter(new).and_then(|w| w.scheme) {
            Some(first) => self.by_handshakes(question, candidates, first),
            None => self.by_halving(candidates),
        }
    }

    /// What signed is taken away until the server finds nothing to sign with.
    fn by_handshakes(
        &mut self,
        question: &LibraryQuestion<'_>,
        mut left: Vec<SignatureScheme>,
        first: SignatureScheme,
    ) -> Result<(), Stop> {
        let mut signed = Some(first);
        while let Some(scheme) = signed {
            let before = left.len();
            left.retain(|s| *s != scheme);
            if left.len() == before {
                break;
            }
            if !self.offer.schemes.contains(&scheme) {
                self.offer.schemes.push(scheme);
            }
            let wishes = Wishes {
                version: Some(ProtocolVersion::TLS13),
                schemes: Some(left.clone()),
                ..Wishes::default()
            };
            let Ok(client) = LibraryClient::new(question, &wishes) else {
                break;
            };
            signed = self.prober.handshake(&client)?.scheme;
        }
        Ok(())
    }

    /// Where rustls cannot follow: does an answer come at all when only some are offered? The set is
    /// halved until each part is taken or refused. A server that answers before it looks at them takes
    /// every part; then nothing was learnt.
    fn by_halving(&mut self, candidates: Vec<SignatureScheme>) -> Result<(), Stop> {
        let mut found = Vec::new();
        let mut refused = false;
        let mut sets = vec![candidates];
        while let Some(set) = sets.pop() {
            let mut question = Question::all(ProtocolVersion::TLS13, self.name);
            question.schemes.clone_from(&set);
            if !self.prober.ask(&question.hello())?.agreed() {
                refused = true;
                continue;
            }
            match set.as_slice() {
                [] => {}
                [one] => found.push(*one),
                several => {
                    let (left, right) = several.split_at(several.len() / 2);
                    sets.push(right.to_vec());
                    sets.push(left.to_vec());
                }
            }
        }
        found.retain(|s| !self.offer.schemes.contains(s));
        if refused {
            self.offer.schemes.extend(found);
        }
        Ok(())
    }
}
