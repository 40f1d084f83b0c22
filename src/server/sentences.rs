//! What a probe found, in words: half sentences that command line, window and report share.
//!
//! In: values of this room. Out: texts for people, without a full stop at their end where they are
//! parts of a sentence. Decides nothing.

use std::fmt::Write;

use super::NotTls;
use super::dns::DnsAnswer;
use super::key_check::Checked;
use super::library::{LibraryEnding, LibraryReply};
use super::probe::Probe;
use super::reach::AddressTry;
use super::reply::{Ending, Reply};
use crate::tls::SignatureScheme;

impl Ending {
    /// How a connection ended, as half a sentence: who did what.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Answered => "the server answered".to_owned(),
            Self::Alert(alert) => format!("the server sent {alert}"),
            Self::Closed => "the server closed the connection without an alert".to_owned(),
            Self::Reset => "the server reset the connection".to_owned(),
            Self::Timeout => "the server stayed silent until the time was over".to_owned(),
            Self::NotTls(protocol) => protocol.sentence().to_owned(),
            Self::TooMuch(what) => format!("the server sent {what}"),
            Self::Malformed(what) => {
                format!("the server\u{2019}s bytes break the protocol: {what}")
            }
            Self::NoStartTls(text) => format!("the server refused to begin TLS: {text}"),
            Self::Unconnected(error) => format!("no connection: {error}"),
            Self::Cancelled => "the probe was stopped".to_owned(),
        }
    }
}

/// The same in one or two words.
pub(super) fn ending_word(ending: &Ending) -> String {
    match ending {
        Ending::Answered => "answered".to_owned(),
        Ending::Alert(alert) => alert.to_string(),
        Ending::Closed => "closed".to_owned(),
        Ending::Reset => "reset".to_owned(),
        Ending::Timeout => "silence".to_owned(),
        Ending::NotTls(protocol) => format!("not TLS: {}", protocol.as_str()),
        Ending::TooMuch(_) => "too much".to_owned(),
        Ending::Malformed(_) => "malformed".to_owned(),
        Ending::NoStartTls(_) => "no STARTTLS".to_owned(),
        Ending::Unconnected(_) => "no connection".to_owned(),
        Ending::Cancelled => "stopped".to_owned(),
    }
}

impl Reply {
    /// What both would use, such as `TLS 1.2 with …, group …`; `None` where there is no agreement.
    #[must_use]
    pub fn agreement(&self) -> Option<String> {
        let mut text = format!("{} with {}", self.version()?, self.cipher_suite()?);
        if let Some(group) = self.group() {
            let _ = write!(text, ", group {group}");
        }
        if let Some(scheme) = self.signature_scheme() {
            let _ = write!(text, ", signed with {scheme}");
        }
        Some(text)
    }
}

impl Checked {
    /// The verdict with the reason where nothing was checked.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotChecked(why) => format!("not checked ({why})"),
            other => other.as_str().to_owned(),
        }
    }
}

impl LibraryReply {
    /// How the handshake of the library ended, as half a sentence.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let how = if self.alert_in_clear {
            " unencrypted, although encryption had begun"
        } else {
            ""
        };
        Some(match self.ending.as_ref()? {
            LibraryEnding::Completed => {
                let version = self.version.map_or_else(String::new, |v| v.to_string());
                let suite = self
                    .cipher_suite
                    .map_or_else(String::new, |s| s.to_string());
                format!("complete: {version} with {suite}")
            }
            LibraryEnding::Alert(alert) => format!("the server sent {alert}{how}"),
            LibraryEnding::AlertAfter(alert) => {
                format!("complete for the client, then the server sent {alert}{how}")
            }
            LibraryEnding::Closed => "the server closed without an alert".to_owned(),
            LibraryEnding::Timeout => "not complete in time".to_owned(),
            LibraryEnding::Refused(text) => format!("rustls refuses: {text}"),
            LibraryEnding::Broken(text) => format!("broken: {text}"),
        })
    }

    /// What a strict verifier says of the certificates; `None` where none came.
    #[must_use]
    pub fn strict_sentence(&self) -> Option<String> {
        if self.certificates.is_empty() {
            return None;
        }
        let roots = if self.roots_given {
            "the given roots"
        } else {
            "the last certificate sent taken as root"
        };
        Some(match &self.strict {
            None => format!("accepts ({roots})"),
            Some(refusal) => format!("refuses ({roots}): {}", refusal.sentence),
        })
    }
}

impl Probe {
    /// One sentence that says what matters most.
    #[must_use]
    pub fn headline(&self) -> String {
        let host = &self.target.host;
        let port = self.target.port;
        if self.asked.is_none() {
            if self.stopped.is_some() && self.addresses.iter().all(|a| a.connect.is_ok()) {
                return format!("{host} port {port} was not asked.");
            }
            return format!(
                "{host} port {port} cannot be reached: no address accepts a connection."
            );
        }
        if let Some(protocol) = self.not_tls {
            let sentence = NotTls::sentence(protocol);
            return format!("{host} port {port} does not speak TLS. {sentence}");
        }
        if let Some(device) = &self.device {
            let name = &device.device.name;
            return match device.reply.agreement() {
                Some(text) => format!("{name} and {host} agree on {text}."),
                None if matches!(device.reply.ending, Ending::Alert(_)) => format!(
                    "{name} is refused by {host} port {port}: {}.",
                    device.reply.ending.sentence()
                ),
                None => format!(
                    "{host} port {port} agrees to no handshake with {name}: {}.",
                    device.reply.ending.sentence()
                ),
            };
        }
        if !self.reached_tls() {
            let why = self
                .first
                .as_ref()
                .map_or_else(|| "not asked".to_owned(), |r| r.ending.sentence());
            return format!("{host} port {port} agrees to no handshake: {why}.");
        }
        format!("{host} port {port} speaks TLS.")
    }

    /// The chain as it came: in the clear, else as rustls got it. Leaf first.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        let clear = self.offer.chain_reply.as_ref().map(|r| &r.certificates);
        clear
            .or(self.library.as_ref().map(|l| &l.certificates))
            .map_or(&[], Vec::as_slice)
    }
}

impl AddressTry {
    /// Address, time of the connect and what is known of the path, or why there is no connection.
    #[must_use]
    pub fn words(&self) -> String {
        let address = self.address.ip();
        match &self.connect {
            Ok(time) => {
                let ms = time.as_secs_f64() * 1e3;
                let path = self
                    .path
                    .words()
                    .map_or_else(String::new, |w| format!(", {w}"));
                format!("{address} connects in {ms:.1} ms{path}")
            }
            Err(error) => format!("{address} does not connect: {error}"),
        }
    }
}

impl DnsAnswer {
    /// The server, its time and what it told.
    #[must_use]
    pub fn words(&self) -> String {
        let asked = self.server.map_or_else(String::new, |server| {
            format!("{server} asked, {} ms. ", self.elapsed.as_millis())
        });
        if let Some(trouble) = &self.trouble {
            return format!("{asked}{}", trouble.sentence());
        }
        let kept: Vec<String> = self
            .addresses
            .iter()
            .map(|(address, ttl)| format!("{address} ({ttl} s)"))
            .collect();
        format!(
            "{asked}Addresses and how long they may be kept: {}",
            kept.join(", ")
        )
    }

    /// The chain of CNAMEs from the host on; `None` where there is none.
    #[must_use]
    pub fn chain_words(&self) -> Option<String> {
        let first = self.aliases.first()?;
        let mut chain = first.name.clone();
        for alias in &self.aliases {
            let _ = write!(chain, " \u{2192} {}", alias.target);
        }
        Some(format!(
            "{chain}. SNI and the check of the certificate use {}, not these names.",
            first.name
        ))
    }
}

impl Probe {
    /// How the server was reached: label, whether that is well, words.
    #[must_use]
    pub fn reach_lines(&self) -> Vec<(&'static str, bool, String)> {
        let mut out = Vec::new();
        if let Some(dns) = &self.dns {
            out.push(("DNS", dns.trouble.is_none(), dns.words()));
            if let Some(chain) = dns.chain_words() {
                out.push(("CNAME", true, chain));
            }
        }
        for tried in &self.addresses {
            out.push(("Address", tried.connect.is_ok(), tried.words()));
        }
        out
    }

    /// Did a stapled OCSP answer come, in the clear or with rustls? `None`: nobody looked.
    #[must_use]
    pub fn staples(&self) -> Option<bool> {
        let clear = self.offer.extensions.ocsp_staple;
        let seen = self.library.as_ref().filter(|l| !l.certificates.is_empty());
        match (clear, seen.map(|l| l.ocsp_staple)) {
            (None, None) => None,
            (clear, seen) => Some(clear == Some(true) || seen == Some(true)),
        }
    }
}

/// A signature algorithm by its name of TLS 1.3, else by its pair of TLS 1.2.
#[must_use]
pub fn scheme_name(scheme: SignatureScheme) -> String {
    match scheme.tls13_name() {
        Some(name) => name.to_owned(),
        None => scheme.to_string(),
    }
}

/// A distinguished name as text, else its bytes.
#[must_use]
pub fn name_text(der: &[u8]) -> String {
    use x509_parser::prelude::{FromDer, X509Name};
    match X509Name::from_der(der) {
        Ok((_, name)) => name.to_string(),
        Err(_) => super::chain::hexadecimal(der),
    }
}
