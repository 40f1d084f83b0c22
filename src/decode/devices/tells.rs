//! What a line or code proves, as written in the data files.
//!
//! `error` (of a code: its name), `error NAME`, `condition NAME`, `flag NAME`, `reached STEP`,
//! `connect RESULT`, `established`, `closed`, `reset`, `gave_up`, `start`, `alert sent|received N`,
//! `message sent|received N`.

use crate::evidence::{ConnectResult, Direction, Event, Reader};

/// One thing proved, read from its words.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// The error of the code at hand.
    OwnError,
    /// An event that needs nothing else.
    Event(Event),
}

/// Steps that `reached` may name: words of the fact `phase`, and `tls`.
const STEPS: [&str; 11] = [
    "setup",
    "dns",
    "tcp_connect",
    "client_hello",
    "server_hello",
    "server_certificate",
    "server_key_exchange",
    "server_flight",
    "client_flight",
    "peer_finished",
    "tls",
];

/// Verify flags that `flag` may name.
const FLAGS: [&str; 9] = [
    "EXPIRED",
    "FUTURE",
    "CN_MISMATCH",
    "NOT_TRUSTED",
    "REVOKED",
    "KEY_USAGE",
    "EXT_KEY_USAGE",
    "BAD_KEY",
    "BAD_MD",
];

/// Reads the words.
///
/// # Errors
/// One sentence that says what is wrong with them.
pub fn tell(words: &str) -> Result<Tell, String> {
    let (verb, rest) = words.split_once(' ').unwrap_or((words, ""));
    let fail = || format!("\"{words}\" says nothing that is known");
    let event = match (verb, rest) {
        ("error", "") => return Ok(Tell::OwnError),
        ("error", name) => Event::ErrorName {
            name: name.to_owned(),
            by: Reader::Application,
        },
        ("condition", name) => Event::Condition {
            name: super::super::conditions::names()
                .iter()
                .map(|(n, _)| *n)
                .chain(super::EXTRA_CONDITIONS)
                .find(|n| *n == name)
                .ok_or_else(fail)?,
            value: None,
        },
        ("flag", name) => Event::VerifyText(known(&FLAGS, name).ok_or_else(fail)?),
        ("reached", step) => Event::Reached(known(&STEPS, step).ok_or_else(fail)?),
        ("connect", result) => Event::Connect {
            result: match result {
                "connected" => ConnectResult::Connected,
                "refused" => ConnectResult::Refused,
                "dns_failed" => ConnectResult::DnsFailed,
                "timed_out" => ConnectResult::TimedOut,
                "failed" => ConnectResult::Failed,
                _ => return Err(fail()),
            },
        },
        ("established", "") => Event::Established,
        ("closed", "") => Event::PeerClosed,
        ("reset", "") => Event::PeerReset,
        ("left", "") => Event::DeviceClosed,
        ("peer", name) if !name.is_empty() => Event::PeerError {
            name: name.to_owned(),
        },
        ("gave_up", "") => Event::GaveUp { after_ms: None },
        ("start", "") => Event::SessionStart,
        ("alert" | "message", rest) => {
            let (way, number) = rest.split_once(' ').ok_or_else(fail)?;
            let number = number.parse().map_err(|_| fail())?;
            let direction = match way {
                "sent" => Direction::Sent,
                "received" => Direction::Received,
                _ => return Err(fail()),
            };
            if verb == "alert" {
                Event::Alert {
                    level: Some(2),
                    number,
                    direction,
                }
            } else {
                Event::Message {
                    msg_type: number,
                    direction,
                    size: None,
                    bytes: None,
                }
            }
        }
        _ => return Err(fail()),
    };
    Ok(Tell::Event(event))
}

fn known(list: &[&'static str], name: &str) -> Option<&'static str> {
    list.iter().find(|n| **n == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_others_refused() {
        assert_eq!(tell("error"), Ok(Tell::OwnError));
        assert_eq!(
            tell("alert sent 46"),
            Ok(Tell::Event(Event::Alert {
                level: Some(2),
                number: 46,
                direction: Direction::Sent
            }))
        );
        for bad in ["flag WHAT", "reached nowhere", "condition xyz", "hop", ""] {
            assert!(tell(bad).is_err(), "{bad}");
        }
    }
}
