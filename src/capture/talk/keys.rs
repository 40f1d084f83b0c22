//! The keys of a conversation, from the key log.

use super::super::keylog::{KeyLog, Label};
use super::super::opener::{Closed, Opener};
use super::super::output::Sealed;
use super::Talk;
use crate::tls::CipherSuite;

impl Talk {
    pub(super) fn secret13(&mut self, me: usize, label: Label, suite: CipherSuite, keys: &KeyLog) {
        let secret = self
            .agreed
            .client_random
            .and_then(|random| keys.secret(&random, label));
        let made = secret.map(|secret| Opener::tls13(suite, secret));
        self.sides[me].opener = self.made(made, suite);
    }

    /// `ChangeCipherSpec` of TLS 1.2 or below: what follows in this direction is sealed.
    pub(super) fn change_cipher(&mut self, me: usize, keys: &KeyLog) {
        if self.sides[me].sealed {
            return; // renegotiation: its keys are not derived
        }
        self.sides[me].sealed = true;
        let (Some(client), Some(server), Some(suite)) = (
            self.agreed.client_random,
            self.agreed.server_random,
            self.agreed.suite,
        ) else {
            return;
        };
        let both = keys
            .secret(&client, Label::ClientRandom)
            .map(|master| Opener::tls12(suite, master, &client, &server));
        let one = both.map(|both| {
            both.map(
                |[of_client, of_server]| {
                    if me == 0 { of_client } else { of_server }
                },
            )
        });
        self.sides[me].opener = self.made(one, suite);
    }

    fn made(&mut self, made: Option<Result<Opener, Closed>>, suite: CipherSuite) -> Option<Opener> {
        match made? {
            Ok(opener) => Some(opener),
            Err(Closed::Suite) => {
                self.sealed = Sealed::Suite(suite.0);
                None
            }
            Err(Closed::Secret) => {
                self.sealed = Sealed::Failed;
                None
            }
        }
    }
}
