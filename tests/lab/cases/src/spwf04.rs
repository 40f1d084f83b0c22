//! `spwf04-azure`: an SPWF04Sx module, and a server whose certificate has become too large for it.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::leave::{Client, Leaves};
use crate::openssl::{Authority, RSA, RSA_4096, Wanted};
use crate::stream::Stream;

const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 70);
const PORT: u16 = 443;
/// The name the application asks for.
const HOST: &str = "fleet47.table.core.storage.test";
/// Names in the large certificate.
const NAMES: usize = 66;
/// Size of the leaf and of the intermediate in bytes of DER.
const LEAF: std::ops::RangeInclusive<usize> = 3_816..=3_819;
const INTERMEDIATE: std::ops::RangeInclusive<usize> = 1_462..=1_469;
/// TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, TLS_RSA_WITH_AES_256_CBC_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA.
const SUITES: &[u16] = &[0xC027, 0x003D, 0x002F];
/// `certificate_unknown`.
const ALERT: u8 = 46;
const VALIDITY: (&str, &str) = ("20261118000000Z", "20281118000000Z");

/// Records the case into `out`.
pub fn record(out: &Path) -> Result<(), Box<dyn Error>> {
    let authority = Authority::new()?;
    let root_bytes = chain(&authority)?;
    let chain = [
        fs::read(authority.path("leaf.pem"))?,
        fs::read(authority.path("intermediate.pem"))?,
    ]
    .concat();
    fs::write(out.join("spwf04-azure-chain.pem"), chain)?;
    fs::copy(authority.path("root.pem"), out.join("spwf04-azure-root.pem"))?;
    let delay = server(&authority, out)?;
    stream(&key_id(&authority)?, root_bytes, delay).save(out, "spwf04-azure")?;
    Ok(())
}

/// Root, intermediate and a leaf with many names; returns the size of the root in bytes of DER.
fn chain(authority: &Authority) -> Result<usize, Box<dyn Error>> {
    let root = authority.make(&Wanted {
        name: "root",
        subject: "/C=IS/O=Handlens Lab/CN=Handlens Lab Storage Root",
        key: RSA,
        extensions: "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n\
                     subjectKeyIdentifier = hash",
        issuer: None,
        validity: ("20200101000000Z", "20451231235959Z"),
    })?;
    let intermediate = padded(&INTERMEDIATE, &|padding| {
        authority.make(&Wanted {
            name: "intermediate",
            subject: "/C=IS/O=Handlens Lab/OU=Handlens Lab Issuing/CN=Handlens Lab TLS CA 4",
            key: RSA_4096,
            extensions: &format!(
                "basicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,digitalSignature,keyCertSign,cRLSign\n\
                 extendedKeyUsage = serverAuth,clientAuth\nsubjectKeyIdentifier = hash\n\
                 authorityKeyIdentifier = keyid\nauthorityInfoAccess = OCSP;URI:http://ocsp.pki.handlens.test\n\
                 crlDistributionPoints = URI:http://crl.pki.handlens.test/{padding}/root.crl\n\
                 certificatePolicies = 1.3.6.1.4.1.32473.7.1,@p\n[p]\npolicyIdentifier = 1.3.6.1.4.1.32473.7.2\n\
                 CPS.1 = https://pki.handlens.test/cps"
            ),
            issuer: Some("root"),
            validity: ("20240101000000Z", "20331231235959Z"),
        })
    })?;
    let leaf = padded(&LEAF, &|padding| {
        let names: Vec<String> = (1..NAMES)
            .map(|n| format!("DNS:*.table.p{:02}-u{:02}.store.storage.test", n / 6 + 1, n % 6 + 1))
            .collect();
        authority.make(&Wanted {
            name: "leaf",
            subject: "/C=IS/O=Handlens Lab/CN=*.table.core.storage.test",
            key: RSA,
            extensions: &format!(
                "basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature,keyEncipherment\n\
                 extendedKeyUsage = serverAuth,clientAuth\nsubjectKeyIdentifier = hash\n\
                 authorityKeyIdentifier = keyid\n\
                 authorityInfoAccess = caIssuers;URI:http://pki.handlens.test/tls-ca-4.crt,OCSP;URI:http://ocsp.pki.handlens.test\n\
                 crlDistributionPoints = URI:http://crl.pki.handlens.test/{padding}/tls-ca-4.crl\n\
                 subjectAltName = DNS:*.table.core.storage.test,{}",
                names.join(",")
            ),
            issuer: Some("intermediate"),
            validity: VALIDITY,
        })
    })?;
    eprintln!("spwf04-azure: leaf {leaf}, intermediate {intermediate}, root {root} bytes");
    Ok(root)
}

/// Makes a certificate with this path in an address; gives its size in bytes.
type Make<'a> = dyn Fn(&str) -> Result<usize, Box<dyn Error>> + 'a;

/// Makes a certificate with a longer and longer path in an address until its size fits.
fn padded(size: &std::ops::RangeInclusive<usize>, make: &Make<'_>) -> Result<usize, Box<dyn Error>> {
    let long = |length| {
        "handlens-lab/revocation/lists/"
            .chars()
            .cycle()
            .take(length)
            .collect::<String>()
    };
    let least = make(&long(1))?;
    let short = size.start().checked_sub(least);
    let short = short.ok_or_else(|| format!("{least} bytes before anything was added"))?;
    let made = make(&long(1 + short))?;
    if size.contains(&made) {
        return Ok(made);
    }
    Err(format!("{made} bytes and not {size:?}").into())
}

/// The key identifier of the root as the module prints it.
fn key_id(authority: &Authority) -> Result<String, Box<dyn Error>> {
    let text = authority.run(&["x509", "-in", "root.pem", "-noout", "-ext", "subjectKeyIdentifier"])?;
    let text = String::from_utf8(text)?;
    Ok(text.lines().last().unwrap_or_default().trim().to_owned())
}

/// Lets the module connect twice and keeps what the server logged; returns the time of one try.
fn server(authority: &Authority, out: &Path) -> Result<Duration, Box<dyn Error>> {
    let log = fs::File::create(out.join("spwf04-azure-server.log"))?;
    let mut process = Command::new("stdbuf")
        .args([
            "-oL",
            "openssl",
            "s_server",
            "-accept",
            &format!("{SERVER}:{PORT}"),
            "-tls1_2",
            "-trace",
        ])
        .args([
            "-cert",
            "leaf.pem",
            "-key",
            "leaf.key",
            "-cert_chain",
            "intermediate.pem",
        ])
        .args(["-cipher", "DEFAULT:AES128-SHA", "-serverpref", "-naccept", "2"])
        .current_dir(authority.folder())
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    sleep(Duration::from_millis(700));
    let client = Client {
        suites: SUITES,
        server_name: Some(HOST),
        one_way: Duration::from_millis(21),
        thinks: Duration::from_millis(130),
        leaves: Leaves::WithAlert(ALERT),
    };
    let mut delay = Duration::ZERO;
    for _ in 0..2 {
        delay = client.run(SocketAddr::from((SERVER, PORT)))?;
        sleep(Duration::from_millis(400));
    }
    let mut rest = Vec::new();
    if let Some(mut output) = process.stdout.take() {
        output.read_to_end(&mut rest)?;
    }
    let _ended = process.kill();
    process.wait()?;
    Ok(delay)
}

/// The console of the module: what the host sends and what the module says.
fn stream(key_id: &str, root_bytes: usize, delay: Duration) -> Stream {
    let mut s = Stream::new(115_200);
    for (ms, text) in [
        (0, "+WIND:1:Power on"),
        (60, "+WIND:3:Watchdog running"),
        (140, "+WIND:0:Console active"),
        (210, "+WIND:32:WiFi hardware started"),
        (420, "+WIND:21:Scanning"),
        (980, "+WIND:19:WiFi join"),
        (310, "+WIND:25:WiFi association successful"),
        (160, "+WIND:51:WPA handshake complete"),
        (540, "+WIND:24:WiFi Up:0:192.0.2.118"),
    ] {
        s.wait_ms(ms);
        s.line("");
        s.line(text);
    }
    s.wait_ms(300);
    asks(&mut s, "AT+S.TLSCERT=content,2", 240, &["AT-S.OK"]);
    let loaded = format!("AT-S.SubjectKeyId:{key_id}");
    asks(
        &mut s,
        &format!("AT+S.TLSCERT=ca,{root_bytes}"),
        330,
        &[&loaded, "AT-S.OK"],
    );
    // Another server with a small certificate under the same root: passes.
    asks(
        &mut s,
        "AT+S.SOCKON=time.core.storage.test,443,,s",
        640,
        &["AT-S.Loading:1:2", "AT-S.On:198.51.100.71:0", "AT-S.OK"],
    );
    s.wait_ms(700);
    asks(&mut s, "AT+S.SOCKC=0", 30, &["AT-S.OK"]);
    for pause in [900, 4_000] {
        s.wait_ms(pause);
        s.line(&format!("AT+S.SOCKON={HOST},{PORT},,s"));
        s.wait_ms(90);
        s.line("");
        s.line("AT-S.Loading:1:2");
        s.wait_ms(delay.as_millis() as u64);
        s.line("AT-S.ERROR:74:Failed to open socket");
    }
    s
}

/// A command and its answer after so long.
fn asks(s: &mut Stream, command: &str, ms: u64, answer: &[&str]) {
    s.line(command);
    s.wait_ms(ms);
    s.line("");
    for text in answer {
        s.line(text);
        s.wait_ms(6);
    }
    s.wait_ms(120);
}
