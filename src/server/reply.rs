//! What came back on one connection.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::NotTls;
use crate::tls::{
    Alert, CertificateRequest, CipherSuite, ContentType, NamedGroup, ProtocolVersion, ServerHello,
    ServerKey, ServerKeyExchange, SignatureScheme, StepName,
};

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ending {
    /// The server's first flight is whole: `ServerHelloDone`, or `ServerHello` of TLS 1.3, behind which
    /// everything is encrypted.
    Answered,
    /// A fatal alert, or `close_notify`.
    Alert(Alert),
    /// The server closed the connection without an alert.
    Closed,
    /// The server reset the connection.
    Reset,
    /// Nothing more came within the time.
    Timeout,
    /// The port speaks something else.
    NotTls(NotTls),
    /// The server sends more than any handshake needs; the text says what.
    TooMuch(String),
    /// The bytes break the protocol; the text says where.
    Malformed(Cow<'static, str>),
    /// The dialogue before TLS (STARTTLS) failed; the text is the server's.
    NoStartTls(String),
    /// No connection.
    Unconnected(String),
    /// The user stopped it.
    Cancelled,
}

/// A record as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSeen {
    /// Content type.
    pub kind: ContentType,
    /// Bytes behind the header of five bytes.
    pub bytes: usize,
}

/// A message or event as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSeen {
    /// Which.
    pub name: StepName,
    /// Is it sent by us (else received)?
    pub sent: bool,
    /// Since the connection was begun.
    pub at: Duration,
    /// Bytes with the header of the message; 0 where it has none.
    pub bytes: usize,
}

/// Everything that one connection showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// `ServerHello`.
    pub hello: Option<ServerHello>,
    /// `HelloRetryRequest`.
    pub retry: Option<ServerHello>,
    /// Certificates as sent (≤ TLS 1.2), DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// Bytes of the Certificate message with its header.
    pub certificate_message_bytes: Option<usize>,
    /// Where the Certificate message begins in the stream of handshake bytes.
    pub certificate_offset: usize,
    /// Bytes of a stapled OCSP answer (`CertificateStatus` message).
    pub certificate_status_bytes: Option<usize>,
    /// `ServerKeyExchange`.
    pub key_exchange: Option<ServerKeyExchange>,
    /// `CertificateRequest`.
    pub request: Option<CertificateRequest>,
    /// Alerts of level warning that came before the end.
    pub warnings: Vec<Alert>,
    /// The first 4,096 records.
    pub records: Vec<RecordSeen>,
    /// What happened when.
    pub steps: Vec<StepSeen>,
    /// Bytes that were received.
    pub received: usize,
    /// Time of the TCP connect.
    pub connect: Option<Duration>,
    /// Whole time.
    pub elapsed: Duration,
    /// Random of our `ClientHello`: the signature of the key exchange covers it.
    pub client_random: [u8; 32],
    /// How it ended.
    pub ending: Ending,
}

impl Reply {
    /// An empty one that ends so.
    pub(super) fn ended(ending: Ending, client_random: [u8; 32]) -> Self {
        Self {
            hello: None,
            retry: None,
            certificates: Vec::new(),
            certificate_message_bytes: None,
            certificate_offset: 0,
            certificate_status_bytes: None,
            key_exchange: None,
            request: None,
            warnings: Vec::new(),
            records: Vec::new(),
            steps: Vec::new(),
            received: 0,
            connect: None,
            elapsed: Duration::ZERO,
            client_random,
            ending,
        }
    }

    /// `ServerHello`, or the `HelloRetryRequest` where it stayed at that.
    #[must_use]
    pub fn any_hello(&self) -> Option<&ServerHello> {
        self.hello.as_ref().or(self.retry.as_ref())
    }

    /// Did the server agree to something (its flight is whole)?
    #[must_use]
    pub fn agreed(&self) -> bool {
        matches!(self.ending, Ending::Answered) && self.any_hello().is_some()
    }

    /// The version that it chose, if it agreed.
    #[must_use]
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.agreed()
            .then(|| self.any_hello().map(ServerHello::version))
            .flatten()
    }

    /// The suite that it chose, if it agreed.
    #[must_use]
    pub fn cipher_suite(&self) -> Option<CipherSuite> {
        self.agreed()
            .then(|| self.any_hello().map(|h| h.cipher_suite))
            .flatten()
    }

    /// The group of the key exchange, if it agreed on one.
    #[must_use]
    pub fn group(&self) -> Option<NamedGroup> {
        if !self.agreed() {
            return None;
        }
        if let Some(group) = self.any_hello().and_then(ServerHello::group) {
            return Some(group);
        }
        match self.key_exchange.as_ref()?.key {
            ServerKey::Ecdhe { group, .. } => Some(group),
            ServerKey::Dhe { .. } => None,
        }
    }

    /// The algorithm that signed the key exchange (TLS 1.2).
    #[must_use]
    pub fn signature_scheme(&self) -> Option<SignatureScheme> {
        self.key_exchange.as_ref()?.scheme
    }

    /// The largest record of this kind, in bytes.
    #[must_use]
    pub fn largest_record(&self, kind: ContentType) -> Option<usize> {
        self.records
            .iter()
            .filter(|r| r.kind == kind)
            .map(|r| r.bytes)
            .max()
    }
}
