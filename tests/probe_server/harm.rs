//! Every way in which a server can do harm or break off: bounded, quick to stop, and one sentence that is
//! the same in the library, on the command line and in the window.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{NameChoice, Stop, Target, probe};
use handlens::session::{
    AskAs, Folders, ProbeOutcome, ProbeWish, ServerLook, ServerSeen, Session, Tone,
};
use handlens::tls::ProtocolVersion;

use super::openssl_server::{self, EPHEMERAL, ask, hasty, question, start};
use super::servers::serve;

/// A record of handshake bytes.
fn record(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x16, 3, 3];
    out.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    out.extend(bytes);
    out
}

/// A handshake message.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    out.extend(body);
    out
}

/// The messages of a flight of TLS 1.2 with RSA key exchange: `ServerHello`, Certificate, done.
fn flight() -> [Vec<u8>; 3] {
    let mut hello = vec![3, 3];
    hello.extend([5; 32]);
    hello.extend([0, 0x00, 0x2F, 0]);
    let list = [&[0, 0, 7][..], &[0, 0, 4, 0x30, 2, 5, 0]].concat();
    [message(2, &hello), message(11, &list), message(14, &[])]
}

/// The start of the `ClientHello`; the rest stays unread, so that closing resets.
fn begin(stream: &mut TcpStream) -> bool {
    stream.read_exact(&mut [0; 5]).is_ok()
}

/// Reads what is there.
fn whole_hello(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 8192]);
}

fn endless(mut stream: TcpStream, bytes: &[u8]) {
    whole_hello(&mut stream);
    while stream.write_all(bytes).is_ok() {}
}

/// `ServerHello` of TLS 1.3, then bytes that no key opens.
fn sealed_noise(mut stream: TcpStream) {
    whole_hello(&mut stream);
    let mut hello = vec![3, 3];
    hello.extend([5; 32]);
    hello.extend([0, 0x13, 0x01, 0]);
    let share = [
        &[0x00, 0x33, 0x00, 0x24, 0x00, 0x1D, 0x00, 0x20][..],
        &[9; 32],
    ]
    .concat();
    let extensions = [&[0x00, 0x2B, 0x00, 0x02, 0x03, 0x04][..], &share].concat();
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    if stream.write_all(&record(&message(2, &hello))).is_err() {
        return;
    }
    let noise = [&[0x17, 3, 3, 0x40, 0][..], &[7; 16_384]].concat();
    while stream.write_all(&noise).is_ok() {}
}

/// What each server does, and a part of the sentence about it.
fn harms() -> Vec<(&'static str, SocketAddr, &'static str)> {
    let mut all = vec![
        (
            "says nothing",
            serve(|stream| {
                thread::sleep(Duration::from_secs(30));
                drop(stream);
            }),
            "stayed silent until the time was over",
        ),
        (
            "one byte a second",
            serve(|mut stream| {
                whole_hello(&mut stream);
                for byte in record(&flight()[0]) {
                    if stream.write_all(&[byte]).is_err() {
                        return;
                    }
                    thread::sleep(Duration::from_secs(1));
                }
            }),
            "stayed silent until the time was over",
        ),
        (
            "noise without end",
            serve(|s| endless(s, b"\x00\xFF\x80\x7F")),
            "does not speak TLS",
        ),
        (
            "records of one byte without end",
            serve(|s| endless(s, &[0x16, 3, 3, 0, 1, 0])),
            "handshake messages without end",
        ),
        (
            "a list of 16 MB",
            serve(|mut stream| {
                whole_hello(&mut stream);
                let [hello, ..] = flight();
                let _ = stream.write_all(&record(&hello));
                let _ = stream.write_all(&record(&[11, 0xFF, 0xFF, 0xFF]));
                while stream.write_all(&record(&[7; 16_000])).is_ok() {}
            }),
            "Certificate of 16777215 bytes",
        ),
        (
            "a hello of TLS 1.3 and sealed noise without end",
            serve(sealed_noise),
            "speaks TLS",
        ),
        (
            "warnings without end",
            serve(|s| endless(s, &[0x15, 3, 3, 0, 2, 1, 90])),
            "alerts of level warning",
        ),
        (
            "closes without a word",
            serve(|mut stream| whole_hello(&mut stream)),
            "closed the connection without an alert",
        ),
    ];
    for messages in 0..=2 {
        let reset = serve(move |mut stream: TcpStream| {
            if begin(&mut stream) {
                for part in flight().iter().take(messages) {
                    let _ = stream.write_all(&record(part));
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        all.push(("resets", reset, "reset the connection"));
        let close = serve(move |mut stream: TcpStream| {
            whole_hello(&mut stream);
            for part in flight().iter().take(messages) {
                let _ = stream.write_all(&record(part));
            }
        });
        all.push(("closes", close, "closed the connection without an alert"));
    }
    all
}

fn one_sentence(text: &str) {
    assert!(text.len() > 20 && text.len() < 300, "{text}");
    assert!(text.ends_with('.') && !text.contains('\n'), "{text}");
}

#[test]
fn each_harm_is_bounded_and_named_the_same_everywhere() {
    for (name, address, part) in harms() {
        let started = Instant::now();
        let mut asking = hasty(address);
        asking.manners.limits = asking.manners.limits.within(Duration::from_secs(1));
        let found = ask(&asking);
        let elapsed = started.elapsed();
        let sentence = found.headline();
        assert!(elapsed < Duration::from_mins(1), "{name}: {elapsed:?}");
        assert!(sentence.contains(part), "{name}: {sentence}");
        one_sentence(&sentence);

        let ran = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
            .args(["probe", &address.to_string(), "--sni", "device.example"])
            .args(["--timeout", "1"])
            .output()
            .unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        let problem = part != "speaks TLS";
        assert_eq!(
            ran.status.code(),
            Some(i32::from(problem)),
            "{name}: {text}"
        );
        assert_eq!(text.lines().next(), Some(sentence.as_str()), "{name}");

        let (tone, shown) = in_the_window(address);
        assert_eq!(tone == Tone::Fail, problem, "{name}: {shown}");
        assert_eq!(shown, sentence, "{name}");
    }
}

/// Tone and sentence of the verdict that the Server place shows.
fn in_the_window(address: SocketAddr) -> (Tone, String) {
    let session = Session::with_folders(|| {}, Folders::default());
    session.ask_server(ProbeWish {
        target: Target {
            host: address.ip().to_string(),
            port: address.port(),
        },
        name: NameChoice::Given("device.example".into()),
        ask_as: AskAs::Nobody,
        starttls: None,
        seconds: 1,
        roots: None,
        identity: None,
        dns_server: None,
    });
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let snap = session.snapshot();
        let run = snap.probes.last();
        if run.is_some_and(|r| matches!(r.outcome, ProbeOutcome::Done(_))) {
            let seen = ServerSeen::of(&snap, &ServerLook::default());
            let verdict = seen.verdict.unwrap();
            return (verdict.tone, verdict.sentence);
        }
        assert!(Instant::now() < until, "the probe does not end");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_stop_is_quick_whatever_the_server_does() {
    for (name, address, _) in harms() {
        let asking = question(address);
        let cancel = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&cancel);
        let asked = thread::spawn(move || probe(&asking, &stop, &mut |_| {}).unwrap());
        thread::sleep(Duration::from_millis(250));
        cancel.store(true, Ordering::Relaxed);
        let stopped = Instant::now();
        let found = asked.join().unwrap();
        let took = stopped.elapsed();
        assert!(took < Duration::from_secs(15), "{name}: {took:?}");
        // Some are over by then.
        let waits = ["says nothing", "one byte a second"].contains(&name);
        assert!(!waits || found.stopped == Some(Stop::Cancelled), "{name}");
    }
}

/// A relay that cuts the server's records of handshake messages into records of one byte.
fn one_byte_records(server: SocketAddr) -> SocketAddr {
    serve(move |client| {
        let Ok(mut to) = TcpStream::connect(server) else {
            return;
        };
        let (mut from_client, mut from_server) =
            (client.try_clone().unwrap(), to.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut from_client, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
        let mut client = client;
        let mut head = [0; 5];
        while from_server.read_exact(&mut head).is_ok() {
            let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
            if from_server.read_exact(&mut body).is_err() {
                return;
            }
            let out: Vec<u8> = if head[0] == 0x16 {
                body.iter()
                    .flat_map(|b| [0x16, head[1], head[2], 0, 1, *b])
                    .collect()
            } else {
                [&head[..], &body].concat()
            };
            if client.write_all(&out).is_err() {
                return;
            }
        }
    })
}

#[test]
fn a_flight_in_records_of_one_byte_is_read_all_the_same() {
    let options = ["-tls1_2", "-cipher", EPHEMERAL, "-serverpref"];
    let Some(server) = start("rsa", &options) else {
        return;
    };
    let plain = openssl_server::survey(&server);
    let cut = ask(&question(one_byte_records(server.address)));
    assert_eq!(cut.offer.suites, plain.offer.suites);
    assert_eq!(cut.offer.groups, plain.offer.groups);
    assert_eq!(cut.offer.chains, plain.offer.chains);
    assert_eq!(cut.key_check, plain.key_check);
}

#[test]
fn a_server_that_takes_no_more_connections_keeps_what_was_found() {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let options = ["-tls1_2", "-cipher", EPHEMERAL];
    let Some(server) = start("rsa", &options) else {
        return;
    };
    // A listener that goes away after five connections.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let to = server.address;
    thread::spawn(move || {
        for client in listener.incoming().flatten().take(5) {
            TAKEN.fetch_add(1, Ordering::Relaxed);
            let server = TcpStream::connect(to).unwrap();
            for (mut from, mut to) in [
                (client.try_clone().unwrap(), server.try_clone().unwrap()),
                (server, client),
            ] {
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    let found = ask(&question(address));
    assert_eq!(TAKEN.load(Ordering::Relaxed), 5);
    assert_eq!(found.stopped, Some(Stop::Unreachable));
    assert_eq!(found.offer.suites_of(ProtocolVersion::TLS12).count(), 5);
    // A list that is not complete proves nothing.
    assert!(
        handlens::server::probe_facts(&found, 1)
            .value("server.suites")
            .is_none()
    );
}
