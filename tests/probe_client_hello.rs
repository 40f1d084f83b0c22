//! The ClientHello writer against another parser: what goes in must come out of `tls-parser`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use handlens::tls::hello::{ClientHello, HelloError, HelloExtension, extension};
use handlens::tls::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use proptest::prelude::*;
use tls_parser::{
    TlsExtension, TlsMessage, TlsMessageHandshake, parse_tls_client_hello_extensions,
    parse_tls_plaintext,
};

fn rich() -> ClientHello {
    ClientHello {
        record_version: ProtocolVersion::TLS10,
        version: ProtocolVersion::TLS12,
        random: [7; 32],
        session_id: vec![9; 32],
        cipher_suites: [0xC030, 0x0035, 0x000A, 0x1301, 0x00FF]
            .map(CipherSuite)
            .to_vec(),
        compression: vec![0, 1],
        extensions: vec![
            HelloExtension::grease(3),
            HelloExtension::server_name("device.example"),
            HelloExtension::max_fragment_length(2),
            HelloExtension::supported_groups(&[NamedGroup::X25519, NamedGroup::SECP384R1]),
            HelloExtension::ec_point_formats(),
            HelloExtension::signature_algorithms(&[
                SignatureScheme(0x0603),
                SignatureScheme(0x0401),
            ]),
            HelloExtension::alpn(&["h2", "mqtt"]),
            HelloExtension::status_request(),
            HelloExtension::encrypt_then_mac(),
            HelloExtension::extended_master_secret(),
            HelloExtension::record_size_limit(1024),
            HelloExtension::session_ticket(vec![1, 2, 3]),
            HelloExtension::supported_versions(&[ProtocolVersion::TLS13, ProtocolVersion::TLS12]),
            HelloExtension::psk_key_exchange_modes(),
            HelloExtension::key_share(&[(NamedGroup::X25519, vec![5; 32])]),
            HelloExtension::renegotiation_info(),
            HelloExtension::pre_shared_key(b"device-7", 0, &[0; 32]),
        ],
    }
}

#[test]
fn another_parser_reads_what_was_written() {
    let hello = rich();
    let bytes = hello.records().unwrap();
    let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
    assert!(rest.is_empty());
    assert_eq!(record.hdr.version.0, 0x0301);
    let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(read))] = &record.msg[..] else {
        panic!("{:?}", record.msg)
    };
    assert_eq!(read.version.0, 0x0303);
    assert_eq!(read.random, [7; 32]);
    assert_eq!(read.session_id, Some(&[9_u8; 32][..]));
    let suites: Vec<u16> = read.ciphers.iter().map(|c| c.0).collect();
    assert_eq!(suites, [0xC030, 0x0035, 0x000A, 0x1301, 0x00FF]);
    assert_eq!(read.comp.iter().map(|c| c.0).collect::<Vec<_>>(), [0, 1]);

    let (rest, extensions) = parse_tls_client_hello_extensions(read.ext.unwrap()).unwrap();
    assert!(rest.is_empty());
    assert_eq!(extensions.len(), hello.extensions.len());
    let mut seen = 0;
    for extension in &extensions {
        seen += 1;
        match extension {
            TlsExtension::SNI(names) => assert_eq!(names[0].1, b"device.example"),
            TlsExtension::MaxFragmentLength(code) => assert_eq!(*code, 2),
            TlsExtension::EllipticCurves(groups) => {
                assert_eq!(groups.iter().map(|g| g.0).collect::<Vec<_>>(), [0x1D, 0x18]);
            }
            TlsExtension::SignatureAlgorithms(schemes) => assert_eq!(schemes, &[0x0603, 0x0401]),
            TlsExtension::ALPN(names) => assert_eq!(names, &[&b"h2"[..], b"mqtt"]),
            TlsExtension::RecordSizeLimit(size) => assert_eq!(*size, 1024),
            TlsExtension::SessionTicket(ticket) => assert_eq!(ticket, &[1, 2, 3]),
            TlsExtension::SupportedVersions(versions) => {
                assert_eq!(
                    versions.iter().map(|v| v.0).collect::<Vec<_>>(),
                    [0x0304, 0x0303]
                );
            }
            TlsExtension::RenegotiationInfo(info) => assert!(info.is_empty()),
            TlsExtension::PskExchangeModes(modes) => assert_eq!(modes, &[1]),
            _ => seen -= 1,
        }
    }
    assert_eq!(seen, 10, "{extensions:?}");
}

#[test]
fn own_reader_gives_the_fields_back() {
    let hello = rich();
    assert_eq!(
        ClientHello::from_bytes(&hello.records().unwrap()).unwrap(),
        hello
    );
    let bare = ClientHello::from_bytes(&hello.message().unwrap()).unwrap();
    assert_eq!(bare.server_name().as_deref(), Some("device.example"));
    assert_eq!(bare.groups(), [NamedGroup::X25519, NamedGroup::SECP384R1]);
    assert!(bare.offers_tls13());
}

#[test]
fn no_extensions_and_old_versions() {
    let hello = ClientHello {
        version: ProtocolVersion::TLS10,
        session_id: Vec::new(),
        extensions: Vec::new(),
        ..rich()
    };
    let bytes = hello.records().unwrap();
    let (_, record) = parse_tls_plaintext(&bytes).unwrap();
    let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(read))] = &record.msg[..] else {
        panic!("{:?}", record.msg)
    };
    assert_eq!((read.version.0, read.ext), (0x0301, None));
}

#[test]
fn what_does_not_fit_is_refused() {
    let hello = ClientHello {
        session_id: vec![0; 256],
        ..rich()
    };
    assert_eq!(hello.message(), Err(HelloError::TooLong("the session id")));
    let hello = ClientHello {
        extensions: vec![HelloExtension::new(21, vec![0; 65_536])],
        ..rich()
    };
    assert!(hello.records().is_err());
}

#[test]
fn the_pre_shared_key_stays_last() {
    let mut hello = rich();
    hello.remove_extension(extension::ALPN);
    hello.set_extension(HelloExtension::alpn(&["mqtt"]));
    assert_eq!(
        hello.extensions.last().unwrap().kind,
        extension::PRE_SHARED_KEY
    );
    assert!(hello.extension(extension::ALPN).is_some());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = ClientHello::from_bytes(&bytes);
        let mut message = vec![1, 0, 0, 0];
        message.extend(&bytes);
        message[3] = u8::try_from(bytes.len().min(255)).unwrap();
        let _ = ClientHello::from_bytes(&message);
    }
}
