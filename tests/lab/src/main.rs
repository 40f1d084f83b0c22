//! Records sessions of a real Mbed TLS client with `openssl s_server` over a faulty relay.

mod device;
mod relay;
mod scenario;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use handlens_lab_common::certs::Certificates;
use handlens_lab_common::peer::Peer;
use handlens_lab_common::serial::Serial;
use handlens_lab_common::truth;
use scenario::Scenario;

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
    let certificates = Certificates::make()?;
    for scenario in scenarios {
        eprintln!("{}", scenario.label.name);
        let peer = Peer::start(scenario.peer, &certificates)?;
        let serial = Serial::open(timed.then_some(DEMO_SPEED));
        let (ended, serial, tap) = device::connect(
            scenario.device,
            &certificates,
            peer.address,
            scenario.faults.clone(),
            serial,
        )?;
        serial.save_plain(folder, scenario.label.name)?;
        if timed {
            serial.save_timed(folder, scenario.label.name)?;
        }
        truth::save(folder, &scenario.label, &ended, &tap)?;
    }
    Ok(())
}

#[allow(unsafe_code)]
fn set_debug_threshold() {
    // SAFETY: no other Mbed TLS code runs yet.
    unsafe { mbedtls::set_global_debug_threshold(DEBUG_THRESHOLD) };
}
