//! Lines in which a program around a TLS stack names the stack's error, or a tool shows a message
//! in words: wolfSSL's numbers and texts, SChannel's codes, Erlang's and Java's alerts, the dissection of
//! Wireshark.
//!
//! In: whole lines without their times, that no other dialect claims. Out: events. What a line says
//! is looked up in the stack's own table (`assets/codes/stacks/`) or in
//! `assets/dialects/stack-words.toml`. Must not know what an event means for the handshake.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use super::dialect::Dialect;
use super::error_names;
use super::prefilter::Anchors;
use super::stack_codes;
use crate::evidence::{Direction, Event, FactValue, Reader};

const ASSET: &str = include_str!("../../assets/dialects/stack-words.toml");

#[derive(Deserialize)]
struct File {
    words: Vec<Words>,
}

/// Texts of one stack that stand for one of its errors or a condition.
#[derive(Deserialize)]
struct Words {
    stack: String,
    texts: Vec<String>,
    condition: String,
    #[serde(rename = "source")]
    _source: String,
}

struct Texts {
    finder: Option<AhoCorasick>,
    entries: Vec<&'static Words>,
}

fn texts() -> &'static Texts {
    static FILE: OnceLock<File> = OnceLock::new();
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let file = FILE.get_or_init(|| toml::from_str(ASSET).unwrap_or(File { words: Vec::new() }));
        let mut entries = Vec::new();
        let mut all = Vec::new();
        for words in &file.words {
            for text in &words.texts {
                all.push(text.as_str());
                entries.push(words);
            }
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(all)
            .ok();
        Texts { finder, entries }
    })
}

static WOLF: OnceLock<Option<Regex>> = OnceLock::new();
static BEAR: OnceLock<Option<Regex>> = OnceLock::new();

/// Decoder of one input's lines.
#[derive(Debug, Default)]
pub(super) struct StackWords {
    stack: Option<&'static str>,
    /// Type of the message that is being shown in words; 0 is none.
    shown: u8,
    scheme: Option<u16>,
    /// Certificates of the server's message so far.
    certificates: u32,
    /// The server's flight is over: a Certificate that follows is the client's.
    flight_over: bool,
}

impl Dialect for StackWords {
    fn name(&self) -> &'static str {
        self.stack.unwrap_or("wireshark")
    }

    fn is_stack(&self) -> bool {
        self.stack.is_some()
    }

    fn answers_to(&self, name: &str) -> bool {
        name == "wireshark" || texts().entries.iter().any(|w| w.stack == name)
    }

    fn anchors(&self) -> Vec<Anchors> {
        let exact = [
            "Handshake Type: ",
            "Cipher Suite: ",
            "Server Name: ",
            "Certificate Length: ",
            "Named Curve: ",
            "Signature Algorithm: ",
            "Signature Length: ",
            "0x8009",
            "0x800B",
            "0x800b",
            "BearSSL",
            "getLastSSLError",
            "BSSL:",
            "-0x",
            "-0X",
        ];
        let numbers = (100..600).map(|number| format!("-{number}"));
        let words = texts().entries.iter().flat_map(|w| &w.texts);
        vec![
            Anchors::exact(exact),
            // Those of wolfSSL.
            Anchors::exact(numbers),
            Anchors::exact(error_names::begins()),
            Anchors::any_case(words),
            Anchors::any_case(error_names::all_texts()),
        ]
    }

    fn take(&mut self, line: &[u8], emit: &mut dyn FnMut(Event)) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let text = text.trim();
        self.dissection(text, emit)
            || self.number(text, emit)
            || self.named(text, emit)
            || self.error_name(text, emit)
    }
}

impl StackWords {
    /// Wireshark's or tshark's view of a handshake message. The device is taken for the client.
    fn dissection(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("Handshake Type: ") {
            let number = rest
                .rsplit_once('(')
                .and_then(|(_, n)| n.trim_end_matches(')').parse::<u8>().ok());
            return number.is_some_and(|n| self.message(n, emit));
        }
        match self.shown {
            1 | 2 => self.hello_field(text, emit),
            11 => self.certificate_field(text, emit),
            12 => self.key_exchange_field(text, emit),
            _ => false,
        }
    }

    fn message(&mut self, msg_type: u8, emit: &mut dyn FnMut(Event)) -> bool {
        let direction = match msg_type {
            1 => {
                self.certificates = 0;
                self.flight_over = false;
                Direction::Sent
            }
            15 | 16 => Direction::Sent,
            11 if self.flight_over => Direction::Sent,
            2 | 4 | 8 | 11 | 12 | 13 | 22 => Direction::Received,
            14 => {
                self.flight_over = true;
                Direction::Received
            }
            _ => {
                self.shown = 0;
                return false;
            }
        };
        self.shown = msg_type;
        emit(Event::Message {
            msg_type,
            direction,
            size: None,
            bytes: None,
        });
        true
    }

    fn hello_field(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("Cipher Suite: ") {
            let id = rest
                .rsplit_once("(0x")
                .and_then(|(_, n)| u16::from_str_radix(n.trim_end_matches(')'), 16).ok());
            match id {
                Some(id) if self.shown == 1 => emit(Event::OfferedSuite(id)),
                Some(id) => emit(Event::ChosenSuite(id)),
                None => return false,
            }
            return true;
        }
        if let Some(name) = text
            .strip_prefix("Server Name: ")
            .filter(|_| self.shown == 1)
        {
            emit(Event::ServerName(name.to_owned()));
            return true;
        }
        false
    }

    /// `Certificate Length: 3813`: the first of the server's message is its leaf.
    fn certificate_field(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let bytes = text
            .strip_prefix("Certificate Length: ")
            .and_then(|n| n.trim().parse::<i64>().ok());
        let Some(bytes) = bytes.filter(|_| !self.flight_over) else {
            return false;
        };
        self.certificates += 1;
        let fact = match self.certificates {
            1 => "server.leaf_bytes",
            2 => "server.intermediate_bytes",
            _ => return true,
        };
        emit(Event::Setting {
            fact: fact.into(),
            value: FactValue::Int(bytes),
        });
        true
    }

    fn key_exchange_field(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        if let Some(rest) = text.strip_prefix("Named Curve: ") {
            if let Some(name) = rest.split(' ').next() {
                emit(Event::ChosenGroup(name.to_owned()));
            }
        } else if let Some(rest) = text.strip_prefix("Signature Algorithm: ") {
            self.scheme = rest
                .rsplit_once("(0x")
                .and_then(|(_, n)| u16::from_str_radix(n.trim_end_matches(')'), 16).ok());
        } else if let Some(rest) = text.strip_prefix("Signature Length: ") {
            if let (Some(scheme), Ok(len)) = (self.scheme, rest.trim().parse()) {
                emit(Event::KeyExchangeSignature { scheme, len });
            }
        } else {
            return false;
        }
        true
    }

    /// `SSL_connect failed with error -140: ASN parsing error`, `SEC_E_UNTRUSTED_ROOT (0x80090325)`.
    fn number(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let status = ["0x8009", "0x800B", "0x800b"];
        if let Some(at) = status.iter().find_map(|s| text.find(s)) {
            let code = text
                .get(at + 2..at + 10)
                .and_then(|n| u32::from_str_radix(n, 16).ok());
            if let Some(row) = code.and_then(stack_codes::schannel) {
                self.stack = Some("schannel");
                tell(&row.name, row.condition.as_deref(), emit);
                return true;
            }
        }
        // Three digits behind a minus sign are rare: most lines end here.
        let signed = text.as_bytes().windows(4).any(|w| {
            w[0] == b'-' && matches!(w[1], b'1'..=b'5') && w[2..].iter().all(u8::is_ascii_digit)
        });
        if signed {
            let regex = WOLF.get_or_init(|| {
                Regex::new(
                    r"(?i)(?:\b(?:SSL_connect|wolfSSL_\w+|wolfSSL)\b.{0,40}?|^(?:ERROR:? )?failed to (?:load|connect)[ :]+|^)(-[1-5]\d\d)\b(.*)$",
                )
                .ok()
            });
            if let Some(caps) = regex.as_ref().and_then(|r| r.captures(text)) {
                let code = caps.get(1).and_then(|m| m.as_str().parse::<i32>().ok());
                let row = code.and_then(stack_codes::wolfssl);
                // A bare number means something else in every program: the stack must be named.
                let named = self.stack == Some("wolfssl")
                    || text.to_ascii_lowercase().contains("wolfssl")
                    || text.contains("SSL_connect failed with error")
                    // The wording of wolfSSL's own examples for ESP-IDF.
                    || text.contains("failed to load -") && text.contains("please check the file")
                    || row.is_some_and(|r| {
                        caps.get(2).is_some_and(|t| {
                            let said = t.as_str().trim_start_matches([':', ',', ' ']);
                            said.len() > 8
                                && r.text
                                    .to_ascii_lowercase()
                                    .starts_with(&said.trim_end_matches('.').to_ascii_lowercase())
                        })
                    });
                if let Some(row) = row.filter(|_| named) {
                    self.stack = Some("wolfssl");
                    // Codes from -301 on are those of the TLS layer (wolfssl/error-ssl.h).
                    if row.number.0 <= -301 {
                        emit(Event::Reached("tls"));
                    }
                    tell(&row.name, row.condition.as_deref(), emit);
                    return true;
                }
            }
        }
        if text.contains('-') && self.wolfssl_number(text, emit) {
            return true;
        }
        if text.contains("BearSSL") || text.contains("getLastSSLError") || text.contains("BSSL:") {
            let regex = BEAR.get_or_init(|| Regex::new(r"\b(\d{1,3})\b[^0-9]*$").ok());
            let code = regex
                .as_ref()
                .and_then(|r| r.captures(text))
                .and_then(|c| c.get(1)?.as_str().parse::<u32>().ok());
            if let Some(code) = code {
                return self.bearssl(code, emit);
            }
        }
        false
    }

    /// A number of wolfSSL beside a word that makes it an error, where the line or the log names the
    /// library: `ret = -188`, `error: -0xbc`, `returned -155`.
    fn wolfssl_number(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        static NUMBER: OnceLock<Option<Regex>> = OnceLock::new();
        let named = self.stack == Some("wolfssl") || text.to_ascii_lowercase().contains("wolf");
        if !named {
            return false;
        }
        let regex = NUMBER.get_or_init(|| {
            Regex::new(
                r"(?i)\b(?:errors?|err|ret|rc|res|result|code|reason|returned|returns?|failed|failure)\b[^-\d]{0,24}-(?:([1-5]\d\d)|0x([0-9a-f]{2,3}))\b",
            )
            .ok()
        });
        let Some(caps) = regex.as_ref().and_then(|r| r.captures(text)) else {
            return false;
        };
        let number = match (caps.get(1), caps.get(2)) {
            (Some(decimal), _) => decimal.as_str().parse::<i32>().ok(),
            (_, Some(hex)) => i32::from_str_radix(hex.as_str(), 16).ok(),
            _ => None,
        };
        let Some(row) = number.and_then(|n| stack_codes::wolfssl(-n)) else {
            return false;
        };
        self.stack = Some("wolfssl");
        if row.number.0 <= -301 {
            emit(Event::Reached("tls"));
        }
        tell(&row.name, row.condition.as_deref(), emit);
        true
    }

    /// An error by its name in the stack's header, or BearSSL's by its text.
    fn error_name(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let wolf = self.stack == Some("wolfssl") || text.to_ascii_lowercase().contains("wolf");
        let found = error_names::find(text, wolf).or_else(|| error_names::by_text(text, wolf));
        let Some((stack, row)) = found else {
            return false;
        };
        self.stack = Some(stack);
        emit(Event::Reached("tls"));
        tell(&row.name, row.condition.as_deref(), emit);
        true
    }

    /// 256 + N is fatal alert N received, 512 + N sent (`inc/bearssl_ssl.h`).
    fn bearssl(&mut self, code: u32, emit: &mut dyn FnMut(Event)) -> bool {
        let (number, direction) = match code {
            257..=511 => (code - 256, Direction::Received),
            513..=767 => (code - 512, Direction::Sent),
            _ => {
                let Some(row) = stack_codes::bearssl(code).filter(|_| code != 0) else {
                    return false;
                };
                self.stack = Some("bearssl");
                tell(&row.name, row.condition.as_deref(), emit);
                return true;
            }
        };
        let Ok(number) = u8::try_from(number) else {
            return false;
        };
        self.stack = Some("bearssl");
        emit(Event::Alert {
            level: Some(2),
            number,
            direction,
        });
        true
    }

    /// A text that only this stack prints.
    fn named(&mut self, text: &str, emit: &mut dyn FnMut(Event)) -> bool {
        let texts = texts();
        let Some(hit) = texts.finder.as_ref().and_then(|f| f.find(text)) else {
            return false;
        };
        let words = texts.entries[hit.pattern().as_usize()];
        if self.stack.is_none() {
            self.stack = Some(words.stack.as_str());
        }
        emit(Event::Condition {
            name: words.condition.as_str(),
            value: None,
        });
        true
    }
}

fn tell(name: &str, condition: Option<&'static str>, emit: &mut dyn FnMut(Event)) {
    emit(Event::ErrorName {
        name: name.to_owned(),
        by: Reader::Application,
    });
    if let Some(name) = condition {
        emit(Event::Condition { name, value: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (Option<&'static str>, Vec<Event>) {
        let mut dialect = StackWords::default();
        let mut events = Vec::new();
        for line in lines {
            dialect.take(line.as_bytes(), &mut |e| events.push(e));
        }
        (dialect.stack, events)
    }

    fn has(events: &[Event], wanted: &str) -> bool {
        events
            .iter()
            .any(|e| matches!(e, Event::Condition { name, .. } if *name == wanted))
    }

    #[test]
    fn every_text_names_a_condition_that_exists() {
        let file: File = toml::from_str(ASSET).unwrap();
        let known: Vec<&str> = super::super::condition_names()
            .iter()
            .map(|n| n.0)
            .collect();
        for words in &file.words {
            assert!(
                known.contains(&words.condition.as_str()),
                "{}",
                words.condition
            );
            for text in &words.texts {
                let (_, got) = read(&[&format!("x {text} y")]);
                assert!(has(&got, &words.condition), "{text}: {got:?}");
            }
        }
    }

    #[test]
    fn numbers_of_wolfssl_only_where_it_is_named() {
        let (stack, got) = read(&["curl: (35) SSL_connect failed with error -188: no signer"]);
        assert_eq!(stack, Some("wolfssl"));
        assert!(has(&got, "issuer_unknown"));
        assert_eq!(read(&["temperature -150 degrees"]).1, []);
        assert_eq!(read(&["ret=-188"]).1, []);
    }

    #[test]
    fn bearssl_alerts() {
        let (_, got) = read(&["BearSSL error: 296"]);
        assert!(matches!(
            got[..],
            [Event::Alert {
                number: 40,
                direction: Direction::Received,
                ..
            }]
        ));
    }

    #[test]
    fn a_server_key_exchange_of_wireshark() {
        let (_, got) = read(&[
            "Handshake Type: Server Key Exchange (12)",
            "Named Curve: secp256r1 (0x0017)",
            "Signature Algorithm: ecdsa_secp384r1_sha384 (0x0503)",
            "Signature Length: 70",
        ]);
        assert!(got.contains(&Event::KeyExchangeSignature {
            scheme: 0x0503,
            len: 70
        }));
    }
}
