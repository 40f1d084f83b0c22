//! Records sessions of a real Mbed TLS client with `openssl s_server` over a faulty relay.

mod certs;
mod device;
mod peer;
mod relay;
mod scenario;
mod serial;
mod truth;
mod wire;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use certs::Certificates;
use scenario::Scenario;
use serial::Serial;

const USAGE: &str = "usage: handlens-lab demo|recordings FOLDER";
/// The speed of the demo's serial line.
const DEMO_SPEED: u64 = 115_200;
/// Everything Mbed TLS can say.
const DEBUG_THRESHOLD: i32 = 4;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["demo", folder] => record(scenario::demo(), Path::new(folder), true),
        ["recordings", folder] => record(scenario::recordings(), Path::new(folder), false),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Records the sessions one after another; only a timed one takes the time of a serial line.
fn record(scenarios: Vec<Scenario>, folder: &Path, timed: bool) -> Result<(), Box<dyn Error>> {
    set_debug_threshold();
    fs::create_dir_all(folder)?;
    let scratch = env::temp_dir().join(format!("handlens-lab-{}", std::process::id()));
    let certificates = Certificates::make(&scratch)?;
    let days = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 86_400;
    let (year, month, day) = serial::date(days);
    let mut truth = format!("recorded = {year}-{month:02}-{day:02}\n");
    for scenario in scenarios {
        eprintln!("{}", scenario.name);
        let peer = peer::Peer::start(scenario.peer, &certificates)?;
        let serial = Serial::open(timed.then_some(DEMO_SPEED));
        let (ended, serial, tap) = device::connect(
            scenario.device,
            &certificates,
            peer.address,
            scenario.faults.clone(),
            serial,
        )?;
        serial.save_plain(folder, scenario.name)?;
        if timed {
            serial.save_timed(folder, scenario.name)?;
        }
        truth.push_str(&truth::entry(&scenario, &ended, &tap));
    }
    fs::write(folder.join("truth.toml"), truth)?;
    fs::remove_dir_all(scratch)?;
    Ok(())
}

#[allow(unsafe_code)]
fn set_debug_threshold() {
    // SAFETY: no other Mbed TLS code runs yet.
    unsafe { mbedtls::set_global_debug_threshold(DEBUG_THRESHOLD) };
}
