//! Steps and alerts of an attempt against what crossed the wire.

use crate::tls::StepName;

/// A message with its direction: `("client_hello", "sent")`.
pub(super) type Step = (String, String);

/// Steps that take part: handshake messages. `ChangeCipherSpec` is not one, tickets come when they
/// like.
pub(super) fn counts(name: &str) -> bool {
    const NAMES: [StepName; 12] = [
        StepName::ClientHello,
        StepName::ServerHello,
        StepName::HelloRetryRequest,
        StepName::EncryptedExtensions,
        StepName::Certificate,
        StepName::CertificateStatus,
        StepName::ServerKeyExchange,
        StepName::CertificateRequest,
        StepName::ServerHelloDone,
        StepName::ClientKeyExchange,
        StepName::CertificateVerify,
        StepName::Finished,
    ];
    NAMES.iter().any(|n| n.as_str() == name)
}

/// Length of the longest common subsequence.
pub(super) fn lcs(a: &[Step], b: &[Step]) -> usize {
    let mut row = vec![0_usize; b.len() + 1];
    for x in a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let left = row.get(j).copied().unwrap_or(0);
            let here = if x == y {
                diagonal + 1
            } else {
                above.max(left)
            };
            diagonal = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = here;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Does the log print this alert: its number or name on a line that speaks of an alert?
pub(super) fn printed(log: &str, number: u8, name: &str) -> bool {
    let words = regex::escape(name).replace('_', "[ _]?");
    let pattern = format!(r"(?i)alert.*(\b{number}\b|{words})|(\b{number}\b|{words}).*alert");
    regex::Regex::new(&pattern).is_ok_and(|p| p.is_match(log))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(names: &[&str]) -> Vec<Step> {
        names
            .iter()
            .map(|n| ((*n).to_owned(), "sent".to_owned()))
            .collect()
    }

    #[test]
    fn the_longest_common_subsequence_skips_what_one_side_lacks() {
        let truth = steps(&[
            "client_hello",
            "certificate",
            "client_key_exchange",
            "finished",
        ]);
        assert_eq!(lcs(&truth, &truth), 4);
        assert_eq!(lcs(&truth, &steps(&["client_hello", "finished"])), 2);
        assert_eq!(lcs(&truth, &steps(&["finished", "client_hello"])), 1);
        assert_eq!(lcs(&truth, &[]), 0);
    }

    #[test]
    fn an_alert_counts_as_printed_by_number_or_name() {
        assert!(printed(
            "got fatal alert message (40)",
            40,
            "handshake_failure"
        ));
        assert!(printed(
            "SSL3 alert handshake failure",
            40,
            "handshake_failure"
        ));
        assert!(!printed("alert level 2, 42", 40, "handshake_failure"));
    }
}
