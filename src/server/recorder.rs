//! The verifier that records: it accepts every certificate, keeps what came, and says what a strict
//! verifier would have said. And the client's side: what was asked of its certificate.
//!
//! In: what rustls hands to a verifier. Out: [`Seen`].

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, RootCertStore};
use serde::{Deserialize, Serialize};

use super::library::ClientDemand;
use crate::tls::SignatureScheme;

/// What a strict verifier says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrictRefusal {
    /// Its own words.
    pub sentence: String,
    /// Is it about name or dates, whatever the roots are?
    pub whatever_the_roots: bool,
}

impl StrictRefusal {
    fn about_roots(sentence: String) -> Self {
        Self {
            sentence,
            whatever_the_roots: false,
        }
    }
}

impl From<rustls::Error> for StrictRefusal {
    fn from(error: rustls::Error) -> Self {
        use rustls::CertificateError as E;
        let whatever_the_roots = matches!(
            &error,
            rustls::Error::InvalidCertificate(
                E::Expired
                    | E::ExpiredContext { .. }
                    | E::NotValidYet
                    | E::NotValidYetContext { .. }
                    | E::NotValidForName
                    | E::NotValidForNameContext { .. }
            )
        );
        Self {
            sentence: match &error {
                rustls::Error::InvalidCertificate(why) => refusal_words(why),
                other => other.to_string(),
            },
            whatever_the_roots,
        }
    }
}

/// What a strict verifier has against a chain, with the verifier's own word where it is a name.
fn refusal_words(why: &rustls::CertificateError) -> String {
    use rustls::CertificateError as E;
    let known = match why {
        E::BadEncoding => "a certificate cannot be read",
        E::Expired | E::ExpiredContext { .. } => "a certificate has expired",
        E::NotValidYet | E::NotValidYetContext { .. } => "a certificate is not valid yet",
        E::Revoked => "a certificate is revoked",
        E::UnknownIssuer => "no certificate sent leads to a root",
        E::BadSignature => "a signature in the chain is wrong",
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
            "a certificate is not meant for a server (extended key usage)"
        }
        // The verifier behind rustls tells these by a name alone.
        E::Other(inner) => match inner.to_string().as_str() {
            "CaUsedAsEndEntity" => {
                "the server\u{2019}s own certificate is one of an authority (CA:TRUE)"
            }
            "EndEntityUsedAsCa" => "an issuer in the chain is no authority (CA:FALSE)",
            "UnsupportedCertVersion" => "a certificate is not of X.509 version 3",
            "PathLenConstraintViolated" => "more issuers than a path length allows",
            "UnsupportedCriticalExtension" => "a critical extension is not understood",
            other => return format!("the certificate is refused ({other})"),
        },
        other => return other.to_string(),
    };
    known.to_owned()
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    pub certificates: Vec<Vec<u8>>,
    pub strict: Option<StrictRefusal>,
    pub scheme: Option<SignatureScheme>,
    pub sound: Option<bool>,
    pub staple: bool,
    pub demand: Option<ClientDemand>,
}

pub(super) type Shared = Arc<Mutex<Seen>>;

fn note(seen: &Shared, write: impl FnOnce(&mut Seen)) {
    write(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
}

#[derive(Debug)]
pub(super) struct Recorder {
    pub seen: Shared,
    pub roots: Vec<CertificateDer<'static>>,
    pub expected: Option<ServerName<'static>>,
    pub provider: Arc<CryptoProvider>,
    /// Signature algorithms to offer; without them those that can be checked.
    pub schemes: Option<Vec<rustls::SignatureScheme>>,
}

impl Recorder {
    fn strict(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        staple: &[u8],
        now: UnixTime,
    ) -> Option<StrictRefusal> {
        let Some(expected) = &self.expected else {
            return Some(StrictRefusal::about_roots(
                "the host is neither a name nor an address".to_owned(),
            ));
        };
        let mut store = RootCertStore::empty();
        if self.roots.is_empty() {
            let last = others.last().unwrap_or(leaf);
            if let Err(error) = store.add(last.clone().into_owned()) {
                return Some(error.into());
            }
        }
        store.add_parsable_certificates(self.roots.iter().cloned());
        let verifier = match WebPkiServerVerifier::builder_with_provider(
            Arc::new(store),
            Arc::clone(&self.provider),
        )
        .build()
        {
            Ok(verifier) => verifier,
            Err(error) => return Some(StrictRefusal::about_roots(error.to_string())),
        };
        verifier
            .verify_server_cert(leaf, others, expected, staple, now)
            .err()
            .map(StrictRefusal::from)
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let strict = self.strict(end_entity, intermediates, ocsp_response, now);
        note(&self.seen, |seen| {
            seen.certificates = std::iter::once(end_entity)
                .chain(intermediates)
                .map(|c| c.as_ref().to_vec())
                .collect();
            seen.strict = strict;
            seen.staple = !ocsp_response.is_empty();
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let sound = crypto::verify_tls12_signature(message, cert, dss, algorithms).is_ok();
        self.signed(dss, sound);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let sound = crypto::verify_tls13_signature(message, cert, dss, algorithms).is_ok();
        self.signed(dss, sound);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.schemes.clone().unwrap_or_else(|| {
            self.provider
                .signature_verification_algorithms
                .supported_schemes()
        })
    }
}

impl Recorder {
    fn signed(&self, dss: &DigitallySignedStruct, sound: bool) {
        note(&self.seen, |seen| {
            seen.scheme = Some(SignatureScheme(u16::from(dss.scheme)));
            seen.sound = Some(sound);
        });
    }
}

#[derive(Debug)]
pub(super) struct Shown {
    pub seen: Shared,
    pub key: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Shown {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        note(&self.seen, |seen| {
            seen.demand = Some(ClientDemand {
                authorities: root_hint_subjects.iter().map(|n| n.to_vec()).collect(),
                schemes: sigschemes
                    .iter()
                    .map(|s| SignatureScheme(u16::from(*s)))
                    .collect(),
            });
        });
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        // Always asked, so that the demand is recorded also when nothing is shown.
        true
    }
}
