//! rustls as the server: other code than OpenSSL gives the same kind of answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use handlens::server::{
    Ending, LibraryEnding, LibraryQuestion, Limits, NameChoice, StartTls, ask_library,
};
use handlens::tls::{Alert, NamedGroup, ProtocolVersion};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::{ask, question};

/// A server with a leaf for `device.example` below a root of its own; gives the root too.
pub fn serve(smtp: bool) -> (SocketAddr, CertificateDer<'static>) {
    serve_behind(smtp.then_some(mail as Dialogue))
}

/// The same with other settings.
pub fn serve_set(set: impl FnOnce(&mut ServerConfig)) -> (SocketAddr, CertificateDer<'static>) {
    serve_all(None, set)
}

/// A dialogue before TLS; `None` ends the connection.
type Dialogue = fn(&mut TcpStream) -> Option<()>;

/// The same behind a dialogue in the clear.
fn serve_behind(before: Option<Dialogue>) -> (SocketAddr, CertificateDer<'static>) {
    serve_all(before, |_| {})
}

fn serve_all(
    before: Option<Dialogue>,
    set: impl FnOnce(&mut ServerConfig),
) -> (SocketAddr, CertificateDer<'static>) {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["device.example".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone(), root_certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
    set(&mut config);
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let mut stream = stream;
                if before.is_some_and(|dialogue| dialogue(&mut stream).is_none()) {
                    return;
                }
                let mut connection = ServerConnection::new(config).unwrap();
                let mut byte = [0];
                let _ = Stream::new(&mut connection, &mut stream).read(&mut byte);
            });
        }
    });
    (address, root_certificate.der().clone())
}

/// The dialogue of RFC 3207, with an answer of several lines.
fn mail(stream: &mut TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    stream.write_all(b"220 mail.example ESMTP\r\n").ok()?;
    lines.next()?.ok()?.starts_with("EHLO").then_some(())?;
    stream
        .write_all(b"250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
        .ok()?;
    (lines.next()?.ok()? == "STARTTLS").then_some(())?;
    stream.write_all(b"220 go ahead\r\n").ok()
}

#[test]
fn versions_groups_and_a_complete_handshake() {
    let (address, root) = serve(false);
    let mut question = question(address);
    question.roots = vec![root];
    let found = ask(&question);
    let versions: Vec<_> = found
        .offer
        .versions
        .iter()
        .filter(|(_, yes)| *yes)
        .map(|&(v, _)| v)
        .collect();
    assert_eq!(versions, [ProtocolVersion::TLS13, ProtocolVersion::TLS12]);
    let mut groups = found.offer.groups.clone();
    groups.sort();
    assert_eq!(
        groups,
        [
            NamedGroup::SECP256R1,
            NamedGroup::SECP384R1,
            NamedGroup::X25519
        ]
    );
    let tls12: Vec<u16> = found
        .offer
        .suites_of(ProtocolVersion::TLS12)
        .map(|s| s.0)
        .collect();
    let mut sorted = tls12.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [0xC02B, 0xC02C, 0xCCA9]);
    let library = found.library.unwrap();
    assert_eq!(library.ending, Some(LibraryEnding::Completed));
    assert_eq!(library.strict, None);
    assert_eq!(library.signature_sound, Some(true));
    assert_eq!(library.certificates.len(), 2);
}

#[test]
fn a_strict_verifier_would_refuse_another_name() {
    let (address, root) = serve(false);
    let mut question = question(address);
    question.roots = vec![root];
    question.name = NameChoice::Given("other.example".to_owned());
    let library = ask(&question).library.unwrap();
    assert_eq!(
        library.ending,
        Some(LibraryEnding::Completed),
        "recorded, not failed"
    );
    let refusal = library.strict.unwrap();
    assert!(
        refusal.whatever_the_roots && refusal.sentence.contains("other.example"),
        "{refusal:?}"
    );
}

/// A server of TLS 1.3 that ends each complete handshake with an alert that nobody encrypted, as Mbed TLS
/// 3.6 does where it misses a certificate.
fn serve_that_alerts_in_the_clear() -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec!["device.example".to_owned()]).unwrap();
    let leaf = names.self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.send_tls13_tickets = 0;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            while connection.is_handshaking() {
                if connection.complete_io(&mut stream).is_err() {
                    break;
                }
            }
            if !connection.is_handshaking() {
                let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 116]);
            }
        }
    });
    address
}

#[test]
fn an_alert_in_the_clear_is_no_wrong_mac() {
    let question = question(serve_that_alerts_in_the_clear());
    let asked = LibraryQuestion {
        name: Some("device.example"),
        expected: "device.example",
        roots: &[],
        identity: None,
    };
    let address = SocketAddr::new(question.target.host.parse().unwrap(), question.target.port);
    let limits = Limits::default().within(Duration::from_mins(1));
    // On a busy machine the alert may come later than anybody waits for it: asked again then.
    let started = Instant::now();
    let reply = loop {
        let reply = ask_library(address, &asked, limits, &AtomicBool::new(false));
        let late = reply.ending == Some(LibraryEnding::Completed);
        if !late || started.elapsed() > Duration::from_mins(1) {
            break reply;
        }
    };
    assert_eq!(reply.version, Some(ProtocolVersion::TLS13));
    assert_eq!(reply.ending, Some(LibraryEnding::AlertAfter(Alert(116))));
    assert!(reply.alert_in_clear);
    assert_eq!(
        reply.sentence().unwrap(),
        "complete for the client, then the server sent alert 116 (certificate_required) unencrypted, \
         although encryption had begun"
    );
}

/// A line byte by byte: what follows it belongs to TLS.
fn line(stream: &mut TcpStream) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        stream.read_exact(&mut byte).ok()?;
        line.push(byte[0]);
    }
    String::from_utf8(line).ok()
}

/// RFC 2595 section 3, with an untagged answer before the tagged one.
fn imap(stream: &mut TcpStream) -> Option<()> {
    stream
        .write_all(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
        .ok()?;
    (line(stream)? == "a1 STARTTLS\r\n").then_some(())?;
    stream
        .write_all(b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n")
        .ok()
}

/// RFC 2595 section 4.
fn pop3(stream: &mut TcpStream) -> Option<()> {
    stream.write_all(b"+OK ready\r\n").ok()?;
    (line(stream)? == "STLS\r\n").then_some(())?;
    stream.write_all(b"+OK begin\r\n").ok()
}

/// A server that knows no STARTTLS.
fn refusing(stream: &mut TcpStream) -> Option<()> {
    stream.write_all(b"+OK ready\r\n").ok()?;
    line(stream)?;
    stream.write_all(b"-ERR unknown command\r\n").ok()?;
    None
}

#[test]
fn mailboxes_change_to_tls() {
    for (protocol, dialogue) in [
        (StartTls::Imap, imap as Dialogue),
        (StartTls::Pop3, pop3 as Dialogue),
    ] {
        let (address, _) = serve_behind(Some(dialogue));
        let mut question = question(address);
        question.manners.starttls = Some(protocol);
        let found = ask(&question);
        assert!(found.offer.has(ProtocolVersion::TLS13), "{protocol:?}");
        assert!(found.offer.has(ProtocolVersion::TLS12), "{protocol:?}");
        let library = found.library.as_ref().unwrap();
        assert_eq!(
            library.ending,
            Some(LibraryEnding::Completed),
            "{protocol:?}"
        );
        let hands = handlens::server::by_hand(&found);
        let flag = format!("-starttls {}", protocol.as_str());
        assert!(hands[0].command.contains(&flag), "{:?}", hands[0]);
    }
}

#[test]
fn a_mailbox_that_refuses_tls_is_quoted() {
    let (address, _) = serve_behind(Some(refusing));
    let mut question = question(address);
    question.manners.starttls = Some(StartTls::Pop3);
    let found = ask(&question);
    let ending = &found.first.as_ref().unwrap().ending;
    assert!(
        matches!(ending, Ending::NoStartTls(text) if text == "-ERR unknown command"),
        "{ending:?}"
    );
    assert!(found.headline().contains("-ERR unknown command"));
}

#[test]
fn mail_changes_to_tls() {
    let (address, _) = serve(true);
    let mut question = question(address);
    question.manners.starttls = Some(StartTls::Smtp);
    let found = ask(&question);
    assert!(found.offer.has(ProtocolVersion::TLS13) && found.offer.has(ProtocolVersion::TLS12));
    assert!(found.not_tls.is_none());
}
