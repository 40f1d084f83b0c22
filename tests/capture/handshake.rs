//! Real handshakes between a client and a server of rustls, in memory: their bytes in order, and the
//! key log.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use rustls::crypto::ring::{cipher_suite, default_provider};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, KeyLog, RootCertStore, ServerConfig, ServerConnection,
    SupportedCipherSuite,
};

/// What went over the wire: `true` for bytes of the client.
pub type Flight = Vec<(bool, Vec<u8>)>;

#[derive(Debug, Default)]
struct Keys(Mutex<String>);

impl KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |b: &[u8]| b.iter().map(|x| format!("{x:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        self.0.lock().unwrap().push_str(&line);
    }
}

/// The suites that a key log opens.
pub fn suites() -> Vec<SupportedCipherSuite> {
    vec![
        cipher_suite::TLS13_AES_128_GCM_SHA256,
        cipher_suite::TLS13_AES_256_GCM_SHA384,
        cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
}

/// A self-signed certificate with its key.
fn certificate(name: &str) -> (CertificateDer<'static>, Vec<u8>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.into()]).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let made = params.self_signed(&key).unwrap();
    (made.der().clone(), key.serialize_der())
}

/// A handshake with this suite, then a request, an answer, and `close_notify` of both. The client
/// trusts the server or refuses its certificate.
pub fn handshake(suite: SupportedCipherSuite, trusted: bool) -> (Flight, String, Vec<u8>) {
    let (der, key) = certificate("device.example");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
    let mut provider = default_provider();
    provider.cipher_suites = vec![suite];
    let provider = Arc::new(provider);
    let mut roots = RootCertStore::empty();
    if trusted {
        roots.add(der.clone()).unwrap();
    } else {
        roots.add(certificate("other.example").0).unwrap();
    }
    let keys = Arc::new(Keys::default());
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.key_log = Arc::clone(&keys) as Arc<dyn KeyLog>;
    client.alpn_protocols = vec![b"x-test".to_vec()];
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    server.alpn_protocols = vec![b"x-test".to_vec()];
    let name = ServerName::try_from("device.example").unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();

    let mut flight = Flight::new();
    let mut asked = false;
    for _ in 0..20 {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let quiet = bytes.is_empty();
        if !bytes.is_empty() {
            server.read_tls(&mut bytes.as_slice()).unwrap();
            let _ = server.process_new_packets();
            flight.push((true, bytes));
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        if !bytes.is_empty() {
            client.read_tls(&mut bytes.as_slice()).unwrap();
            let _ = client.process_new_packets();
            flight.push((false, bytes));
        } else if quiet && asked {
            break;
        }
        if trusted && !asked && !client.is_handshaking() && !server.is_handshaking() {
            asked = true;
            client.writer().write_all(b"ping").unwrap();
            server.writer().write_all(b"pong").unwrap();
            client.send_close_notify();
            server.send_close_notify();
        }
        let mut sink = Vec::new();
        let _ = server.reader().read_to_end(&mut sink);
        let _ = client.reader().read_to_end(&mut sink);
    }
    let log = keys.0.lock().unwrap().clone();
    (flight, log, der.to_vec())
}
