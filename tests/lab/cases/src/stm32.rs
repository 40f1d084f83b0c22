//! `stm32-two-alerts`: a real Mbed TLS server whose calloc is not always clean, and two clients.

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::openssl::{Authority, P256, P384, Wanted};

const ADDRESS: &str = "192.0.2.60";
const PORT: &str = "4433";
/// One in so many allocations is not zeroed.
const ONE_IN: &str = "2000";
/// Runs until the pair of alerts has come; most runs give other failures of the same fault.
const RUNS: u32 = 40;
const VALIDITY: (&str, &str) = ("20260601000000Z", "20351231235959Z");

/// Records the case into `out`; `mbedtls` is a source tree of Mbed TLS 2.28.
pub fn record(out: &Path, mbedtls: &Path) -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("stm32");
    let authority = Authority::new()?;
    authority.make(&Wanted {
        name: "ca",
        subject: "/O=Handlens Lab/CN=Handlens Lab Device CA",
        key: P384,
        extensions: "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n\
                     subjectKeyIdentifier = hash",
        issuer: None,
        validity: VALIDITY,
    })?;
    authority.make(&Wanted {
        name: "board",
        subject: "/O=Handlens Lab/CN=sensor-gw.handlens.test",
        key: P256,
        extensions: "basicConstraints = CA:FALSE\nkeyUsage = critical,digitalSignature\n\
                     extendedKeyUsage = serverAuth\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n\
                     subjectAltName = DNS:sensor-gw.handlens.test",
        issuer: Some("ca"),
        validity: VALIDITY,
    })?;
    build(&here, mbedtls, &authority)?;
    for seed in 1..=RUNS {
        if run(seed, &authority)? {
            eprintln!("stm32-two-alerts: run {seed}");
            fs::copy(authority.path("device.timed"), out.join("stm32-two-alerts.timed"))?;
            fs::copy(
                authority.path("s_client.log"),
                out.join("stm32-two-alerts-s_client.log"),
            )?;
            fs::copy(
                authority.path("ssl_client2.log"),
                out.join("stm32-two-alerts-ssl_client2.log"),
            )?;
            fs::copy(authority.path("board.pem"), out.join("stm32-two-alerts-server.pem"))?;
            fs::copy(here.join("mbedtls_config.h"), out.join("stm32-two-alerts-config.h"))?;
            return Ok(());
        }
    }
    Err(format!("the two alerts did not come in {RUNS} runs").into())
}

/// Builds the server with the board's configuration and `ssl_client2` with the library's own.
fn build(here: &Path, mbedtls: &Path, authority: &Authority) -> Result<(), Box<dyn Error>> {
    let own = format!("-I{}", here.display());
    compile(
        mbedtls,
        &authority.path("server"),
        &[here.join("server.c")],
        &[&own, "-DMBEDTLS_CONFIG_FILE=<mbedtls_config.h>"],
    )?;
    let programs = mbedtls.join("programs");
    let sources = [
        programs.join("ssl/ssl_client2.c"),
        programs.join("ssl/ssl_test_lib.c"),
        programs.join("test/query_config.c"),
        mbedtls.join("tests/src/helpers.c"),
        mbedtls.join("tests/src/random.c"),
    ];
    let folders = ["tests/include", "programs/ssl", "programs/test", "library"]
        .map(|folder| format!("-I{}", mbedtls.join(folder).display()));
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    compile(mbedtls, &authority.path("ssl_client2"), &sources, &folders)
}

fn compile(mbedtls: &Path, program: &Path, sources: &[PathBuf], options: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut library = Vec::new();
    for entry in fs::read_dir(mbedtls.join("library"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "c") {
            library.push(path);
        }
    }
    let done = Command::new("cc")
        .args(["-O1", "-w"])
        .args(options)
        .arg(format!("-I{}", mbedtls.join("include").display()))
        .args(sources)
        .args(library)
        .arg("-o")
        .arg(program)
        .status()?;
    if done.success() {
        return Ok(());
    }
    Err(format!("{} did not build", program.display()).into())
}

/// One boot of the board with both clients; `true` if they gave the alerts 47 and 51.
fn run(seed: u32, authority: &Authority) -> Result<bool, Box<dyn Error>> {
    let mut server = Command::new(authority.path("server"))
        .args([
            ADDRESS,
            PORT,
            "board.pem",
            "board.key",
            ONE_IN,
            &seed.to_string(),
            "2",
            "device",
        ])
        .current_dir(authority.folder())
        .stdin(Stdio::null())
        .spawn()?;
    sleep(Duration::from_millis(900));
    let address = format!("{ADDRESS}:{PORT}");
    client(
        authority,
        "s_client.log",
        Command::new("openssl").args([
            "s_client",
            "-connect",
            &address,
            "-CAfile",
            "ca.pem",
            "-noservername",
            "-trace",
            "-sigalgs",
            "ECDSA+SHA512:ECDSA+SHA384:ECDSA+SHA256",
        ]),
    )?;
    sleep(Duration::from_millis(600));
    client(
        authority,
        "ssl_client2.log",
        Command::new(authority.path("ssl_client2")).args([
            &format!("server_addr={ADDRESS}"),
            &format!("server_port={PORT}"),
            &format!("server_name={ADDRESS}"),
            "ca_file=ca.pem",
            "auth_mode=optional",
            "debug_level=3",
        ]),
    )?;
    sleep(Duration::from_millis(400));
    let _ended = server.kill();
    server.wait()?;
    let said = |file: &str, words: &[&str]| {
        let text = fs::read_to_string(authority.path(file)).unwrap_or_default();
        words.iter().all(|word| text.contains(word))
    };
    Ok(said("s_client.log", &["bad ecpoint"])
        && said("ssl_client2.log", &["mbedtls_pk_verify() returned -19968"])
        && said("device.log", &["(msg 47)", "(msg 51)"]))
}

/// Runs a client for a few seconds at most and keeps all that it prints.
fn client(authority: &Authority, log: &str, command: &Command) -> Result<(), Box<dyn Error>> {
    let file = File::create(authority.path(log))?;
    // Line by line, so that what comes over both outputs stands in order.
    let mut process = Command::new("stdbuf")
        .arg("-oL")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(authority.folder())
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()?;
    let started = Instant::now();
    while process.try_wait()?.is_none() {
        if started.elapsed() > Duration::from_secs(5) {
            let _ended = process.kill();
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
