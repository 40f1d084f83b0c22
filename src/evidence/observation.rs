//! Observations: what a decoder is sure of.

use std::sync::Arc;

use super::{Direction, FactValue, Micros};

/// Which end of TLS the speaker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sends the `ClientHello`.
    Client,
    /// Answers it.
    Server,
}

/// How an attempt to reach the peer ended, below TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectResult {
    /// TCP connected.
    Connected,
    /// The name did not resolve.
    DnsFailed,
    /// Refused (RST to the SYN).
    Refused,
    /// No answer to the SYN.
    TimedOut,
    /// Failed, reason not printed.
    Failed,
}

/// Where the stack was when a code or a text came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The TLS library's own trace.
    Library,
    /// The application around it.
    Application,
}

/// One certificate as a stack printed it in words (not its bytes). Texts are as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerCertificate {
    /// 1 is the leaf as sent.
    pub index: u32,
    /// Subject as printed.
    pub subject: String,
    /// Issuer as printed.
    pub issuer: String,
    /// Serial as printed.
    pub serial: String,
    /// Microseconds since 1970 UTC.
    pub not_before: Option<Micros>,
    /// Microseconds since 1970 UTC.
    pub not_after: Option<Micros>,
    /// Such as `RSA with SHA-256`.
    pub signed_using: String,
    /// Such as `RSA` or `EC`, with the bits.
    pub key_type: String,
    /// Key size in bits.
    pub key_bits: Option<u32>,
    /// Subject alternative names as printed.
    pub alt_names: Vec<String>,
    /// `CA=true` printed.
    pub is_ca: Option<bool>,
    /// Key usages as printed.
    pub key_usage: Vec<String>,
    /// Extended key usages as printed.
    pub ext_key_usage: Vec<String>,
}

/// What a line (or several together) says.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The application or the library starts one handshake from its beginning.
    SessionStart,
    /// The library was asked to go on with the handshake (`=> handshake`).
    HandshakeCalled,
    /// It returned (`<= handshake`).
    HandshakeReturned,
    /// The state machine is in this state. Name without prefix, such as `SERVER_HELLO`.
    State {
        /// The number, where the stack prints one.
        number: Option<u16>,
        /// The name, where it prints one or the number is the same in all versions.
        name: Option<&'static str>,
        /// Whose state machine.
        role: Role,
    },
    /// The device is this end of the handshake, as the place in the library's source tells.
    Role(Role),
    /// The application says that it is at this step of its own counter, with this result.
    AppStep {
        /// The rule of the user that read it.
        rule: Arc<str>,
        /// The step number, read as the library's state.
        state: Option<u16>,
        /// The result printed with it.
        result: Option<i64>,
    },
    /// A whole handshake message was handed over (sent or received).
    Message {
        /// Handshake type number.
        msg_type: u8,
        /// Direction.
        direction: Direction,
        /// Size with its 4-byte header, in bytes.
        size: Option<u32>,
        /// The bytes, where a hex dump gave them.
        bytes: Option<Arc<[u8]>>,
    },
    /// The library began to write or parse this message (`=> write certificate`).
    MessageBegun {
        /// Handshake type number; 20+256 stands for `ChangeCipherSpec` in [`CCS`].
        msg_type: u16,
        /// Direction.
        direction: Direction,
    },
    /// It ended (`<= parse certificate`), possibly after saying "skip".
    MessageEnded {
        /// As in `MessageBegun`.
        msg_type: u16,
        /// Direction.
        direction: Direction,
        /// The library said that there was nothing to do.
        skipped: bool,
    },
    /// A record header went by.
    Record {
        /// Direction.
        direction: Direction,
        /// Content type number.
        content_type: u8,
        /// Version as on the wire.
        version: u16,
        /// Length of the fragment in bytes, without the 5-byte header.
        len: u32,
    },
    /// One read of the socket: bytes that arrived.
    Read {
        /// Bytes.
        got: u32,
    },
    /// The library wants this many bytes and has that many.
    ReadWants {
        /// Bytes in the buffer.
        have: u32,
        /// Bytes wanted.
        want: u32,
    },
    /// One write to the socket: bytes that TCP took.
    Wrote {
        /// Bytes.
        took: u32,
    },
    /// Bytes waiting to be sent, none taken yet.
    WriteWants {
        /// Bytes.
        left: u32,
    },
    /// An alert.
    Alert {
        /// 1 warning, 2 fatal; `None` where only the number is printed.
        level: Option<u8>,
        /// Description number.
        number: u8,
        /// Direction.
        direction: Direction,
    },
    /// A function returned this code (already sign-corrected; never a byte count).
    Code {
        /// Such as `mbedtls_ssl_handshake`; empty where unknown.
        function: String,
        /// The code as printed, negative for Mbed TLS.
        code: i64,
        /// Who says it.
        by: Reader,
    },
    /// An error that the stack names itself, such as `ASN_BEFORE_DATE_E`.
    ErrorName {
        /// The name as the stack writes it.
        name: String,
        /// Who says it.
        by: Reader,
    },
    /// Verify flags of the certificate check, as a bit set.
    VerifyFlags(u32),
    /// The name of one verify flag, recognised from its text.
    VerifyText(&'static str),
    /// A named condition recognised from a text of the library, such as `bad message length`.
    /// The names are listed with the dialect.
    Condition {
        /// The name of the condition.
        name: &'static str,
        /// The number printed with it.
        value: Option<i64>,
    },
    /// The random of a hello: the same bytes at both ends and on the wire, and in no other handshake.
    Random {
        /// Of the client's hello; else of the server's.
        from_client: bool,
        /// Its bytes.
        random: [u8; 32],
    },
    /// A suite that the client offers.
    OfferedSuite(u16),
    /// The suite that the server chose.
    ChosenSuite(u16),
    /// A group that the client offers.
    OfferedGroup(u16),
    /// The group in use.
    ChosenGroup(String),
    /// A signature scheme that the client offers.
    OfferedSignature(u16),
    /// The highest version that the client offers.
    OfferedVersion {
        /// Lowest, where printed.
        min: Option<u16>,
        /// Highest.
        max: Option<u16>,
    },
    /// The version in use.
    ChosenVersion(u16),
    /// The signature in a ServerKeyExchange of TLS 1.2.
    KeyExchangeSignature {
        /// Its two bytes of algorithm (RFC 5246 section 7.4.1.4.1).
        scheme: u16,
        /// Length of the signature in bytes.
        len: u16,
    },
    /// The client sends this server name.
    ServerName(String),
    /// The client sends these protocol names.
    Alpn(String),
    /// An extension of the hello by name; `true` for the client's.
    Extension {
        /// The name as printed.
        name: String,
        /// Offered by the client, or found in the server's answer.
        from_client: bool,
    },
    /// One certificate of the peer in words.
    PeerCertificate(Box<PeerCertificate>),
    /// First bytes of something that should have been a record.
    NotTls(Arc<[u8]>),
    /// The application says how reaching the peer went.
    Connect {
        /// Result.
        result: ConnectResult,
    },
    /// The application says which host (or address) it connects to.
    Target(String),
    /// The application says that it gives up, after so many milliseconds where printed.
    GaveUp {
        /// Milliseconds.
        after_ms: Option<i64>,
    },
    /// The application says that TLS is up.
    Established,
    /// A setting of a module that was made or read, as a fact of the registry.
    Setting {
        /// Name of the fact.
        fact: Arc<str>,
        /// Its value.
        value: FactValue,
    },
    /// A command that asks the module for a TLS connection was given.
    Request {
        /// What pairs it with its answer (a frame ID, a socket number).
        key: u16,
        /// Its name.
        what: Arc<str>,
    },
    /// The module's answer to a request.
    Answer {
        /// As in the request.
        key: u16,
        /// Its words.
        what: Arc<str>,
    },
    /// A frame of a module's binary interface was read between the lines.
    Frame {
        /// Its data: type and fields, without delimiter, length and check sum.
        data: Arc<[u8]>,
        /// What it says, in words; may be empty.
        says: Arc<str>,
    },
    /// A command was given to a module.
    Command {
        /// As given.
        text: Arc<str>,
    },
    /// A module said something in its dialogue of commands.
    Reply {
        /// As said.
        text: Arc<str>,
        /// What it is to the command before it.
        kind: ReplyKind,
    },
    /// The line proves that the handshake was in this step: a word of the fact `phase`, or `tls`
    /// where it only proves that TLS had begun.
    Reached(&'static str),
    /// The server says that it failed with this error and gave the connection up.
    PeerError {
        /// The name as the server's stack writes it.
        name: String,
    },
    /// The server says that the device closed or reset the connection.
    DeviceClosed,
    /// TCP ended by the peer (end of file).
    PeerClosed,
    /// TCP reset.
    PeerReset,
    /// Something on the wire that no log line tells.
    Wire {
        /// What.
        what: WireEvent,
        /// Direction.
        direction: Direction,
        /// Bytes of the record with its header, where it is one.
        size: Option<u32>,
        /// Words beside the step; may be empty.
        remark: String,
    },
    /// The device's own idea of the date, microseconds since 1970 UTC.
    DeviceClock(Micros),
    /// Bytes are missing or damaged here.
    Damaged {
        /// Bytes of the line that could not be read.
        bytes: u32,
    },
}

/// What a module's words are to the command before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// A part of the answer.
    Info,
    /// The end of the answer: done.
    Ok,
    /// The end of the answer: refused or failed.
    Failed,
    /// Said on its own accord; it may tell how an earlier command went.
    Unasked,
}

/// What only the wire shows, or shows differently from a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireEvent {
    /// A `ChangeCipherSpec` record.
    ChangeCipherSpec,
    /// A record of application data; in TLS 1.3 that may be an encrypted handshake message.
    ApplicationData {
        /// It carries data of the application for sure.
        sure: bool,
    },
    /// An alert whose number is encrypted, or (TLS 1.3) a record of an alert's size that ends the
    /// handshake.
    HiddenAlert,
    /// End of the sender's half of the connection.
    Fin,
    /// The sender reset the connection.
    Rst,
    /// The sender waited in vain and sent again, or gave up.
    TimedOut,
    /// Says more of the step before: sizes of segments, a closed window, missing bytes.
    Remark,
}

/// [`Event::MessageBegun`] number that stands for `ChangeCipherSpec`, which has no message type.
pub const CCS: u16 = 276;

/// One thing that a decoder is sure of.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Line, counted from 1; in a capture the number of the frame, which has no lines.
    pub line: u32,
    /// Time printed on the line (or the last one before it), on the input's axis.
    pub at: Option<Micros>,
    /// Time of the read, microseconds since 1970 UTC (live inputs and recordings).
    pub received: Option<Micros>,
    /// What it says.
    pub event: Event,
}
