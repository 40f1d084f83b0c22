//! Records the demo cases that are a device, its server's log, certificates and settings.

mod leave;
mod openssl;
mod spwf04;
mod stm32;
mod stream;
mod xbee;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: handlens-lab-cases xbee|spwf04 FOLDER | stm32 FOLDER MBEDTLS_SOURCES";
/// Addresses of the servers, all for documentation (RFC 5737), and from where each is reached.
const ADDRESSES: [(&str, &str); 3] = [
    ("198.51.100.27", "192.0.2.44"),
    ("198.51.100.70", "192.0.2.118"),
    ("192.0.2.60", "192.0.2.7"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    addresses()?;
    match arguments {
        ["xbee", folder] => xbee::record(Path::new(folder)),
        ["spwf04", folder] => spwf04::record(Path::new(folder)),
        ["stm32", folder, mbedtls] => stm32::record(Path::new(folder), Path::new(mbedtls)),
        _ => Err(USAGE.into()),
    }
}

/// Gives the loopback interface of a fresh network namespace the addresses of the cases.
fn addresses() -> Result<(), Box<dyn Error>> {
    let before = Command::new("ip").args(["link", "show", "lo"]).output()?;
    if !String::from_utf8_lossy(&before.stdout).contains("state DOWN") {
        return Err("this needs a network of its own: run it as `sudo unshare --net`".into());
    }
    let mut commands = vec!["link set lo up".to_owned()];
    for (server, client) in ADDRESSES {
        commands.push(format!("addr add {client}/32 dev lo"));
        commands.push(format!("addr add {server}/32 dev lo"));
        let route = format!("route change table local local {server} dev lo proto kernel scope host");
        commands.push(format!("{route} src {client}"));
    }
    for command in commands {
        if !Command::new("ip").args(command.split(' ')).status()?.success() {
            return Err("the addresses cannot be set: run it as `sudo unshare --net`".into());
        }
    }
    Ok(())
}
