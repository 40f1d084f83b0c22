//! `probe`: what a server offers, sends and demands.

mod human;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::arguments::Probe as Given;
use super::inputs::now;
use super::output::{Status, Streams};
use crate::device::{Build, ConfigReading, read_config};
use crate::report::probe_json;
use crate::server::{
    DeviceHello, LibraryEnding, Limits, Manners, NameChoice, Probe, ProbeQuestion, StartTls,
    Target, dns_server, probe, read_certificates, read_hello, read_identity,
};

/// Larger files are no configuration, in bytes.
const LARGEST_CONFIG: u64 = 8_000_000;

pub(super) fn run(given: &Given, json: bool, streams: &mut Streams<'_>) -> Status {
    let question = match question(given, streams) {
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
        streams.json(&probe_json(&found, now().div_euclid(1_000_000)));
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

fn question(given: &Given, streams: &mut Streams<'_>) -> Result<ProbeQuestion, String> {
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
        device: asked_as(given, streams)?,
        manners,
        roots: given
            .ca
            .as_deref()
            .map(read_certificates)
            .transpose()?
            .unwrap_or_default(),
        identity,
        dns_server: given.dns.as_deref().map(dns_server).transpose()?,
    })
}

/// The device that is asked as: an id, a file with its `ClientHello`, a capture or log that shows it, or
/// its configuration.
fn asked_as(given: &Given, streams: &mut Streams<'_>) -> Result<Option<DeviceHello>, String> {
    if given.config.is_empty() {
        let Some(text) = given.device.as_deref() else {
            return Ok(None);
        };
        return match read_hello(text) {
            Err(_) if Path::new(text).is_file() => {
                super::predict::hello_in(Path::new(text), streams).map(Some)
            }
            other => other.map(Some),
        };
    }
    let files = configurations(&given.config)?;
    let build = Build::of(&files, None);
    let hello = DeviceHello::of_build(&build).ok_or_else(|| {
        format!(
            "{} is no client: it has no version or no MBEDTLS_SSL_CLI_C.",
            build.name
        )
    })?;
    Ok(Some(hello))
}

/// Reads configurations; every one must say something about Mbed TLS.
pub(super) fn configurations(paths: &[PathBuf]) -> Result<Vec<ConfigReading>, String> {
    paths
        .iter()
        .map(|path| {
            let shown = path.file_name().unwrap_or(path.as_os_str());
            let shown = shown.to_string_lossy();
            let size = fs::metadata(path).map(|m| m.len());
            if size.is_ok_and(|n| n > LARGEST_CONFIG) {
                return Err(format!("{shown} is too large to be a configuration."));
            }
            let bytes =
                fs::read(path).map_err(|e| format!("{} cannot be read. ({e})", path.display()))?;
            let read = read_config(&shown, &String::from_utf8_lossy(&bytes));
            if read.is_about_mbedtls() {
                Ok(read)
            } else {
                Err(format!("{shown} sets no option of Mbed TLS."))
            }
        })
        .collect()
}
