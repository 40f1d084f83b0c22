//! The stages of a probe, in the order in which they are asked.

/// A stage of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Name look-up and a TCP connect to each address.
    Addresses,
    /// What a modern client would ask: does it speak TLS at all?
    FirstAnswer,
    /// A port that stayed silent: is it MQTT in the clear?
    PlainMqtt,
    /// The device's own `ClientHello`.
    AsDevice,
    /// Versions and suites.
    Suites,
    /// Groups.
    Groups,
    /// Whose order of the suites counts.
    Order,
    /// Compression and ALPN.
    Extensions,
    /// A complete handshake with rustls.
    Handshake,
    /// A second handshake on what the first one left.
    Resumption,
    /// Signature algorithms.
    Signatures,
    /// By name, without a name, with other names.
    Names,
    /// `max_fragment_length` and `record_size_limit`.
    Fragments,
}

impl Stage {
    /// All of them in order.
    pub const ALL: [Self; 13] = [
        Self::Addresses,
        Self::FirstAnswer,
        Self::PlainMqtt,
        Self::AsDevice,
        Self::Suites,
        Self::Groups,
        Self::Order,
        Self::Extensions,
        Self::Handshake,
        Self::Resumption,
        Self::Signatures,
        Self::Names,
        Self::Fragments,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Addresses => "TCP connection",
            Self::FirstAnswer => "First answer",
            Self::PlainMqtt => "Plain MQTT",
            Self::AsDevice => "As the device",
            Self::Suites => "Versions and suites",
            Self::Order => "Order of the suites",
            Self::Groups => "Groups",
            Self::Signatures => "Signature algorithms",
            Self::Extensions => "Compression and ALPN",
            Self::Names => "SNI comparison",
            Self::Fragments => "Fragment length",
            Self::Handshake => "Complete handshake",
            Self::Resumption => "Resumption",
        }
    }
}
