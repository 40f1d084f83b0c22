//! A whole probe: reach the port, tell whether it is TLS, ask as the device, survey, names,
//! fragments, a complete handshake.
//!
//! In: [`ProbeQuestion`]. Out: [`Probe`], which keeps what was found when it is stopped early.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use super::NotTls;
use super::device_hello::DeviceHello;
use super::exchange::{said_nothing, speaks_mqtt};
use super::fragments::{FragmentTry, measure_fragments};
use super::key_check::{KeyCheck, check_key_exchange};
use super::library::{Identity, LibraryEnding, LibraryQuestion, LibraryReply, ask_library};
use super::naming::{NameTry, compare_names};
use super::offer::{Offer, survey};
use super::prober::{Manners, Prober, Progress, Refusals, Stop};
use super::question::{Question, groups_of, suites_of};
use super::reply::{Ending, Reply};
use super::sentences::ending_word;
use super::stage::Stage;
use super::starttls::StartTls;
use super::target::{Target, TargetError, connect};
use crate::tls::ProtocolVersion;

/// The name for `server_name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NameChoice {
    /// The host, unless it is an address.
    #[default]
    Host,
    /// No extension.
    None,
    /// This one.
    Given(String),
}

/// What is asked.
#[derive(Debug)]
pub struct ProbeQuestion {
    /// Where.
    pub target: Target,
    /// Name for `server_name`.
    pub name: NameChoice,
    /// Device whose `ClientHello` is sent as well.
    pub device: Option<DeviceHello>,
    /// Behaviour towards the server.
    pub manners: Manners,
    /// Roots for what a strict verifier would say.
    pub roots: Vec<CertificateDer<'static>>,
    /// Certificate to show when the server asks for one.
    pub identity: Option<Identity>,
}

/// An address and the time of its TCP connect, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddressTry {
    /// Address and port.
    pub address: SocketAddr,
    /// Time of the connect, or what the system says.
    pub connect: Result<Duration, String>,
}

/// What the device's own `ClientHello` brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceReply {
    /// The device.
    pub device: DeviceHello,
    /// The answer.
    pub reply: Reply,
}

/// Everything that a probe found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Where.
    pub target: Target,
    /// Addresses, in the resolver's order.
    pub addresses: Vec<AddressTry>,
    /// The address that was asked.
    pub asked: Option<SocketAddr>,
    /// What was sent in `server_name`.
    pub name: Option<String>,
    /// Dialogue before TLS.
    pub starttls: Option<StartTls>,
    /// What the port speaks instead of TLS.
    pub not_tls: Option<NotTls>,
    /// The answer to the first question.
    pub first: Option<Reply>,
    /// The survey.
    pub offer: Offer,
    /// The server's key exchange, checked.
    pub key_check: Option<KeyCheck>,
    /// Names.
    pub names: Vec<NameTry>,
    /// Fragments.
    pub fragments: Vec<FragmentTry>,
    /// As the device.
    pub device: Option<DeviceReply>,
    /// The handshake with rustls.
    pub library: Option<LibraryReply>,
    /// How the server turned questions down.
    pub refusals: Refusals,
    /// TCP connections, all of them.
    pub connections: usize,
    /// Whole time.
    pub elapsed: Duration,
    /// Why it is not complete.
    pub stopped: Option<Stop>,
}

impl Probe {
    /// Did any question lead to an agreement?
    #[must_use]
    pub fn reached_tls(&self) -> bool {
        !self.offer.suites.is_empty()
            || self.first.as_ref().is_some_and(Reply::agreed)
            || self.device.as_ref().is_some_and(|d| d.reply.agreed())
    }
}

/// Probes. `cancel` stops it within a tenth of a second (a name look-up and a TCP
/// connect excepted: they end by their own time).
///
/// # Errors
/// The name has no address.
pub fn probe(
    question: &ProbeQuestion,
    cancel: &AtomicBool,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Probe, TargetError> {
    let started = Instant::now();
    let manners = question.manners;
    let target = &question.target;
    let addresses = target.resolve(manners.limits.connect)?;
    let name = match &question.name {
        NameChoice::None => None,
        NameChoice::Given(name) => Some(name.clone()),
        NameChoice::Host => target.address().is_none().then(|| target.host.clone()),
    };
    let mut result = Probe {
        target: target.clone(),
        addresses: Vec::new(),
        asked: None,
        name,
        starttls: manners.starttls,
        not_tls: None,
        first: None,
        offer: Offer::default(),
        key_check: None,
        names: Vec::new(),
        fragments: Vec::new(),
        device: None,
        library: None,
        refusals: Refusals::default(),
        connections: 0,
        elapsed: Duration::ZERO,
        stopped: None,
    };
    // A plain connect to each address shows which of them answer; eight are enough to see a pattern.
    progress(Progress {
        stage: Stage::Addresses,
        connections: 0,
        found: None,
    });
    for &address in addresses.iter().take(8) {
        if cancel.load(Ordering::Relaxed) {
            result.stopped = Some(Stop::Cancelled);
            result.elapsed = started.elapsed();
            return Ok(result);
        }
        let tried = connect(address, manners.limits.connect);
        result.connections += 1;
        if tried.is_ok() && result.asked.is_none() {
            result.asked = Some(address);
        }
        let connect = tried.map(|(_, time)| time).map_err(|e| e.to_string());
        result.addresses.push(AddressTry { address, connect });
    }
    let port_open = format!("port {} open", target.port);
    progress(Progress {
        stage: Stage::Addresses,
        connections: result.connections,
        found: Some(match result.asked {
            Some(_) => (port_open.as_str(), true),
            None => ("no address answers", false),
        }),
    });
    if let Some(address) = result.asked {
        let mut prober = Prober::new(address, manners, cancel, progress);
        if let Err(stop) = ask_all(&mut prober, question, &mut result) {
            result.stopped = Some(stop);
        }
        result.connections += prober.connections();
        result.refusals = prober.refusals();
    }
    result.stopped = result.stopped.or(result.offer.stopped);
    result.elapsed = started.elapsed();
    Ok(result)
}

fn ask_all(
    prober: &mut Prober<'_>,
    question: &ProbeQuestion,
    result: &mut Probe,
) -> Result<(), Stop> {
    let name = result.name.clone();
    let name = name.as_deref();
    let first = prober.ask(&open_question(name).hello())?;
    let silent = said_nothing(&first);
    let goes_on = match first.ending {
        Ending::Answered | Ending::Alert(_) | Ending::Closed | Ending::Reset => true,
        Ending::NotTls(protocol) => {
            result.not_tls = Some(protocol);
            false
        }
        _ => false,
    };
    let word = ending_word(&first.ending);
    if first.agreed() {
        prober.found(&word);
    } else {
        prober.failed(&word);
    }
    result.first = Some(first);
    if silent && prober.manners.starttls.is_none() {
        prober.now(Stage::PlainMqtt);
        prober.may_connect()?;
        let speaks = speaks_mqtt(prober.address, prober.manners.limits);
        prober.found(if speaks { "yes" } else { "no" });
        if speaks {
            result.not_tls = Some(NotTls::Mqtt);
            return Ok(());
        }
    }
    if let Some(device) = question
        .device
        .as_ref()
        .filter(|_| result.not_tls.is_none())
    {
        prober.now(Stage::AsDevice);
        // A device puts the address into server_name where it has no name (Mbed TLS does).
        let host = question.target.host.as_str();
        let sent = if question.name == NameChoice::None {
            None
        } else {
            name.or(Some(host))
        };
        let reply = prober.ask(&device.fresh(sent))?;
        if reply.agreed() {
            prober.found("agreed");
        } else {
            prober.failed(&ending_word(&reply.ending));
        }
        result.device = Some(DeviceReply {
            device: device.clone(),
            reply,
        });
    }
    if !goes_on {
        return Ok(());
    }
    result.offer = survey(prober, name);
    if let Some(stop) = result.offer.stopped {
        return Err(stop);
    }
    result.key_check = result
        .offer
        .chain_reply
        .as_ref()
        .and_then(check_key_exchange);
    if result.offer.suites.is_empty() {
        return Ok(());
    }
    result.names = compare_names(prober, &result.offer, name)?;
    result.fragments = measure_fragments(prober, &result.offer, name)?;
    let offers_new = result.offer.highest(ProtocolVersion::TLS13) >= Some(ProtocolVersion::TLS12);
    if prober.manners.starttls.is_none() && offers_new {
        prober.now(Stage::Handshake);
        prober.may_connect()?;
        let ask = LibraryQuestion {
            name,
            expected: name.unwrap_or(&question.target.host),
            roots: &question.roots,
            identity: question.identity.as_ref(),
        };
        let library = ask_library(prober.address, &ask, prober.manners.limits, prober.cancel());
        let complete = library.ending == Some(LibraryEnding::Completed);
        if complete {
            prober.found("complete");
        } else {
            prober.failed("not complete");
        }
        result.library = Some(library);
    }
    Ok(())
}

/// All versions at once: what a modern client would ask.
fn open_question(name: Option<&str>) -> Question {
    let mut question = Question::all(ProtocolVersion::TLS12, name);
    let mut suites = suites_of(ProtocolVersion::TLS13);
    suites.append(&mut question.suites);
    question.suites = suites;
    question.groups = groups_of(ProtocolVersion::TLS13);
    question.versions = vec![
        ProtocolVersion::TLS13,
        ProtocolVersion::TLS12,
        ProtocolVersion::TLS11,
        ProtocolVersion::TLS10,
    ];
    question
}
