//! What the Server place remembers: the form, and what is looked at.

use crate::server::StartTls;
use crate::session::{AskAs, ServerLook};

/// Name to send in SNI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sni {
    /// The host, unless it is an address.
    #[default]
    Host,
    /// None.
    None,
    /// Another one.
    Other,
}

/// What the lower panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// With and without SNI.
    #[default]
    Names,
    /// The chain as sent.
    Chain,
    /// Versions, groups, algorithms, extensions.
    Offer,
    /// What the rules expect.
    Prediction,
    /// Fragment lengths.
    Fragments,
    /// What is asked of the client's certificate.
    Client,
    /// The device's answer as a ladder.
    Answer,
    /// Command lines.
    ByHand,
}

impl Detail {
    /// All of them in order.
    pub const ALL: [Self; 8] = [
        Self::Names,
        Self::Chain,
        Self::Offer,
        Self::Prediction,
        Self::Answer,
        Self::Fragments,
        Self::Client,
        Self::ByHand,
    ];

    /// As shown on its tab.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Names => "SNI",
            Self::Chain => "Chain",
            Self::Offer => "Offer",
            Self::Prediction => "Prediction",
            Self::Fragments => "Fragments",
            Self::Client => "Client cert",
            Self::Answer => "As the device",
            Self::ByHand => "By hand",
        }
    }
}

/// State of the Server place.
#[derive(Debug)]
pub struct ServerState {
    /// Host as typed.
    pub host: String,
    /// Port as typed.
    pub port: String,
    /// Host and port of the session that the fields were last filled with.
    pub filled: Option<(String, Option<i64>)>,
    /// Whose hello.
    pub ask_as: AskAs,
    /// Path of a file with a hello.
    pub file: String,
    /// Name in SNI.
    pub sni: Sni,
    /// The other name.
    pub other_name: String,
    /// Dialogue before TLS.
    pub starttls: Option<StartTls>,
    /// Longest wait for one step, seconds.
    pub seconds: u64,
    /// DNS server as typed; empty: the system's resolver.
    pub dns: String,
    /// Path of roots.
    pub roots: String,
    /// Path of the client's chain.
    pub chain: String,
    /// Path of the client's key.
    pub key: String,
    /// The row of options is open.
    pub options: bool,
    /// Give the address the focus.
    pub focus: bool,
    /// What is wrong with what is typed.
    pub wrong: Option<String>,
    /// Probe that is looked at; `None`: the last.
    pub probe: Option<u32>,
    /// Lower panel.
    pub detail: Detail,
    /// Tab of small and narrow windows.
    pub tab: usize,
}

impl Default for ServerState {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: "443".into(),
            filled: None,
            ask_as: AskAs::Best,
            file: String::new(),
            sni: Sni::Host,
            other_name: String::new(),
            starttls: None,
            seconds: 5,
            dns: String::new(),
            roots: String::new(),
            chain: String::new(),
            key: String::new(),
            options: false,
            focus: false,
            wrong: None,
            probe: None,
            detail: Detail::Names,
            tab: 0,
        }
    }
}

impl ServerState {
    /// What is looked at.
    #[must_use]
    pub fn look(&self) -> ServerLook {
        ServerLook {
            probe: self.probe,
            ask_as: self.ask_as.clone(),
        }
    }
}
