//! Did the device send a certificate of its own?
//!
//! In: steps, conditions and, of a capture without keys, the sizes of sealed records. Out: the facts
//! `client_cert.*`. Must not know whether the server accepted it.

use super::Teller;
use crate::evidence::{Direction, Role};
use crate::tls::{ProtocolVersion, StepName};

impl Teller<'_> {
    pub(super) fn client_certificate(&mut self, requested: bool) {
        let a = self.a;
        let own = a
            .steps
            .iter()
            .find(|s| s.name == StepName::Certificate && s.direction == Direction::Sent);
        if a.role != Role::Client {
            return;
        }
        let none = a
            .seen
            .conditions
            .iter()
            .find(|c| matches!(c.0, "no_certificate_to_send" | "client_certificate_skipped"));
        if let Some(step) = own {
            // A list without an entry: 4 bytes of header and 3 of length (TLS 1.2), one more in 1.3;
            // with the record's header and, encrypted, its tag it stays below 40.
            let empty = none.is_some() || step.size_bytes.is_some_and(|s| s < 40);
            if !a.began_before_log {
                self.yes("client_cert.sent", !empty, step.line);
            }
        } else if requested && none.is_some() {
            self.yes(
                "client_cert.sent",
                false,
                none.map_or(a.first_line, |n| n.2),
            );
        }
        self.sealed_client_certificate();
        // CertificateVerify is only sent with a certificate.
        if let Some(line) = self.step_line(StepName::CertificateVerify, Direction::Sent) {
            self.yes("client_cert.sent", true, line);
        }
    }

    /// TLS 1.3 without keys: the sizes of the client's sealed flight before the server's alert. An
    /// empty Certificate and a Finished take 30 and 58 to 74 bytes (RFC 8446 sections 4.4.2 and
    /// 4.4.4, and the tag), with padding to 16 a little more; the smallest certificate more than 400.
    fn sealed_client_certificate(&mut self) {
        let a = self.a;
        let (Some(alert), true) = (a.seen.hidden_alert, a.seen.from_wire) else {
            return;
        };
        if a.version != Some(ProtocolVersion::TLS13)
            || a.steps
                .iter()
                .any(|s| s.name == StepName::EncryptedExtensions)
        {
            return;
        }
        let sealed: Vec<u32> = a
            .steps
            .iter()
            .filter(|s| s.name == StepName::ApplicationData && s.direction == Direction::Sent)
            .filter(|s| s.line < alert)
            .filter_map(|s| s.size_bytes)
            .collect();
        // The first two are Certificate and Finished, or what stands in their place.
        let flight: u32 = sealed.iter().take(2).sum();
        if flight > 400 {
            self.yes("client_cert.sent", true, alert);
        } else if sealed.len() >= 2 && (80..=170).contains(&flight) {
            self.yes("client_cert.sent", false, alert);
            self.yes("client_cert.requested", true, alert);
        }
    }
}
