//! What the explanation of a code consists of.

/// What is known of the stack that printed the code. It moves meanings up, it never hides one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackHint {
    /// Family, such as `mbedtls`.
    pub family: String,
    /// Major and minor version.
    pub version: Option<(u8, u8)>,
}

impl StackHint {
    /// Is this the family of a stack with this name? Letter case and blanks do not count.
    pub(super) fn names(&self, stack: &str) -> bool {
        let letters = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect::<String>()
        };
        let family = letters(&self.family);
        let stack = letters(stack);
        !family.is_empty()
            && (stack.contains(&family)
                || stack == "mbedtls" && MBEDTLS_INSIDE.contains(&family.as_str()))
    }
}

/// Frameworks and SDKs whose TLS is Mbed TLS: they print its codes.
const MBEDTLS_INSIDE: [&str; 8] = [
    "espidf",
    "arduinoesp32",
    "micropython",
    "circuitpython",
    "zephyr",
    "awsiot",
    "azureiot",
    "espat",
];

/// What sort of number or name a meaning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An error of a library.
    Error,
    /// A PSA Crypto status.
    PsaStatus,
    /// An error of a library whose table is flat.
    StackError,
    /// A count of bytes that was printed like an error.
    ByteCount,
    /// A TLS alert description.
    Alert,
    /// A state of a handshake state machine.
    HandshakeState,
    /// A bit of the result of a certificate check.
    VerifyFlag,
    /// A cipher suite.
    CipherSuite,
    /// A named group.
    NamedGroup,
    /// A signature scheme.
    SignatureScheme,
    /// A record content type.
    ContentType,
    /// A handshake message type.
    HandshakeType,
    /// A protocol version.
    Version,
    /// An extension of a hello.
    Extension,
    /// A line of a library's source, which fixes the release.
    SourceLine,
    /// A status of a module, written in hexadecimal.
    DeviceStatus,
    /// A result or error number of a device's stack, written in decimal.
    DeviceError,
    /// A number that a device's stack gives to something of TLS: a suite, a state.
    DeviceNumber,
    /// The same, written in hexadecimal: a frame type, a command.
    DeviceHexNumber,
}

impl Kind {
    /// As shown to people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Error | Self::StackError => "error",
            Self::PsaStatus => "PSA status",
            Self::ByteCount => "number of bytes",
            Self::Alert => "alert",
            Self::HandshakeState => "handshake state",
            Self::VerifyFlag => "verify flag",
            Self::CipherSuite => "cipher suite",
            Self::NamedGroup => "named group",
            Self::SignatureScheme => "signature scheme",
            Self::ContentType => "record content type",
            Self::HandshakeType => "handshake message type",
            Self::Version => "protocol version",
            Self::Extension => "extension",
            Self::SourceLine => "source line",
            Self::DeviceStatus => "status of a module",
            Self::DeviceError => "error of a device",
            Self::DeviceNumber | Self::DeviceHexNumber => "number of its own",
        }
    }
}

/// One meaning of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What sort of number it is.
    pub kind: Kind,
    /// The stack, or `TLS` for what the protocol itself defines.
    pub stack: &'static str,
    /// Versions of the stack (or of TLS) in which it holds; empty where it holds in all.
    pub versions: String,
    /// The name.
    pub name: String,
    /// What it means, in sentences.
    pub text: String,
    /// Where that is written.
    pub source: &'static str,
    /// The number itself; of a compound code, the part that has this meaning.
    pub number: i64,
}

impl Meaning {
    /// The number as its field writes it: `-0x7280`, `0xC030`, `0x08`, `46`.
    #[must_use]
    pub fn code(&self) -> String {
        let n = self.number;
        match self.kind {
            Kind::Error => format!("-0x{:04X}", n.unsigned_abs()),
            Kind::CipherSuite | Kind::NamedGroup | Kind::SignatureScheme | Kind::Version => {
                format!("0x{n:04X}")
            }
            Kind::VerifyFlag | Kind::DeviceStatus | Kind::DeviceHexNumber => format!("0x{n:02X}"),
            Kind::StackError if n > 0xFFFF => format!("0x{n:08X}"),
            _ => n.to_string(),
        }
    }
}

/// A part of the query that no table knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As asked.
    pub asked: String,
    /// One sentence that says what is not known and what is nearest.
    pub sentence: String,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// As asked.
    pub query: String,
    /// Every meaning, most plausible first (part by part where the query has several).
    pub meanings: Vec<Meaning>,
    /// What no table knows.
    pub unknown: Vec<Unknown>,
}
