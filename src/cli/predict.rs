//! `predict`: what a device and its peer would agree on.

mod human;

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::arguments::{Case, Known, Predict as Given};
use super::inputs::{now, read};
use super::output::{Status, Streams};
use super::probe::configurations;
use crate::cert;
use crate::device::{Build, DeviceList};
use crate::report::predict_json;
use crate::server::predict::{
    Device, Prediction, SeenHandshake, ServerSide, SizeFit, predict_alone, predict_client,
    predict_server,
};
use crate::server::{
    DeviceHello, Limits, Manners, NameChoice, ProbeQuestion, Target, known_devices, probe,
    read_hello,
};
use crate::session::predicting::{assumed_stock, client_hello, seen_handshake, telling_attempt};
use crate::tls::hello::ClientHello;

/// A prediction for one peer, or for each client that is known.
pub(super) struct Answer {
    /// What is expected.
    pub prediction: Prediction,
    /// For a server without a given client: what each known client would get.
    pub clients: Vec<Prediction>,
    /// The device.
    pub device: Device,
}

pub(super) fn run(given: &Given, json: bool, streams: &mut Streams<'_>) -> Status {
    let answer = match answer(given, streams) {
        Ok(answer) => answer,
        Err(Ended::Unusable(sentence)) => {
            streams.say(&sentence);
            return Status::Unusable;
        }
        Err(Ended::Problem(sentence)) => {
            streams.say(&sentence);
            return Status::Problem;
        }
    };
    if json {
        streams.json(&predict_json(
            &answer.prediction,
            Some(&answer.device),
            &answer.clients,
        ));
    } else {
        streams.result(&human::predict_text(&answer));
    }
    let p = &answer.prediction;
    let problem = p.agreement.fails.is_some()
        || p.certificates.iter().any(|c| c.verifies == Some(false))
        || p.fits.iter().any(SizeFit::is_problem);
    if problem {
        Status::Problem
    } else {
        Status::Fine
    }
}

/// Why there is no answer; one sentence.
enum Ended {
    /// Bad usage, or nothing to read.
    Unusable(String),
    /// The server could not be asked.
    Problem(String),
}

impl From<String> for Ended {
    fn from(sentence: String) -> Self {
        Self::Unusable(sentence)
    }
}

fn answer(given: &Given, streams: &mut Streams<'_>) -> Result<Answer, Ended> {
    let device = the_device(given, streams)?;
    let own = given
        .cert
        .as_deref()
        .map(chain_of)
        .transpose()?
        .unwrap_or_default();
    let as_server = role(given, &device);
    if as_server {
        return serving(given, device, &own, streams);
    }
    let Some(server) = &given.server else {
        if given.client.is_some() {
            return Err(Ended::Unusable(
                "A client is the other end of a device that is a server. Add --role server.".into(),
            ));
        }
        let mut prediction = predict_alone(&device, false, &own);
        if let Some(path) = &given.chain {
            let side = ServerSide {
                name: path.display().to_string(),
                chain: chain_of(path)?,
                ..ServerSide::default()
            };
            let sized = predict_client(&device, &side, None);
            prediction.certificates = sized.certificates;
            prediction.fits = sized.fits;
            prediction.memory = sized.memory;
        }
        return Ok(Answer {
            prediction,
            clients: Vec::new(),
            device,
        });
    };
    let path = Path::new(server);
    let prediction = if path.is_file() {
        let (mut side, hello) = server_of_file(path, streams)?;
        if let Some(path) = &given.chain {
            side.chain = chain_of(path)?;
        }
        // A device whose first message is not known sends what it was seen to send.
        let device = match (device.hello(), hello) {
            (None, Some(hello)) => {
                let of = DeviceHello::of_hello(&format!("ClientHello in {}", side.name), hello);
                device.clone().with_hello(of)
            }
            _ => device.clone(),
        };
        predict_client(&device, &side, None)
    } else {
        asked(given, server, &device, streams)?
    };
    Ok(Answer {
        prediction,
        clients: Vec::new(),
        device,
    })
}

/// Is the device the server? By word, by its code, by what it can be.
fn role(given: &Given, device: &Device) -> bool {
    if let Some(role) = &given.role {
        return role == "server";
    }
    let Some(build) = device.build() else {
        return given.client.is_some();
    };
    given.client.is_some() || build.says_server.unwrap_or(build.server && !build.client)
}

fn the_device(given: &Given, streams: &mut Streams<'_>) -> Result<Device, Ended> {
    let list = match &given.assets {
        Some(folder) => DeviceList::with_folder(folder),
        None => DeviceList::embedded(),
    };
    for problem in &list.problems {
        streams.say(&problem.sentence);
    }
    if !given.config.is_empty() {
        let files = configurations(&given.config)?;
        let generation = match &given.device {
            Some(id) => Some(
                Build::stock(id)
                    .map(|b| b.generation.id.clone())
                    .ok_or_else(|| {
                        format!("Beside a configuration --device names the version of Mbed TLS: mbedtls-2.4, mbedtls-2.16, mbedtls-2.28, mbedtls-3.6 or mbedtls-4.1, not \u{201c}{id}\u{201d}.")
                    })?,
            ),
            None => None,
        };
        return Ok(Device::of_config(&files, generation.as_deref()));
    }
    let id = given.device.as_deref().unwrap_or_default();
    if let Some(profile) = list.get(id) {
        return Ok(Device::of_profile(profile));
    }
    let path = Path::new(id);
    let read = match read_hello(id) {
        Err(_) if path.is_file() => hello_in(path, streams),
        other => other,
    };
    let hello = read.map_err(|sentence| {
        if path.is_file() {
            return sentence;
        }
        let known: Vec<&str> = list.profiles.iter().map(|p| p.id.as_str()).collect();
        format!(
            "No device \u{201c}{id}\u{201d} is known and no file has that name. Known: {}.",
            known.join(", ")
        )
    })?;
    Ok(Device::of_hello(hello, None))
}

/// Certificates of a file as DER, in its order.
fn chain_of(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let bytes = fs::read(path).map_err(|e| format!("{} cannot be read. ({e})", path.display()))?;
    let file = cert::read(&path.display().to_string(), &bytes);
    let chain: Vec<Vec<u8>> = file.certificates().map(|c| c.der.clone()).collect();
    if chain.is_empty() {
        return Err(format!("{} holds no certificate.", path.display()));
    }
    Ok(chain)
}

/// The `ClientHello` that a capture or log shows.
pub(super) fn hello_in(path: &Path, streams: &mut Streams<'_>) -> Result<DeviceHello, String> {
    match seen_in(path, streams) {
        Ok((name, _, Some(hello))) => Ok(DeviceHello::of_hello(
            &format!("ClientHello in {name}"),
            hello,
        )),
        Ok((name, _, None)) => Err(format!("{name} shows no ClientHello.")),
        Err(Ended::Unusable(sentence) | Ended::Problem(sentence)) => Err(sentence),
    }
}

/// What a capture or log shows: the handshake, and the `ClientHello` in it.
fn seen_in(
    path: &Path,
    streams: &mut Streams<'_>,
) -> Result<(String, SeenHandshake, Option<ClientHello>), Ended> {
    let case = Case {
        files: vec![path.to_path_buf()],
        peer: Vec::new(),
        known: Known::default(),
    };
    let mut files = read(&case, streams).map_err(|refused| Ended::Unusable(refused.0))?;
    let snapshot = files.snapshot(now());
    let attempts = snapshot.attempts.iter().map(AsRef::as_ref);
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let attempt = telling_attempt(attempts).ok_or_else(|| {
        Ended::Unusable(format!(
            "{name} shows no ClientHello and no choice of a server."
        ))
    })?;
    if let Some(stock) = assumed_stock(attempt) {
        streams.say(&format!(
            "{name} does not print the client's groups: those of {} are taken.",
            stock.name
        ));
    }
    let seen = seen_handshake(attempt, &snapshot.certificates);
    Ok((name, seen, client_hello(attempt)))
}

fn server_of_file(
    path: &Path,
    streams: &mut Streams<'_>,
) -> Result<(ServerSide, Option<ClientHello>), Ended> {
    let (name, seen, hello) = seen_in(path, streams)?;
    Ok((ServerSide::of_seen(&name, seen), hello))
}

fn asked(
    given: &Given,
    server: &str,
    device: &Device,
    streams: &mut Streams<'_>,
) -> Result<Prediction, Ended> {
    let target = Target::parse(server).map_err(|e| e.to_string())?;
    let name = match given.sni.as_deref() {
        None => NameChoice::Host,
        Some(word) if word.eq_ignore_ascii_case("none") => NameChoice::None,
        Some(name) => NameChoice::Given(name.to_owned()),
    };
    streams.say(&format!("Asking {} port {}.", target.host, target.port));
    let question = ProbeQuestion {
        target,
        name,
        device: device.device_hello().cloned(),
        manners: Manners {
            limits: Limits::default().within(Duration::from_secs(given.timeout)),
            ..Manners::default()
        },
        roots: Vec::new(),
        identity: None,
        dns_server: None,
    };
    let cancel = AtomicBool::new(false);
    let found =
        probe(&question, &cancel, &mut |_| {}).map_err(|e| Ended::Problem(e.to_string()))?;
    if !found.reached_tls() && found.device.is_none() {
        let sentence = match (found.not_tls, found.asked) {
            (Some(protocol), _) => format!("{server}: {}.", protocol.sentence()),
            (None, None) => format!("{server} does not accept a connection."),
            (None, Some(_)) => format!("{server} does not answer as a TLS server."),
        };
        return Err(Ended::Problem(sentence));
    }
    let mut side = ServerSide::of_probe(&found);
    if let Some(path) = &given.chain {
        side.chain = chain_of(path)?;
    }
    let reply = found.device.as_ref().map(|d| &d.reply);
    Ok(predict_client(device, &side, reply))
}

/// The device is the server.
fn serving(
    given: &Given,
    device: Device,
    own: &[Vec<u8>],
    streams: &mut Streams<'_>,
) -> Result<Answer, Ended> {
    if let Some(other) = given.client.as_ref().or(given.server.as_ref()) {
        let path = Path::new(other);
        // A dump of one message, or a capture or log that shows one.
        let (name, hello, chain) = match read_hello(other) {
            Ok(hello) => (
                hello.name.clone(),
                hello.fresh(Some("device.example")),
                Vec::new(),
            ),
            Err(_) if path.is_file() => {
                let (name, seen, hello) = seen_in(path, streams)?;
                let hello =
                    hello.ok_or_else(|| format!("{name} does not show what the client offers."))?;
                (format!("client in {name}"), hello, seen.chain)
            }
            Err(sentence) => return Err(Ended::Unusable(sentence)),
        };
        let own = if own.is_empty() { &chain } else { own };
        return Ok(Answer {
            prediction: predict_server(&device, &hello, &name, own),
            clients: Vec::new(),
            device,
        });
    }
    let clients: Vec<Prediction> = known_devices()
        .into_iter()
        // Each library once, as it comes.
        .filter(|id| !id.ends_with("-tls12") && !id.ends_with("-tls13"))
        .filter_map(|id| DeviceHello::known(&id))
        .map(|client| {
            let hello = client.fresh(Some("device.example"));
            predict_server(&device, &hello, &client.name, own)
        })
        .collect();
    let mut prediction = predict_alone(&device, true, own);
    // What is the same for every known client holds for the device.
    if let Some((first, rest)) = clients.split_first() {
        let same = |test: &dyn Fn(&Prediction) -> bool| rest.iter().all(test);
        let a = &first.agreement;
        let mut common = a.clone();
        if !same(&|p| p.agreement.version == a.version) {
            common.version = None;
        }
        if !same(&|p| p.agreement.cipher_suite == a.cipher_suite) {
            common.cipher_suite = None;
        }
        if !same(&|p| p.agreement.group == a.group) {
            common.group = None;
        }
        if !same(&|p| p.agreement.scheme == a.scheme) {
            common.scheme = None;
        }
        if !same(&|p| p.agreement.fails == a.fails) {
            common.fails = None;
        }
        prediction.agreement = common;
        prediction.order = first.order;
    }
    Ok(Answer {
        prediction,
        clients,
        device,
    })
}
