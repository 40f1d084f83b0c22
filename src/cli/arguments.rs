//! The arguments of every command.

use std::path::PathBuf;

use crate::session::DeviceSide;
use clap::{Args, Parser, Subcommand};

/// Finds out why an embedded device's TLS handshake fails.
#[derive(Debug, Parser)]
#[command(name = "handlens-cli", version, about, long_about = None)]
pub(super) struct Arguments {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say where the handshakes in these files stand and why.
    Diagnose(Case),
    /// Watch a device on a serial port.
    Watch(Watch),
    /// Inspect certificates and keys, and hold them against a device.
    Certs(Certs),
    /// Ask a server what it offers, sends and demands.
    Probe(Probe),
    /// Say what a device and a server would agree on, and what would not fit.
    Predict(Predict),
    /// Explain error codes, alerts, states and suites.
    Explain(Explain),
    /// Write a report.
    Report(Report),
    /// Measure the diagnosis on a folder of labelled cases.
    Score(Score),
    /// Check the tables of causes, rules, questions and codes.
    CheckAssets(CheckAssets),
}

/// Inputs of one case and what is known about it.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Case {
    /// Logs, recordings, captures, certificates, keys, configurations, a saved session, or a folder
    /// of them; `-` reads standard input.
    #[arg(required_unless_present = "peer", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A log of the device's peer (a server's), where its content does not tell.
    #[arg(long, value_name = "FILE")]
    pub peer: Vec<PathBuf>,
    #[command(flatten)]
    pub known: Known,
}

#[derive(Clone, Debug, Default, Args)]
pub(super) struct Known {
    /// Device whose abilities and limits are known.
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// Host that the device was to reach.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Judge as of this time, such as 2019-06-04T07:54:18Z.
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// Read logs as this dialect alone, such as `wolfssl`; without it each line as what it looks like.
    #[arg(long, value_name = "NAME")]
    pub dialect: Option<String>,
    /// Which end of a capture is the device: client, server, or its address. Without it: what a log
    /// beside it or the capture itself shows.
    #[arg(
        long,
        visible_alias = "device-ip",
        value_name = "client|server|ADDRESS"
    )]
    pub device_side: Option<DeviceSide>,
    /// A fact that no input shows, such as `device.rx_buffer_bytes=1024`.
    #[arg(long = "fact", value_name = "NAME=VALUE")]
    pub facts: Vec<String>,
    /// An experiment and how it ended, such as `link=works`, `link=same` or `link+server=otherwise`.
    #[arg(long = "tried", value_name = "WHAT=RESULT")]
    pub tried: Vec<String>,
    /// Folder with tables of your own, laid out like `assets/`.
    #[arg(long, value_name = "FOLDER")]
    pub assets: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Watch {
    /// Port, such as /dev/ttyUSB0 or COM4.
    pub port: String,
    /// Speed in bits per second.
    #[arg(long, default_value_t = 115_200)]
    pub baud: u32,
    /// Record everything that is read into this file.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Stop after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    #[command(flatten)]
    pub known: Known,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Certs {
    /// Files in any form, or folders of them; `-` reads standard input.
    #[arg(required_unless_present = "modem", value_name = "FILE|FOLDER")]
    pub files: Vec<PathBuf>,
    /// Device whose limits count; `list` names all, `all` asks which ones could take this.
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// The device's own Mbed TLS configuration header or sdkconfig, in place of a known device.
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub config: Option<PathBuf>,
    /// Host or address that the device asks for.
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Certificates that the device trusts.
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    /// Trust the roots of this system as well.
    #[arg(long)]
    pub system_roots: bool,
    /// File whose first line is the password of a container, a key store or an encrypted key; `-` asks
    /// nothing and reads standard input. The empty password is tried anyway.
    #[arg(long, value_name = "FILE")]
    pub password_file: Vec<PathBuf>,
    /// Judge as of this time, such as 2019-06-04T07:54:18Z.
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// Two files, the old and the renewed one: what changed and what that does to the device.
    #[arg(long)]
    pub compare: bool,
    #[command(flatten)]
    pub out: CertsOut,
    /// Folder with tables of your own, laid out like `assets/`.
    #[arg(long, value_name = "FOLDER")]
    pub assets: Option<PathBuf>,
}

/// Certificates out again.
#[allow(clippy::struct_excessive_bools)] // independent switches
#[derive(Clone, Debug, Args)]
pub(super) struct CertsOut {
    /// Write the certificates into this folder, in the order of their path.
    #[arg(long, value_name = "FOLDER", conflicts_with = "compare")]
    pub export: Option<PathBuf>,
    /// Form of the files; without it what the device of --device takes, else PEM.
    #[arg(long, value_name = "FORM", requires = "export",
          value_parser = ["pem", "pem-crlf", "der", "c-array", "c-string", "at"])]
    pub form: Option<String>,
    /// Modem whose commands are written, for --form at; `list` names all.
    #[arg(long, value_name = "ID")]
    pub modem: Option<String>,
    /// One certificate a file.
    #[arg(long, requires = "export")]
    pub split: bool,
    /// Size and SHA-256 in the file names.
    #[arg(long, requires = "export")]
    pub hash_names: bool,
    /// A NUL at the end of a PEM.
    #[arg(long, requires = "export")]
    pub nul: bool,
    /// Leave the root out.
    #[arg(long, requires = "export")]
    pub without_root: bool,
    /// Leave certificates out that are not part of the path.
    #[arg(long, requires = "export")]
    pub without_extra: bool,
    /// Replace files that are there already.
    #[arg(long, requires = "export")]
    pub replace: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Probe {
    /// Server: a name or an address, with the port where it is not 443.
    #[arg(value_name = "HOST[:PORT]")]
    pub target: String,
    /// Ask as this device too: an id such as mbedtls-2.16, or a file with its first handshake message:
    /// bytes, hexadecimal digits, a capture or a log.
    #[arg(long = "as", value_name = "ID|FILE")]
    pub device: Option<String>,
    /// Ask as the device that these files configure: an Mbed TLS header, an sdkconfig or prj.conf, a C
    /// file with its `mbedtls_ssl_conf` calls.
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub config: Vec<PathBuf>,
    /// Name to send in SNI, or `none`. Without it the host is sent, unless it is an address.
    #[arg(long, value_name = "NAME|none")]
    pub sni: Option<String>,
    /// Dialogue before TLS: smtp, imap or pop3.
    #[arg(long, value_name = "PROTOCOL", value_parser = ["smtp", "imap", "pop3"])]
    pub starttls: Option<String>,
    /// DNS server to ask for the host's addresses, such as that of the device's network; without it the
    /// system's resolver gives them.
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub dns: Option<String>,
    /// Roots (PEM) to judge the server's chain by.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Client certificate chain (PEM) to show when the server asks.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Private key (PEM) of the client certificate.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Longest wait for one step, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=10))]
    pub timeout: u64,
    /// Most connections.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub connections: usize,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Predict {
    /// The device's own configuration: an Mbed TLS header, an sdkconfig or prj.conf, a C file with its
    /// `mbedtls_ssl_conf` calls. Several are put on top of each other.
    #[arg(long, value_name = "FILE", required_unless_present = "device")]
    pub config: Vec<PathBuf>,
    /// A known device, or beside a configuration the version of its library, such as mbedtls-2.16.
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// The other end: a server that is asked, or a capture or log that shows it.
    #[arg(long, value_name = "HOST[:PORT]|FILE")]
    pub server: Option<String>,
    /// The other end where the device is the server: a known client such as openssl-3, or a file with
    /// its first handshake message, a capture or a log.
    #[arg(long, value_name = "ID|FILE", conflicts_with = "server")]
    pub client: Option<String>,
    /// What the device is. Without it: what its configuration can be, a client where it can be both.
    #[arg(long, value_name = "ROLE", value_parser = ["client", "server"])]
    pub role: Option<String>,
    /// The device's own certificates, where it is the server.
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The chain that the server sends, where the other end does not show it.
    #[arg(long, value_name = "FILE")]
    pub chain: Option<PathBuf>,
    /// Name to send in SNI, or `none`.
    #[arg(long, value_name = "NAME|none")]
    pub sni: Option<String>,
    /// Longest wait for one step, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=10))]
    pub timeout: u64,
    /// Folder with profiles of your own in `devices/`.
    #[arg(long, value_name = "FOLDER")]
    pub assets: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Explain {
    /// Codes as they are written: -0x7280, -29312, FFFFB380, alert 46, quectel 563, errno 113.
    #[arg(required = true, allow_hyphen_values = true, value_name = "CODE")]
    pub codes: Vec<String>,
}

#[allow(clippy::struct_excessive_bools)] // one switch for each kind of secret
#[derive(Clone, Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    pub case: Case,
    /// File to write; its ending chooses the form.
    #[arg(
        short,
        long,
        value_name = "FILE.{html,md,json}",
        required_unless_present = "letter"
    )]
    pub output: Option<PathBuf>,
    /// Print the letter to the owner of the other side instead, as plain text.
    #[arg(long)]
    pub letter: bool,
    /// Leave passwords, tokens and pre-shared keys in.
    #[arg(long)]
    pub with_secrets: bool,
    /// Leave IP addresses in.
    #[arg(long)]
    pub with_addresses: bool,
    /// Leave IMEI, ICCID and serial numbers in.
    #[arg(long)]
    pub with_identities: bool,
    /// Number host names instead of naming them.
    #[arg(long)]
    pub without_hosts: bool,
    /// Put the raw log in, blanked like everything else.
    #[arg(long)]
    pub with_log: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Score {
    /// Folder of cases (`case.toml`), scenarios (`scenario.toml`) or recordings (`truth.toml`).
    pub folder: PathBuf,
    /// Only those with this text in the name or stack.
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// One line for each case.
    #[arg(short, long)]
    pub verbose: bool,
    /// What of a scenario is judged.
    #[arg(long, value_enum, default_value = "log")]
    pub inputs: ScoreInputs,
    /// Damage every log in each known way, with this seed, and score it again.
    #[arg(long, value_name = "SEED")]
    pub noise: Option<u64>,
    /// Score each case without the rules that hold for it alone.
    #[arg(long)]
    pub leave_out: bool,
    /// Another labelled folder: a rule that holds for one of its cases is kept by `--leave-out`.
    #[arg(long, value_name = "FOLDER", requires = "leave_out")]
    pub beside: Option<PathBuf>,
    /// Folder with tables of your own, laid out like `assets/`.
    #[arg(long, value_name = "FOLDER")]
    pub assets: Option<PathBuf>,
}

/// What of a scenario is judged by `score`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScoreInputs {
    /// The device's log alone.
    Log,
    /// The capture alone.
    Capture,
    /// Both logs, the capture, the server's chain and what the device trusts.
    Files,
    /// Everything in the folder: also keys, key logs, other certificates and the configuration.
    All,
}

#[derive(Clone, Debug, Args)]
pub(super) struct CheckAssets {
    /// Folder with tables of your own on top of the built-in ones.
    pub folder: Option<PathBuf>,
}
