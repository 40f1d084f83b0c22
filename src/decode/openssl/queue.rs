//! Lines of OpenSSL's error queue, wherever a program prints them, and the codes of certificate
//! verification.
//!
//! `…:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:FILE:LINE:SSL alert number 48`.
//! Up to 1.1 a code is library (8 bits), function (12), reason (12); from 3.0 library << 23 and
//! reason (`include/openssl/err.h`).

use crate::decode::conditions;
use crate::decode::{alert_words, stack_codes};
use crate::evidence::{Direction, Event, Reader};
use crate::knowledge::codes::StackRow;

/// Number of the library part that is TLS itself (`ERR_LIB_SSL`).
const LIB_SSL: u32 = 20;
/// Number of the library part of RSA (`ERR_LIB_RSA`).
const LIB_RSA: u32 = 4;
/// `ERR_LIB_EVP` and `ERR_LIB_ASN1` (err.h).
const LIB_EVP: u32 = 6;
const LIB_ASN1: u32 = 13;
/// Files of keys: `ERR_LIB_PKCS12`, `ERR_LIB_OSSL_STORE`, `ERR_LIB_OSSL_DECODER` (err.h).
const LIB_PKCS12: u32 = 35;
const LIB_STORE: u32 = 44;
const LIB_DECODER: u32 = 60;
/// `ERR_LIB_RAND` and `ERR_LIB_ENGINE` (err.h).
const LIB_RAND: u32 = 36;
const LIB_ENGINE: u32 = 38;
/// Reasons from here on are alerts received: reason minus this is the alert.
const ALERT_BASE: u32 = 1000;
/// The peer closed TCP without `close_notify` (`SSL_R_UNEXPECTED_EOF_WHILE_READING`).
const UNEXPECTED_EOF: u32 = 294;
/// `SSL_R_CERTIFICATE_VERIFY_FAILED`.
const VERIFY_FAILED: u32 = 134;

/// One error of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::decode) struct QueueError<'a> {
    lib: u32,
    reason: u32,
    system: bool,
    function: &'a str,
    text: &'a str,
    alert: Option<u8>,
}

impl<'a> QueueError<'a> {
    /// The certificate check failed; which part of it did is said elsewhere.
    pub(in crate::decode) fn is_verify_failed(&self) -> bool {
        self.lib == LIB_SSL && self.reason == VERIFY_FAILED
    }

    /// Finds an error in a line; refuses at once where `error:` is missing. A logger's own level
    /// (`- error: tuya.1 …`) may stand before it.
    pub(in crate::decode) fn find(line: &'a str) -> Option<Self> {
        memchr::memmem::find_iter(line.as_bytes(), b"error:")
            .filter_map(|at| line.get(at + 6..))
            .find_map(|rest| Self::entry(line, rest))
    }

    /// `rest`: what follows `error:`.
    fn entry(line: &'a str, rest: &'a str) -> Option<Self> {
        let (code, rest) = rest.split_once(':')?;
        if code.len() != 8 {
            return None;
        }
        let code = u32::from_str_radix(code, 16).ok()?;
        let mut parts = rest.splitn(3, ':');
        let lib_name = parts.next()?;
        let function = parts.next()?;
        let tail = parts.next()?;
        // nginx and Apache close the line differently: `reason)`, `reason (SSL alert number 48)`.
        let end = tail.find([':', '(', ')']).unwrap_or(tail.len());
        let text = tail[..end].trim();
        let alert = line.split_once("SSL alert number ").and_then(|(_, n)| {
            let digits: String = n.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        let system = lib_name == "system library";
        // BoringSSL has numbers of its own; its reasons have OpenSSL's names.
        let (lib, reason) = if function == "OPENSSL_internal" && lib_name == "SSL routines" {
            (LIB_SSL, boring_reason(text))
        } else if code & 0x8000_0000 != 0 {
            (2, code & 0x7FFF_FFFF)
        } else if code >> 23 & 0xFF == LIB_SSL && code >> 24 == 0x0A
            || code & 0x007F_F000 == 0
            // The reasons that all parts share carry a flag (`ERR_RFLAGS_OFFSET`, 3.x), and 3.x names
            // no function.
            || function.is_empty() && code & 0x0003_F000 == 0
        {
            (code >> 23, code & 0x007F_FFFF)
        } else {
            (code >> 24, code & 0xFFF)
        };
        Some(Self {
            lib,
            reason,
            system,
            function,
            text,
            alert,
        })
    }

    /// The alert that the speaker received, where the error is one.
    pub(in crate::decode) fn alert(&self) -> Option<u8> {
        let by_reason = (self.lib == LIB_SSL)
            .then(|| self.reason.checked_sub(ALERT_BASE))
            .flatten()
            .and_then(|n| u8::try_from(n).ok());
        self.alert.or(by_reason)
    }

    /// `SSL_R_UNEXPECTED_EOF_WHILE_READING`: the other end closed TCP.
    pub(in crate::decode) fn is_end_of_file(&self) -> bool {
        self.lib == LIB_SSL && self.reason == UNEXPECTED_EOF
    }

    /// `SSL_R_CERTIFICATE_VERIFY_FAILED`: this side refuses the other's certificate.
    pub(in crate::decode) fn is_verification(&self) -> bool {
        self.lib == LIB_SSL && self.reason == VERIFY_FAILED
    }

    /// `SSL_R_WRONG_VERSION_NUMBER`: the bytes of a record's header are not those expected.
    pub(in crate::decode) fn is_wrong_version(&self) -> bool {
        self.lib == LIB_SSL && self.reason == 267
    }

    /// The end that the failing function works for: `true` for a server.
    pub(in crate::decode) fn side(&self) -> Option<bool> {
        let function = self.function.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|p| function.contains(p));
        if has(&[
            "client_hello",
            "client_certificate",
            "_cke",
            "client_key_exchange",
            "accept",
        ]) {
            Some(true)
        } else if has(&[
            "server_hello",
            "server_certificate",
            "_ske",
            "server_done",
            "connect",
        ]) {
            Some(false)
        } else {
            None
        }
    }

    /// Handshake type of the message that the failing function was reading.
    pub(in crate::decode) fn message(&self) -> Option<u8> {
        let function = self.function.to_ascii_lowercase();
        let name = [
            "tls_process_",
            "tls_post_process_",
            "tls_early_post_process_",
            "ssl3_get_",
        ]
        .iter()
        .find_map(|p| function.strip_prefix(p))?;
        Some(match name {
            "client_hello" => 1,
            "server_hello" => 2,
            "new_session_ticket" => 4,
            "encrypted_extensions" => 8,
            "server_certificate" | "client_certificate" => 11,
            "key_exchange" | "ske_ecdhe" | "ske_dhe" | "ske_psk_preamble" => 12,
            "certificate_request" => 13,
            "server_done" => 14,
            "cert_verify" => 15,
            "client_key_exchange" | "cke_rsa" | "cke_ecdhe" | "cke_dhe" | "cke_psk_preamble" => 16,
            "finished" => 20,
            "cert_status" | "cert_status_body" => 22,
            _ => return None,
        })
    }

    /// What the table has for the reason: by its number where the text agrees, by its text else
    /// (`LibreSSL` and forks number some reasons in their own way).
    fn row(&self) -> Option<&'static StackRow> {
        let by_number = stack_codes::openssl_reason(self.reason);
        match stack_codes::openssl_reason_by_text(self.text) {
            Some(row) => Some(row),
            None => by_number,
        }
    }

    /// `SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE`: the Certificate message was empty.
    pub(in crate::decode) fn is_without_certificate(&self) -> bool {
        self.lib == LIB_SSL && self.reason == 199
    }

    /// Hands on what the error says. `server`: the speaker is the device's peer.
    pub(in crate::decode) fn tell(&self, server: bool, emit: &mut dyn FnMut(Event)) {
        if self.system {
            match (self.reason & 0xFFF, server) {
                (2, false) => condition("file_missing", emit),
                (number, _) => super::errno(number, server, emit),
            }
            return;
        }
        if self.lib != LIB_SSL {
            if self.lib == LIB_RSA && !server {
                emit(Event::Reached("tls"));
                emit(Event::ErrorName {
                    name: format!("RSA_R_{}", upper(self.text)),
                    by: Reader::Library,
                });
            } else if !server {
                let mut told = false;
                let mut tell = |e| {
                    told = true;
                    emit(e);
                };
                conditions::application().find(self.text.as_bytes(), &mut tell);
                match self.lib {
                    LIB_ASN1 if !told => condition("cert_parse_failed", emit),
                    LIB_EVP if self.text.starts_with("unsupported") => {
                        condition("feature_missing", emit);
                    }
                    // Nothing that is installed reads this file, or its password is wrong.
                    LIB_PKCS12 | LIB_STORE | LIB_DECODER if !told => {
                        condition("key_parse_failed", emit);
                    }
                    LIB_RAND if !told => condition("rng_seed_failed", emit),
                    LIB_ENGINE if !told => condition("key_store_failed", emit),
                    _ => {}
                }
            }
            return;
        }
        if self.reason == UNEXPECTED_EOF {
            if server {
                condition("client_left_handshake", emit);
                emit(Event::DeviceClosed);
            } else {
                emit(Event::PeerClosed);
            }
            return;
        }
        let row = self.row();
        let name = row.map_or_else(|| format!("SSL_R_{}", upper(self.text)), |r| r.name.clone());
        if server {
            emit(Event::PeerError { name });
            let said = row.and_then(|r| r.server.as_deref().or(r.condition.as_deref()));
            if let Some(name) = said {
                condition(name, emit);
            }
            return;
        }
        emit(Event::ErrorName {
            name,
            by: Reader::Library,
        });
        match row.and_then(|r| r.condition.as_deref()) {
            Some(name) => condition(name, emit),
            None if self.reason == VERIFY_FAILED => {}
            None => {
                let mut tell = |e| emit(e);
                conditions::application().find(self.text.as_bytes(), &mut tell);
            }
        }
    }
}

fn upper(text: &str) -> String {
    text.to_ascii_uppercase().replace([' ', '-'], "_")
}

/// Reason number of OpenSSL that has the name of one of `BoringSSL`'s.
fn boring_reason(text: &str) -> u32 {
    if let Some(number) = text
        .split_once("_ALERT_")
        .and_then(|(_, name)| alert_words::number(name))
    {
        return ALERT_BASE + u32::from(number);
    }
    stack_codes::openssl_reason_by_text(text)
        .and_then(|row| u32::try_from(row.number.0).ok())
        .unwrap_or(0)
}

/// A reason by its name (`WRONG_VERSION_NUMBER`) or text, as programs print it without its code.
pub(in crate::decode) fn reason_by_text(
    text: &str,
    server: bool,
    emit: &mut dyn FnMut(Event),
) -> bool {
    let upper = text.to_ascii_uppercase().replace([' ', '-'], "_");
    if let Some(number) = upper
        .split_once("_ALERT_")
        .and_then(|(_, name)| alert_words::number(name))
    {
        emit(Event::Alert {
            level: Some(2),
            number,
            direction: if server {
                Direction::Sent
            } else {
                Direction::Received
            },
        });
        return true;
    }
    let Some(row) = stack_codes::openssl_reason_by_text(text) else {
        return plain_alert(&upper, server, emit);
    };
    let Ok(reason) = u32::try_from(row.number.0) else {
        return false;
    };
    QueueError {
        lib: LIB_SSL,
        reason,
        system: false,
        function: "",
        text,
        alert: None,
    }
    .tell(server, emit);
    true
}

/// An alert whose reason lacks the word: `TLSV1_UNRECOGNIZED_NAME` (sslerr.h, 1110 to 1114).
fn plain_alert(upper: &str, server: bool, emit: &mut dyn FnMut(Event)) -> bool {
    let number = upper.strip_prefix("TLSV1_").and_then(alert_words::number);
    if let Some(number) = number {
        let direction = if server {
            Direction::Sent
        } else {
            Direction::Received
        };
        emit(Event::Alert {
            level: Some(2),
            number,
            direction,
        });
    }
    number.is_some()
}

/// A code of certificate verification by its name without `X509_V_ERR_`.
pub(in crate::decode) fn verify_by_name(name: &str, emit: &mut dyn FnMut(Event)) -> bool {
    let Some(row) = stack_codes::x509_verify_by_name(name) else {
        return false;
    };
    if let Ok(number) = u32::try_from(row.number.0) {
        verify_error(number, false, emit);
    }
    true
}

/// A verification code other than "ok": about the server's chain, or, said by a server, about
/// the device's.
pub(in crate::decode) fn verify_error(number: u32, server: bool, emit: &mut dyn FnMut(Event)) {
    if number == 0 {
        return;
    }
    if server {
        condition("client_cert_refused", emit);
    }
    let Some(row) = stack_codes::x509_verify(number) else {
        return;
    };
    if server {
        emit(Event::PeerError {
            name: row.name.clone(),
        });
        return;
    }
    emit(Event::ErrorName {
        name: row.name.clone(),
        by: Reader::Library,
    });
    if let Some(name) = row.condition.as_deref() {
        condition(name, emit);
    }
}

fn condition(name: &'static str, emit: &mut dyn FnMut(Event)) {
    emit(Event::Condition { name, value: None });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_generations() {
        let new = QueueError::find(
            "80AB:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/x.c:1:SSL alert number 40",
        )
        .unwrap();
        assert_eq!((new.lib, new.reason, new.alert()), (20, 0x410, Some(40)));
        let old = QueueError::find(
            "140:error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher:ssl/statem/statem_srvr.c:2283:",
        )
        .unwrap();
        assert_eq!((old.lib, old.reason, old.alert()), (20, 193, None));
        assert_eq!(old.message(), Some(1));
        let nginx = QueueError::find(
            "SSL_do_handshake() failed (SSL: error:0A000076:SSL routines::no suitable signature algorithm) while SSL handshaking",
        )
        .unwrap();
        assert_eq!(
            (nginx.reason, nginx.text),
            (118, "no suitable signature algorithm")
        );
        let system = QueueError::find(
            "40:error:8000006F:system library:BIO_connect:Connection refused:a.c:1:",
        )
        .unwrap();
        assert!(system.system);
        assert_eq!(system.reason, 111);
        let x509 = QueueError::find("40:error:05800074:x509 certificate routines:X509_check_private_key:key values mismatch:a.c:1:").unwrap();
        assert_eq!((x509.lib, x509.reason), (11, 116));
        assert_eq!(QueueError::find("an error: something went wrong"), None);
        let logged = "12:00:01.5 - error: app (17) 140:error:14094416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:a.c:1:SSL alert number 46";
        assert_eq!(QueueError::find(logged).unwrap().alert(), Some(46));
    }
}
