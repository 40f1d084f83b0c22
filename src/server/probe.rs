//! A whole probe: reach the port, tell whether it is TLS, ask as the device, survey, names,
//! fragments, a complete handshake.
//!
//! In: [`ProbeQuestion`]. Out: [`Probe`], which keeps what was found when it is stopped early.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};

use super::NotTls;
use super::device_hello::DeviceHello;
use super::dns::DnsAnswer;
use super::exchange::{said_nothing, speaks_mqtt};
use super::fragments::{FragmentTry, measure_fragments};
use super::key_check::{KeyCheck, check_key_exchange};
use super::library::{
    Identity, LibraryClient, LibraryEnding, LibraryQuestion, LibraryReply, Wishes,
};
use super::naming::{NameTry, compare_names};
use super::offer::Offer;
use super::prober::{Manners, Prober, Progress, Refusals, Stop};
use super::question::Question;
use super::reach::{AddressTry, reach};
use super::reply::{Ending, Reply};
use super::resumption::{Resumption, measure_resumption};
use super::sentences::ending_word;
use super::stage::Stage;
use super::starttls::StartTls;
use super::survey::{Answer, Survey};
use super::target::{Target, TargetError};
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
    /// DNS server to ask for the host's addresses, as the device's own network may have another one
    /// than this computer; without it the system's resolver gives them.
    pub dns_server: Option<SocketAddr>,
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
    /// What DNS says of the host, where it is a name of the DNS.
    #[serde(default)]
    pub dns: Option<DnsAnswer>,
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
    /// Whether sessions are taken up again.
    #[serde(default)]
    pub resumption: Resumption,
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

/// Probes. `cancel` stops it within a tenth of a second.
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
    progress(Progress {
        stage: Stage::Addresses,
        connections: 0,
        found: None,
    });
    let reached = reach(target, question.dns_server, manners.limits.connect, cancel)?;
    let name = match &question.name {
        NameChoice::None => None,
        NameChoice::Given(name) => Some(name.clone()),
        NameChoice::Host => target.address().is_none().then(|| target.host.clone()),
    };
    let mut result = Probe {
        target: target.clone(),
        asked: reached.first(),
        connections: reached.addresses.len(),
        dns: reached.dns,
        addresses: reached.addresses,
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
        resumption: Resumption::default(),
        refusals: Refusals::default(),
        elapsed: Duration::ZERO,
        stopped: None,
    };
    if cancel.load(std::sync::atomic::Ordering::Relaxed) {
        result.stopped = Some(Stop::Cancelled);
        result.elapsed = started.elapsed();
        return Ok(result);
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
        let mut prober = Prober::new(address, reached.ready, manners, cancel, progress);
        if let Err(stop) = ask_all(&mut prober, question, &mut result) {
            result.stopped = Some(stop);
        }
        result.connections += prober.connections();
        result.refusals = prober.refusals();
    }
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
    let opening = Question::open(name);
    let first = prober.ask(&opening.hello())?;
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
    result.first = Some(first.clone());
    if silent && prober.manners.starttls.is_none() {
        prober.now(Stage::PlainMqtt);
        prober.may_connect()?;
        let speaks = speaks_mqtt(prober.address, prober.manners.limits, prober.cancel());
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
    survey(
        prober,
        question,
        Answer {
            question: opening,
            reply: first,
        },
        result,
    )
}

/// Everything beside the first answer and the device's.
fn survey(
    prober: &mut Prober<'_>,
    question: &ProbeQuestion,
    first: Answer,
    result: &mut Probe,
) -> Result<(), Stop> {
    let name = result.name.clone();
    let name = name.as_deref();
    let ask = LibraryQuestion {
        name,
        expected: name.unwrap_or(&question.target.host),
        roots: &question.roots,
        identity: question.identity.as_ref(),
    };
    let mut survey = Survey::new(prober, name);
    let asked = everything(&mut survey, first, &ask, result);
    result.offer = survey.offer;
    let base = survey.base;
    result.key_check = result
        .offer
        .chain_reply
        .as_ref()
        .and_then(check_key_exchange);
    asked?;
    let Some(base) = base else { return Ok(()) };
    let whole = result.library.as_ref().map(|l| (&ask, l));
    result.names = compare_names(prober, &base, whole)?;
    result.fragments = measure_fragments(prober, &result.offer, name)?;
    Ok(())
}

/// What the survey asks for, with the complete handshake in its middle.
fn everything(
    survey: &mut Survey<'_, '_>,
    first: Answer,
    ask: &LibraryQuestion<'_>,
    result: &mut Probe,
) -> Result<(), Stop> {
    let asked = survey.ask_all(first);
    survey.offer.stopped = asked.err();
    asked?;
    if survey.offer.suites.is_empty() {
        return Ok(());
    }
    let highest = survey.offer.highest(ProtocolVersion::TLS13);
    if highest >= Some(ProtocolVersion::TLS12) {
        complete(survey.prober, ask, &survey.offer, result)?;
    }
    let asked = survey.signatures(ask, result.library.as_ref());
    survey.offer.stopped = asked.err();
    asked
}

/// A handshake with rustls to its end, and others that take its session up.
fn complete(
    prober: &mut Prober<'_>,
    ask: &LibraryQuestion<'_>,
    offer: &Offer,
    result: &mut Probe,
) -> Result<(), Stop> {
    prober.now(Stage::Handshake);
    let client = match LibraryClient::new(ask, &Wishes::default()) {
        Ok(client) => client,
        Err(error) => {
            prober.failed("not possible");
            result.library = Some(LibraryReply {
                ending: Some(LibraryEnding::Broken(error)),
                ..LibraryReply::default()
            });
            return Ok(());
        }
    };
    let whole = prober.handshake(&client)?;
    if whole.ending == Some(LibraryEnding::Completed) {
        prober.found("complete");
    } else {
        prober.failed("not complete");
    }
    result.library = Some(whole.clone());
    result.resumption = measure_resumption(prober, ask, offer, &client, &whole)?;
    Ok(())
}
