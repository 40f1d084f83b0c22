//! What a person asks of a server, and whose `ClientHello` can be sent in this case.
//!
//! In: the form of the window, the snapshot. Out: [`ProbeQuestion`], [`AskChoice`]s. Reads files only
//! in [`ProbeWish::question`], which the probing thread calls.

use std::path::PathBuf;
use std::time::Duration;

use super::foreseen::{configurations, generation};
use super::snapshot::Snapshot;
use crate::device::Build;
use crate::evidence::{Direction, Lane, Role};
use crate::server::{
    DeviceHello, Limits, Manners, NameChoice, ProbeQuestion, StartTls, Target, known_hellos,
    read_certificates, read_hello, read_identity,
};
use crate::timeline::Attempt;
use crate::tls::{CipherSuite, StepName, is_grease};

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
    /// That which the configuration in the case lets its library write.
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
}

impl ProbeWish {
    /// The question; reads the files that it names. `hello` is that of the case, where the wish is
    /// for one.
    ///
    /// # Errors
    /// One sentence that says what is wrong with a file.
    pub fn question(&self, hello: Option<DeviceHello>) -> Result<ProbeQuestion, String> {
        let device = match &self.ask_as {
            AskAs::File(path) => Some(read_hello(&path.display().to_string())?),
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
        })
    }
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
/// the configuration writes, else what the device's profile says, else the known build of that name.
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
        hello.source = format!("{input}, line {line}, byte for byte with fresh random values");
        return Some(hello);
    }
    listed_hello(attempt, &input, line)
}

fn listed_hello(attempt: &Attempt, input: &str, line: u32) -> Option<DeviceHello> {
    let suites: Vec<CipherSuite> = attempt
        .seen
        .offered_suites
        .iter()
        .copied()
        .filter(|s| !is_grease(*s))
        .map(CipherSuite)
        .filter(|s| !s.is_signalling())
        .collect();
    if suites.is_empty() {
        return None;
    }
    let number = attempt.index + 1;
    Some(DeviceHello::from_suites(
        &format!("attempt-{number}"),
        &format!("suites of attempt {number}"),
        &format!("{input}, line {line}; the log lists the suites, extensions are assumed"),
        &suites,
    ))
}

/// As a client only: a build that is none writes no `ClientHello`.
fn config_hello(snap: &Snapshot) -> Option<DeviceHello> {
    let files = configurations(snap);
    if files.is_empty() {
        return None;
    }
    DeviceHello::of_build(&Build::of(&files, generation(snap).as_deref()))
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
