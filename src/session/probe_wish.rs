//! What a person asks of a server, and whose `ClientHello` can be sent in this case.
//!
//! In: the form of the window, the snapshot. Out: [`ProbeQuestion`], [`AskChoice`]s. Reads files only
//! in [`ProbeWish::question`], which the probing thread calls.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file_seen::FileContent;
use super::predicting::client_hello;
use super::snapshot::Snapshot;
use crate::device::{Build, ConfigReading, read_config};
use crate::evidence::{Direction, Lane, Role};
use crate::server::{
    DeviceHello, Limits, Manners, NameChoice, ProbeQuestion, StartTls, Target, known_hellos,
    read_certificates, read_hello, read_identity,
};
use crate::tls::{CipherSuite, StepName};

/// Larger files are no configuration, in bytes.
const LARGEST_CONFIG: u64 = 8_000_000;

/// Whose `ClientHello` is sent beside our own questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AskAs {
    /// The one that the case knows best.
    #[default]
    Best,
    /// Nobody's.
    Nobody,
    /// That of an attempt of the case, by its index.
    Attempt(usize),
    /// What the configuration files of the case make of Mbed TLS.
    Config,
    /// Made of the suites that the profile of the chosen device names.
    Profile,
    /// That of a known build, by id.
    Known(String),
    /// From a file.
    File(PathBuf),
}

/// A choice that the case offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskChoice {
    /// The choice.
    pub ask: AskAs,
    /// As shown.
    pub words: String,
    /// Where its `ClientHello` is known from.
    pub source: String,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeWish {
    /// Where.
    pub target: Target,
    /// Name in SNI.
    pub name: NameChoice,
    /// Whose `ClientHello`.
    pub ask_as: AskAs,
    /// Dialogue before TLS.
    pub starttls: Option<StartTls>,
    /// Longest wait for one step, seconds, 1 to 10.
    pub seconds: u64,
    /// File with roots (PEM).
    pub roots: Option<PathBuf>,
    /// Files with the client's certificate chain and key (PEM).
    pub identity: Option<(PathBuf, PathBuf)>,
    /// DNS server to ask instead of the system's resolver.
    pub dns_server: Option<SocketAddr>,
}

impl ProbeWish {
    /// The question; reads the files that it names. `hello` is that of the case, where the wish is
    /// for one.
    ///
    /// # Errors
    /// One sentence that says what is wrong with a file.
    pub fn question(&self, hello: Option<DeviceHello>) -> Result<ProbeQuestion, String> {
        let device = match &self.ask_as {
            AskAs::File(path) => Some(hello_of_file(path)?),
            _ => hello,
        };
        let seconds = self.seconds.clamp(1, 10);
        Ok(ProbeQuestion {
            target: self.target.clone(),
            name: self.name.clone(),
            device,
            manners: Manners {
                limits: Limits::default().within(Duration::from_secs(seconds)),
                starttls: self.starttls,
                ..Manners::default()
            },
            roots: match &self.roots {
                Some(path) => read_certificates(path)?,
                None => Vec::new(),
            },
            identity: match &self.identity {
                Some((chain, key)) => Some(read_identity(chain, key)?),
                None => None,
            },
            dns_server: self.dns_server,
        })
    }
}

/// A `ClientHello`, or the one that a configuration in the file makes Mbed TLS write.
fn hello_of_file(path: &Path) -> Result<DeviceHello, String> {
    let shown = path.display().to_string();
    let hello = read_hello(&shown);
    let Err(sentence) = hello else { return hello };
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    if size == 0 || size > LARGEST_CONFIG {
        return Err(sentence);
    }
    let bytes = std::fs::read(path).map_err(|e| format!("{shown} cannot be read. ({e})"))?;
    let read = read_config(&shown, &String::from_utf8_lossy(&bytes));
    if !read.is_about_mbedtls() {
        return Err(format!(
            "{shown} holds neither a ClientHello nor a configuration of Mbed TLS."
        ));
    }
    DeviceHello::of_build(&Build::of(&[read], None))
        .ok_or_else(|| format!("{shown} configures no client of Mbed TLS."))
}

/// Host and port as typed; a port behind the host goes before the port's own field.
///
/// # Errors
/// One sentence.
pub fn wish_target(host: &str, port: &str) -> Result<Target, String> {
    let (host, port) = (host.trim(), port.trim());
    if host.is_empty() {
        return Err("Type the host or address of the server.".to_owned());
    }
    let mut target = Target::parse(host).map_err(|e| e.to_string())?;
    let bare = host.trim_matches(['[', ']']) == target.host;
    if bare && !port.is_empty() {
        target.port = port
            .parse()
            .ok()
            .filter(|p| *p > 0)
            .ok_or_else(|| format!("\u{201c}{port}\u{201d} is no port: 1 to 65535."))?;
    }
    Ok(target)
}

impl AskAs {
    /// The `ClientHello` in this case; `None` for nobody's and for one that is in a file.
    #[must_use]
    pub fn hello(&self, snap: &Snapshot) -> Option<DeviceHello> {
        match self {
            Self::Best => best(snap).hello_itself(snap),
            other => other.hello_itself(snap),
        }
    }

    fn hello_itself(&self, snap: &Snapshot) -> Option<DeviceHello> {
        match self {
            Self::Best | Self::Nobody | Self::File(_) => None,
            Self::Attempt(index) => attempt_hello(snap, *index),
            Self::Config => config_hello(snap),
            Self::Profile => profile_hello(snap),
            Self::Known(id) => DeviceHello::known(id),
        }
    }
}

/// What [`AskAs::Best`] stands for: the judged attempt's own hello, else another attempt's, else what
/// the configuration makes of the library, else what the device's profile says, else the known build of
/// that name.
#[must_use]
pub fn best(snap: &Snapshot) -> AskAs {
    let judged = snap.judged.into_iter();
    let attempts = judged.chain((0..snap.attempts.len()).rev());
    for index in attempts {
        if attempt_hello(snap, index).is_some() {
            return AskAs::Attempt(index);
        }
    }
    if config_hello(snap).is_some() {
        return AskAs::Config;
    }
    let Some(device) = &snap.named_device else {
        return AskAs::Nobody;
    };
    if profile_hello(snap).is_some() {
        return AskAs::Profile;
    }
    match DeviceHello::known(&device.id) {
        Some(known) => AskAs::Known(known.id),
        None => AskAs::Nobody,
    }
}

/// Everything that can be chosen, what the case itself knows first. Nobody is always among them.
#[must_use]
pub fn ask_choices(snap: &Snapshot) -> Vec<AskChoice> {
    let mut asks: Vec<AskAs> = (0..snap.attempts.len()).rev().map(AskAs::Attempt).collect();
    asks.push(AskAs::Config);
    asks.push(AskAs::Profile);
    let mut out: Vec<AskChoice> = Vec::new();
    for ask in asks {
        let Some(hello) = ask.hello_itself(snap) else {
            continue;
        };
        // Attempts that offer the same are one choice.
        let same = out
            .iter()
            .filter_map(|c| c.ask.hello_itself(snap))
            .any(|known| known.cipher_suites() == hello.cipher_suites());
        if !same || matches!(ask, AskAs::Profile | AskAs::Config) {
            out.push(choice(ask, hello));
        }
    }
    for hello in known_hellos() {
        out.push(choice(AskAs::Known(hello.id.clone()), hello));
    }
    out.push(AskChoice {
        ask: AskAs::Nobody,
        words: "no device".into(),
        source: "Only our own questions are asked.".into(),
    });
    out
}

fn choice(ask: AskAs, hello: DeviceHello) -> AskChoice {
    AskChoice {
        ask,
        words: hello.name,
        source: hello.source,
    }
}

/// The hello of an attempt of the device as client: its bytes where the input gives them, else the
/// suites that the log lists.
fn attempt_hello(snap: &Snapshot, index: usize) -> Option<DeviceHello> {
    let attempt = snap
        .attempts
        .get(index)
        .filter(|a| a.role == Role::Client && a.lane == Lane::Device)?;
    let input = snap.inputs.iter().find(|i| i.id == attempt.input);
    let input = input.map_or_else(|| "closed input".to_owned(), |i| i.name.clone());
    let number = index + 1;
    let sent = attempt
        .steps
        .iter()
        .find(|s| s.name == StepName::ClientHello && s.direction == Direction::Sent);
    let line = sent.map_or(attempt.first_line, |s| s.line);
    if let Some(bytes) = sent.and_then(|s| s.bytes.as_deref())
        && let Ok(mut hello) = DeviceHello::from_file(&input, bytes)
        && !hello.cipher_suites().is_empty()
    {
        hello.id = format!("attempt-{number}");
        hello.name = format!("ClientHello of attempt {number}");
        hello.source = format!(
            "{input}, line {line}: the message byte for byte, with fresh random values (a step keeps \
             no record header; its version is TLS 1.0, as most clients write it)"
        );
        return Some(hello);
    }
    let mut listed = DeviceHello::of_hello(&input, client_hello(attempt)?);
    if listed.cipher_suites().is_empty() {
        return None;
    }
    listed.id = format!("attempt-{number}");
    listed.name = format!("ClientHello of attempt {number}, put together");
    listed.source = format!(
        "{input}, line {line}: the log lists what it offers; what it does not print is assumed"
    );
    Some(listed)
}

/// The configuration files of the case.
pub(super) fn configurations(snap: &Snapshot) -> Vec<ConfigReading> {
    snap.files
        .iter()
        .filter_map(|f| match &f.content {
            FileContent::Config(config) if config.is_about_mbedtls() => {
                Some(ConfigReading::clone(config))
            }
            _ => None,
        })
        .collect()
}

fn config_hello(snap: &Snapshot) -> Option<DeviceHello> {
    let files = configurations(snap);
    if files.is_empty() {
        return None;
    }
    let mut hello = DeviceHello::of_build(&Build::of(&files, None))?;
    "config".clone_into(&mut hello.id);
    Some(hello)
}

fn profile_hello(snap: &Snapshot) -> Option<DeviceHello> {
    let device = snap.named_device.as_ref()?;
    let offers = device.offers.as_ref()?;
    let suites: Vec<CipherSuite> = offers
        .names
        .iter()
        .filter_map(|n| CipherSuite::from_name(n))
        .collect();
    if suites.is_empty() {
        return None;
    }
    let name = if offers.setting.is_empty() {
        device.name.clone()
    } else {
        format!("{}, {}", device.name, offers.setting)
    };
    let more = if offers.complete {
        ""
    } else {
        " There may be more. Extensions are assumed."
    };
    let source = format!("{}{more}", offers.source);
    Some(DeviceHello::from_suites(
        &device.id, &name, &source, &suites,
    ))
}
