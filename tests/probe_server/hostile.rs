//! Servers that do not play by the rules cost bounded time, and are named.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{Ending, NotTls, Probe, Stop, probe};

use super::servers::serve;
use super::{ask, device, hasty, question};

/// Waits for the ClientHello's first bytes.
fn hello(stream: &mut TcpStream) -> [u8; 1] {
    let mut start = [0];
    let _ = stream.read_exact(&mut start);
    start
}

fn bounded(address: SocketAddr) -> Probe {
    let started = Instant::now();
    let found = ask(&hasty(address));
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_mins(1), "{elapsed:?}");
    found
}

fn first(found: &Probe) -> &Ending {
    &found.first.as_ref().unwrap().ending
}

fn repeat(mut stream: TcpStream, bytes: &[u8]) {
    hello(&mut stream);
    while stream.write_all(bytes).is_ok() {}
}

#[test]
fn one_byte_a_moment() {
    let found = bounded(serve(|mut stream| {
        hello(&mut stream);
        for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"
            .iter()
            .chain(&[0; 100])
        {
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }));
    assert!(
        matches!(first(&found), Ending::Timeout),
        "{:?}",
        first(&found)
    );
    assert!(!found.reached_tls());
}

#[test]
fn a_certificate_of_16_megabytes() {
    let found = bounded(serve(|mut stream| {
        hello(&mut stream);
        let mut hello = vec![2, 0, 0, 38, 3, 3];
        hello.extend([5; 32]);
        hello.extend([0, 0xC0, 0x30, 0]);
        // A Certificate message that promises 16,777,215 bytes.
        hello.extend([11, 0xFF, 0xFF, 0xFF]);
        let mut record = vec![0x16, 3, 3, 0, u8::try_from(hello.len()).unwrap()];
        record.extend(hello);
        let _ = stream.write_all(&record);
        let body = [&[0x16, 3, 3, 0x40, 0][..], &[7; 16_384]].concat();
        while stream.write_all(&body).is_ok() {}
    }));
    match first(&found) {
        Ending::TooMuch(text) => assert!(text.contains("Certificate of 16777215"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn endless_messages_records_and_warnings() {
    let many = bounded(serve(|s| repeat(s, &[0x16, 3, 3, 0, 4, 0, 0, 0, 0])));
    assert!(
        matches!(first(&many), Ending::TooMuch(_)),
        "{:?}",
        first(&many)
    );
    let warnings = bounded(serve(|s| repeat(s, &[0x15, 3, 3, 0, 2, 1, 112])));
    assert!(
        matches!(first(&warnings), Ending::TooMuch(_)),
        "{:?}",
        first(&warnings)
    );
    // Records of one byte each: application data before any hello.
    let tiny = bounded(serve(|s| repeat(s, &[0x17, 3, 3, 0, 1, 0])));
    assert!(
        matches!(first(&tiny), Ending::TooMuch(_)),
        "{:?}",
        first(&tiny)
    );
    assert!(tiny.first.unwrap().records.len() <= 4096);
    let empty = bounded(serve(|s| repeat(s, &[0x16, 3, 3, 0, 0])));
    assert!(
        matches!(first(&empty), Ending::TooMuch(_)),
        "{:?}",
        first(&empty)
    );
}

#[test]
fn a_record_that_is_too_long_and_bytes_that_are_none() {
    let long = bounded(serve(|s| repeat(s, &[0x16, 3, 3, 0xFF, 0xFF, 2])));
    assert!(
        matches!(first(&long), Ending::TooMuch(_)),
        "{:?}",
        first(&long)
    );
    let garbage = bounded(serve(|s| repeat(s, b"@@@@@@@@")));
    assert_eq!(garbage.not_tls, Some(NotTls::Other));
}

#[test]
fn every_content_type_and_length_ends() {
    for kind in 20..=26_u8 {
        for length in [0_u16, 1, 2, 4, 255, 16_384, 18_432, 18_433] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    hello(&mut stream);
                    let mut record = vec![kind, 3, 3];
                    record.extend(length.to_be_bytes());
                    record.resize(5 + usize::from(length), 0x55);
                    let _ = stream.write_all(&record);
                }
            });
            let found = bounded(address);
            assert!(!found.reached_tls(), "{kind} {length}");
        }
    }
}

#[test]
fn a_server_that_closes_without_a_word_is_named() {
    let mut question = question(serve(|mut stream| {
        let mut all = [0; 4096];
        let _ = stream.read(&mut all);
    }));
    question.device = device("mbedtls-2.16");
    let found = ask(&question);
    assert!(found.refusals.is_silent());
    assert!(found.refusals.closes > 0 && found.refusals.alerts == 0);
    let reply = &found.device.unwrap().reply;
    assert!(matches!(reply.ending, Ending::Closed), "{:?}", reply.ending);
}

#[test]
fn a_server_that_stays_silent_costs_one_wait() {
    let found = bounded(serve(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    }));
    assert!(matches!(first(&found), Ending::Timeout));
    assert!(found.connections <= 3, "{}", found.connections);
}

#[test]
fn other_protocols_are_recognised() {
    let http = bounded(serve(|mut s| {
        hello(&mut s);
        let _ = s.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }));
    assert_eq!(http.not_tls, Some(NotTls::Http));
    let ssh = bounded(serve(|mut s| {
        let _ = s.write_all(b"SSH-2.0-dropbear\r\n");
        hello(&mut s);
    }));
    assert_eq!(ssh.not_tls, Some(NotTls::Ssh));
    let smtp = bounded(serve(|mut s| {
        let _ = s.write_all(b"220 mail.example ESMTP\r\n");
        hello(&mut s);
    }));
    assert_eq!(smtp.not_tls, Some(NotTls::Smtp));
    let mqtt = bounded(serve(|mut s| {
        if hello(&mut s) == [0x10] {
            let _ = s.write_all(&[0x20, 2, 0, 0]);
            let mut rest = [0; 64];
            let _ = s.read(&mut rest);
        }
    }));
    assert_eq!(mqtt.not_tls, Some(NotTls::Mqtt));
}

#[test]
fn a_closed_port_and_a_stop_are_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let found = ask(&question(address));
    assert_eq!(found.asked, None);
    assert!(found.addresses[0].connect.is_err());

    let silent = serve(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    let cancel = AtomicBool::new(true);
    let started = Instant::now();
    let found = probe(&question(silent), &cancel, &mut |_| {}).unwrap();
    assert_eq!(found.stopped, Some(Stop::Cancelled));
    assert!(started.elapsed() < Duration::from_secs(15));
}
