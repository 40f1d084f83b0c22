//! Records TLS 1.3 sessions of a real Mbed TLS 3 client with `openssl s_server`.

mod device;
mod messages;
mod print;

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use handlens_lab_common::certs::Certificates;
use handlens_lab_common::peer::{Kind, Peer, Server};
use handlens_lab_common::truth::{self, Label};
use mbedtls_rs::Tls;
use rand::{Rng, TryCryptoRng, TryRng};

/// Everything Mbed TLS can say.
const DEBUG_THRESHOLD: u32 = 4;

const SERVER: Server = Server {
    version: "-tls1_3",
    certificate: "ec-server",
    key: "ec-server",
    extra: None,
    client_ca: None,
    cipher: "ECDHE-ECDSA-AES128-GCM-SHA256",
};

/// One session: its label, the CA the device trusts, the server.
type Scenario = (Label, &'static str, Server);

fn scenarios() -> [Scenario; 4] {
    let asks = Server {
        client_ca: Some("root"),
        ..SERVER
    };
    let older = Server {
        version: "-tls1_2",
        ..SERVER
    };
    [
        (label("tls13-success", "none"), "ec-root", SERVER),
        (
            Label {
                also_acceptable: &["cert.chain_incomplete"],
                ..label("tls13-wrong-ca", "cert.wrong_ca")
            },
            "root",
            SERVER,
        ),
        (
            label("tls13-client-certificate-missing", "client_auth.cert_missing"),
            "ec-root",
            asks,
        ),
        (
            label("tls13-server-tls12-only", "tls.version_mismatch"),
            "ec-root",
            older,
        ),
    ]
}

fn label(name: &'static str, cause: &'static str) -> Label {
    Label {
        name,
        cause,
        also_acceptable: &[],
    }
}

fn main() -> ExitCode {
    let folder = env::args_os().nth(1);
    match folder
        .ok_or("usage: handlens-lab-tls13 FOLDER".into())
        .and_then(|folder| record(Path::new(&folder)))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn record(folder: &Path) -> Result<(), Box<dyn Error>> {
    print::install().map_err(|error| error.to_string())?;
    fs::create_dir_all(folder)?;
    let certificates = Certificates::make()?;
    let mut tls = Tls::new(Box::leak(Box::new(Random))).map_err(|error| format!("{error:?}"))?;
    tls.set_debug(DEBUG_THRESHOLD);
    for (label, trust, server) in scenarios() {
        eprintln!("{}", label.name);
        let peer = Peer::start(Kind::Tls(server), &certificates)?;
        print::start();
        let (ended, mut tap) = device::connect(tls.reference(), trust, &certificates, peer.address)?;
        messages::name_encrypted(&mut tap, &peer.messages(&certificates)?);
        let serial = print::take().ok_or("no recording")?;
        serial.save_plain(folder, label.name)?;
        truth::save(folder, &label, &ended, &tap)?;
    }
    Ok(())
}

/// The random numbers of the operating system in the form the library asks for.
struct Random;

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(rand::rng().next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(rand::rng().next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        rand::rng().fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random {}
