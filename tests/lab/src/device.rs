//! The simulated device: an application around a real Mbed TLS client.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handlens_lab_common::certs::{Certificates, HOST};
use handlens_lab_common::serial::Serial;
use handlens_lab_common::truth::Ended;
use handlens_lab_common::wire::Tap;
use mbedtls::error::codes;
use mbedtls::pk::Pk;
use mbedtls::rng::{CtrDrbg, OsEntropy};
use mbedtls::ssl::config::{AuthMode, Endpoint, Preset, Transport, UseSessionTickets};
use mbedtls::ssl::{Config, Context};
use mbedtls::x509::Certificate;

use crate::relay::{Faults, Link, lock};

/// How often the application calls the handshake again when nothing arrived.
const POLL: Duration = Duration::from_secs(5);
/// After so many polls without a byte it gives up.
const POLLS: u32 = 12;
/// The state in which Mbed TLS 2 has finished its handshake.
const HANDSHAKE_OVER: u32 = 16;
/// Where the application keeps its step records in flash, and their size.
const FLASH_START: u32 = 0x1_4C00;
const FLASH_RECORD: u32 = 8;

/// What the device has on board.
#[derive(Clone, Copy)]
pub struct Setup {
    /// The CA it trusts.
    pub trust: &'static str,
    /// Its own certificate, if any.
    pub identity: Option<&'static str>,
    /// Cipher suites in the order of preference, by number.
    pub suites: &'static [i32],
}

/// Lets the device connect once, and returns how that ended.
pub fn connect(
    setup: Setup,
    certificates: &Certificates,
    peer: SocketAddr,
    faults: Faults,
    serial: Serial,
) -> Result<(Ended, Serial, Tap), Box<dyn Error>> {
    let app = Arc::new(Mutex::new(App {
        serial,
        state: None,
        records: 0,
    }));
    let tap = Arc::new(Mutex::new(Tap::default()));
    let ended = attempt(setup, certificates, peer, faults, &app, &tap)?;
    let app = Arc::into_inner(app).ok_or("the log is still in use")?.into_inner()?;
    let tap = std::mem::take(&mut *lock(&tap));
    Ok((ended, app.serial, tap))
}

fn attempt(
    setup: Setup,
    certificates: &Certificates,
    peer: SocketAddr,
    faults: Faults,
    app: &Arc<Mutex<App>>,
    tap: &Arc<Mutex<Tap>>,
) -> Result<Ended, Box<dyn Error>> {
    let config = configure(setup, certificates, app)?;
    lock(app).say('I', &format!("IOT open {HOST}, port 8883"));
    let link = match Link::connect(peer, faults, tap.clone()) {
        Ok(link) => link,
        Err(error) => {
            lock(app).say('E', &format!("IOT open failed: {}", error.kind()));
            return Ok(Ended::NotConnected);
        }
    };
    lock(app).say('I', "IOT TCP is up, starting TLS");
    let mut context = Context::new(Arc::new(config));
    let mut result = context.establish(link, Some(HOST));
    let mut polls = 0;
    let ended = loop {
        match result {
            Ok(()) => break Ended::Completed,
            Err(error) if error.high_level() != Some(codes::SslWantRead) => break Ended::Failed(error.to_int()),
            Err(_) if polls == POLLS => break Ended::Stalled,
            Err(_) => {
                let link = context.io_mut().ok_or("the stack let go of its connection")?;
                polls = if link.wait(POLL) { 0 } else { polls + 1 };
                result = context.handshake();
            }
        }
    };
    match ended {
        Ended::Completed => {
            lock(app).enter(HANDSHAKE_OVER, 0);
            lock(app).say('I', "IOT TLS is up");
        }
        Ended::Failed(code) => lock(app).give_up(code, "IOT TLS failed, closing"),
        _ => lock(app).give_up(codes::SslWantRead.into(), "IOT TLS had no answer for 60 s, closing"),
    }
    // The device keeps an open session and drops a failed one: neither is part of the recording.
    lock(app).silent();
    Ok(ended)
}

/// Configures the client: the peer must prove itself, every debug line is printed.
fn configure(setup: Setup, certificates: &Certificates, app: &Arc<Mutex<App>>) -> Result<Config, Box<dyn Error>> {
    let mut config = Config::new(Endpoint::Client, Transport::Stream, Preset::Default);
    config.set_rng(Arc::new(CtrDrbg::new(Arc::new(OsEntropy::new()), None)?));
    config.set_authmode(AuthMode::Required);
    config.set_session_tickets(UseSessionTickets::Disabled);
    let trust = Certificate::from_pem_multiple(&Certificates::with_nul(&certificates.pem(setup.trust))?)?;
    config.set_ca_list(Arc::new(trust), None);
    if let Some(name) = setup.identity {
        let own = Certificate::from_pem_multiple(&Certificates::with_nul(&certificates.pem(name))?)?;
        let key = Pk::from_private_key(&Certificates::with_nul(&certificates.key_file(name))?, None)?;
        config.push_cert(Arc::new(own), Arc::new(key))?;
    }
    let suites = setup.suites.iter().copied().chain([0]).collect();
    config.set_ciphersuites(Arc::new(suites));
    let app = app.clone();
    config.set_dbg_callback(move |_level, file, line, text| {
        lock(&app).library(&file, line, &text);
    });
    Ok(config)
}

/// The application's side of the log.
struct App {
    serial: Serial,
    state: Option<u32>,
    records: u32,
}

impl App {
    fn say(&mut self, level: char, text: &str) {
        self.serial.app(level, "SysLog", &format!("[DIAG] {text}"));
    }

    /// Prints a debug line of the library, and before it the new state if it tells one.
    fn library(&mut self, file: &str, line: i32, text: &str) {
        let file = file.rsplit('/').next().unwrap_or(file);
        let text = without_context(text.trim_end_matches('\n'));
        let state = text
            .strip_prefix("client state: ")
            .and_then(|number| number.parse().ok());
        if let Some(state) = state.filter(|state| self.state != Some(*state)) {
            self.enter(state, 0);
        }
        self.serial.bare(&format!("{file}:{line}: {text}"));
    }

    /// Prints the handshake step and where the application stored it.
    fn enter(&mut self, state: u32, result: i32) {
        self.state = Some(state);
        let ticks = self.serial.ticks();
        self.say('I', &format!("IOT TLS handshake step ({ticks}) Data: {state}/{result}"));
        let address = FLASH_START + self.records * FLASH_RECORD;
        self.records += 1;
        self.serial.app(
            'I',
            "LogStore",
            &format!("Step saved at {address:06X}, {FLASH_RECORD} bytes"),
        );
    }

    fn give_up(&mut self, code: i32, text: &str) {
        self.enter(self.state.unwrap_or_default(), code);
        self.say('W', text);
    }

    /// Stops the recording: what follows goes nowhere.
    fn silent(&mut self) {
        self.serial.stop();
    }
}

/// A build with threads puts the address of its context in front of each text; a device has none.
fn without_context(text: &str) -> &str {
    match text.split_once(": ") {
        Some((context, rest)) if context.starts_with("0x") && context[2..].chars().all(|c| c.is_ascii_hexdigit()) => {
            rest
        }
        _ => text,
    }
}
