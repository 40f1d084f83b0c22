//! `probe`: what a server offers, sends and demands.

mod human;
mod json;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::arguments::Probe as Given;
use super::output::{Status, Streams};
use crate::server::{
    LibraryEnding, Limits, Manners, NameChoice, Probe, ProbeQuestion, StartTls, Target, probe,
    read_certificates, read_hello, read_identity,
};

pub(super) fn run(given: &Given, json: bool, streams: &mut Streams<'_>) -> Status {
    let question = match question(given) {
        Ok(question) => question,
        Err(sentence) => {
            streams.say(&sentence);
            return Status::Unusable;
        }
    };
    let (host, port) = (&question.target.host, question.target.port);
    streams.say(&format!("Asking {host} port {port}."));
    let cancel = AtomicBool::new(false);
    let mut last = None;
    let found = probe(&question, &cancel, &mut |progress| {
        if last != Some(progress.stage) {
            last = Some(progress.stage);
            streams.say(&format!(
                "{} (connection {})",
                progress.stage.words(),
                progress.connections
            ));
        }
    });
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            streams.fail(&error);
            return Status::Problem;
        }
    };
    if json {
        streams.json(&json::probe_json(&found));
    } else {
        streams.result(&human::probe_text(&found));
    }
    status(&found)
}

/// A port that is no TLS, a device that is refused, a certificate that nobody may accept.
fn status(found: &Probe) -> Status {
    let device_refused = found.device.as_ref().is_some_and(|d| !d.reply.agreed());
    let strict = found.library.as_ref().and_then(|l| {
        let refusal = l.strict.as_ref()?;
        Some(l.roots_given || refusal.whatever_the_roots)
    });
    let client_refused = found
        .library
        .as_ref()
        .is_some_and(|l| l.demand.is_some() && !matches!(l.ending, Some(LibraryEnding::Completed)));
    if !found.reached_tls() || device_refused || strict == Some(true) || client_refused {
        Status::Problem
    } else {
        Status::Fine
    }
}

fn question(given: &Given) -> Result<ProbeQuestion, String> {
    let target = Target::parse(&given.target).map_err(|e| e.to_string())?;
    let name = match given.sni.as_deref() {
        None => NameChoice::Host,
        Some(word) if word.eq_ignore_ascii_case("none") => NameChoice::None,
        Some(name) => NameChoice::Given(name.to_owned()),
    };
    let identity = match (&given.cert, &given.key) {
        (Some(cert), Some(key)) => Some(read_identity(cert, key)?),
        _ => None,
    };
    let manners = Manners {
        limits: Limits::default().within(Duration::from_secs(given.timeout)),
        most_connections: given.connections,
        starttls: given.starttls.as_deref().and_then(StartTls::from_name),
        ..Manners::default()
    };
    Ok(ProbeQuestion {
        target,
        name,
        device: given.device.as_deref().map(read_hello).transpose()?,
        manners,
        roots: given
            .ca
            .as_deref()
            .map(read_certificates)
            .transpose()?
            .unwrap_or_default(),
        identity,
    })
}
