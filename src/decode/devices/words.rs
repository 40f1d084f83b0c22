//! What a group of a pattern names in the words of a stack: an alert, a reason of OpenSSL, a code
//! of a certificate check.
//!
//! In: the text of the group. Out: events as the device sees them.

use crate::decode::{alert_words, openssl};
use crate::evidence::{Direction, Event};

/// How the group `what` of a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Name of an alert that the device received or sent.
    Alert(Direction),
    /// Name or text of a reason of OpenSSL's TLS library, said by the device.
    OpensslReason,
    /// The same, said by a server about the device.
    OpensslReasonOfServer,
    /// The line means what `tells` says, and its words mean nothing else.
    Nothing,
    /// Name of a code of OpenSSL's certificate check, without `X509_V_ERR_`.
    X509Verify,
}

impl Reads {
    /// By its word in a pattern file.
    ///
    /// # Errors
    /// One sentence when there is no such word.
    pub(super) fn of(word: &str) -> Result<Self, String> {
        Ok(match word {
            "alert received" => Self::Alert(Direction::Received),
            "alert sent" => Self::Alert(Direction::Sent),
            "openssl reason" => Self::OpensslReason,
            "openssl reason of server" => Self::OpensslReasonOfServer,
            "x509 verify" => Self::X509Verify,
            "nothing else" => Self::Nothing,
            _ => return Err(format!("there is no way to read \"{word}\"")),
        })
    }

    /// Says what the text names; `false` where it names nothing that is known.
    pub(super) fn say(self, what: &str, emit: &mut dyn FnMut(Event)) -> bool {
        match self {
            Self::Alert(direction) => {
                let Some(number) = alert_words::number(what) else {
                    return false;
                };
                if number != 0 {
                    emit(Event::Alert {
                        level: Some(2),
                        number,
                        direction,
                    });
                }
                true
            }
            Self::OpensslReason => openssl::reason_by_text(what, false, emit),
            Self::OpensslReasonOfServer => openssl::reason_by_text(what, true, emit),
            Self::X509Verify => openssl::verify_by_name(what, emit),
            Self::Nothing => true,
        }
    }
}
