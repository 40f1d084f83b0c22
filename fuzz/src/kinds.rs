//! The kinds of bytes that come from outside: seeds of each, and its way through the product.
//!
//! A way panics where the product does, and where it breaks a promise: sizes add up, and a log reads
//! the same in any split. Used by the targets of `libFuzzer`, by `mutate`, and by the package's tests.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use handlens::capture::{CaptureOptions, DeviceSide};
use handlens::cert::{
    self, CertFile, Certificate, Inspection, LintList, Passwords, PathUse, Profile, Question,
    StrictQuestion, check_path, check_signature, check_strictly,
};
use handlens::decode::{self, LogDecoder, ModuleFrames, ModulePiece};
use handlens::evidence::{Chunk, ChunkDirection, InputId, InputKind, Lane, Observation};
use handlens::knowledge::Knowledge;
use handlens::recording::{encode_recording, read_recording, read_timed};
use handlens::server::{DeviceHello, Target};
use handlens::session::{
    Case, LogStore, SavedInput, SavedSession, blank_private_keys, capture_attempts, recognise,
};
use handlens::timeline::TimelineBuilder;
use handlens::{device, tls};

use crate::handshake::{Flight, handshake, suites};
use crate::packets;

/// A kind of input.
pub struct Kind {
    /// Its name, that of the fuzz target too.
    pub name: &'static str,
    /// Well-formed inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Takes any bytes the way that such an input goes.
    pub run: fn(&[u8]),
}

/// All kinds.
pub const KINDS: [Kind; 13] = [
    kind("certificates", certificate_seeds, certificates),
    kind("containers", container_seeds, containers),
    kind("armour", armour_seeds, certificates),
    kind("paths", path_seeds, paths),
    kind("logs", log_seeds, log),
    kind("frames", frame_seeds, frames),
    kind("commands", command_seeds, commands),
    kind("captures", capture_seeds, capture),
    kind("records", record_seeds, records),
    kind("hellos", hello_seeds, hellos),
    kind("recordings", recording_seeds, recordings),
    kind("sessions", session_seeds, session),
    kind("tables", table_seeds, tables),
];

const fn kind(name: &'static str, seeds: fn() -> Vec<Vec<u8>>, run: fn(&[u8])) -> Kind {
    Kind { name, seeds, run }
}

/// The kind of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    static ALL: [Kind; 13] = KINDS;
    ALL.iter().find(|k| k.name == name)
}

/// Folder of the package, from the package and from `fuzz/`.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    match here.file_name() {
        Some(name) if name == "fuzz" => here.parent().unwrap_or(here).to_owned(),
        _ => here.to_owned(),
    }
}

/// All files of a folder whose names end so, in the order of their names.
fn files(folder: &str, ends: &[&str]) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| ends.iter().any(|end| p.to_string_lossy().ends_with(end)))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} has no seeds");
    paths.iter().filter_map(|p| fs::read(p).ok()).collect()
}

// Certificates

/// Files as they lie on disk, and the DER inside: mutations of base64 seldom reach deep.
fn certificate_seeds() -> Vec<Vec<u8>> {
    let mut out = files("tests/certs", &[".pem", ".key", ".der"]);
    let ders: Vec<Vec<u8>> = out
        .iter()
        .flat_map(|f| {
            let file = cert::read("seed", f);
            file.certificates()
                .map(|c| c.der.clone())
                .take(2)
                .collect::<Vec<_>>()
        })
        .collect();
    out.extend(ders);
    out
}

fn container_seeds() -> Vec<Vec<u8>> {
    files(
        "tests/certs",
        &[
            ".p12",
            ".p7b",
            ".p7b.der",
            ".jks",
            ".jceks",
            "encrypted.key",
        ],
    )
}

/// One certificate as people paste it.
fn armour_seeds() -> Vec<Vec<u8>> {
    let pem = fs::read_to_string(root().join("tests/certs/small.pem")).unwrap_or_default();
    let der: Vec<u8> = cert::read("seed", pem.as_bytes())
        .certificates()
        .next()
        .map(|c| c.der.clone())
        .unwrap_or_default();
    let hex = |gap: &str, by: usize| -> String {
        der.chunks(by)
            .map(|line| {
                line.iter()
                    .map(|b| format!("{b:02x}{gap}"))
                    .collect::<String>()
                    + "\n"
            })
            .collect()
    };
    let array: String = der
        .chunks(12)
        .map(|line| {
            line.iter()
                .map(|b| format!("0x{b:02X}, "))
                .collect::<String>()
                + "\n"
        })
        .collect();
    let dump: String = der
        .chunks(16)
        .enumerate()
        .map(|(i, line)| {
            let bytes: String = line.iter().map(|b| format!("{b:02x} ")).collect();
            format!("{:04x}: {bytes} ................\n", i * 16)
        })
        .collect();
    let escaped: String = der.iter().map(|b| format!("\\x{b:02x}")).collect();
    let mut message = vec![11, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let len = der.len();
    for (at, n) in [(1, len + 6), (4, len + 3), (7, len)] {
        message[at..at + 3].copy_from_slice(&n.to_be_bytes()[5..]);
    }
    message.extend_from_slice(&der);
    let base64: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
    let mut out = vec![
        pem.lines().map(|l| format!("\"{l}\\r\\n\"\n")).collect(),
        format!("{{\"cert\": \"{}\"}}", pem.replace('\n', "\\n")),
        pem.lines().map(|l| format!("> {l}\r\n")).collect(),
        format!(
            "AT+USECMNG=0,0,\"ca\",{}\r\n>\r\n{pem}\r\nOK\r\n",
            pem.len()
        ),
        format!("AT+S.TLSCERT=f_ca,{}\r{pem}", pem.len()),
        format!("AT%CMNG=0,16842753,0,\"{pem}\"\r\nOK\r\n"),
        format!("unsigned char ca[] = {{\n{array}}};\n"),
        format!("static const char *ca = \"{escaped}\";\n"),
        dump,
        hex("", 32),
        hex(":", 18),
        base64,
        format!(
            "\u{feff}Subject: new certificate\r\n\r\n{}",
            pem.replace('\n', "\r\n")
        ),
        pem.replace("-----END CERTIFICATE-----", ""),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect::<Vec<_>>();
    out.push(message);
    out
}

fn with_root() -> &'static [CertFile] {
    static ROOT: OnceLock<[CertFile; 1]> = OnceLock::new();
    ROOT.get_or_init(|| {
        let pem = fs::read(root().join("tests/certs/root.pem")).unwrap_or_default();
        [cert::read("root", &pem)]
    })
}

fn certificates(bytes: &[u8]) {
    inspected(bytes, &Passwords::none());
}

fn containers(bytes: &[u8]) {
    let mut passwords = Passwords::none();
    passwords.add(b"handlens");
    inspected(bytes, &passwords);
}

/// Read, measured, linted and inspected, as window and command line do.
fn inspected(bytes: &[u8], passwords: &Passwords) {
    let files = [cert::read_with("mutant", bytes, passwords)];
    for certificate in files[0].certificates() {
        assert!(certificate.size_tree().adds_up());
        let _ = cert::lints(certificate);
    }
    let question = Question {
        trusted: with_root(),
        host: Some("device.example.com"),
        at_unix_s: 1_700_000_000,
        ..Question::default()
    };
    let _ = Inspection::of(&files, &question);
}

/// Two certificates behind each other.
fn path_seeds() -> Vec<Vec<u8>> {
    let certificates: Vec<Vec<u8>> = files("tests/certs", &["chain.pem", "inter.pem", "small.pem"])
        .iter()
        .flat_map(|f| {
            let file = cert::read("seed", f);
            file.certificates()
                .map(|c| c.der.clone())
                .collect::<Vec<_>>()
        })
        .collect();
    certificates
        .iter()
        .flat_map(|a| certificates.iter().map(move |b| [a.as_slice(), b].concat()))
        .collect()
}

/// Signatures and both path engines between two certificates.
fn paths(bytes: &[u8]) {
    let Some(leaf) = Certificate::read(bytes) else {
        return;
    };
    let rest = bytes.get(leaf.der_bytes()..).unwrap_or_default();
    let Some(issuer) = Certificate::read(rest) else {
        return;
    };
    let _ = check_signature(&leaf, &issuer);
    let _ = check_path(&leaf, &[], &[&issuer], 1_700_000_000, Some("a.example"));
    for profile in [Profile::Rfc5280, Profile::WebPki] {
        let _ = check_strictly(&StrictQuestion {
            leaf: &leaf,
            others: &[&issuer],
            trusted: &[&issuer],
            crls: &[],
            at_unix_s: 1_700_000_000,
            host: Some("a.example"),
            usage: PathUse::Server,
            profile,
            most_between: None,
        });
    }
}

// What devices print

/// Pieces of real logs, each of some hundred lines at most.
fn log_seeds() -> Vec<Vec<u8>> {
    let mut logs = files("tests/recordings", &[".log"]);
    logs.extend(files("assets/demo", &[".log"]));
    logs.extend(files("tests/fixtures/tools", &[".txt"]));
    logs.iter()
        .flat_map(|log| log.chunks(4_096).map(<[u8]>::to_vec))
        .collect()
}

/// In one piece and in many: the same observations.
fn log(bytes: &[u8]) {
    let whole = observed(&[bytes]);
    let sizes = bytes.iter().map(|b| usize::from(*b) % 61 + 1);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for size in sizes {
        if rest.is_empty() {
            break;
        }
        let (piece, left) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = left;
    }
    assert!(whole == observed(&pieces), "the split changes what is seen");
    let mut timeline = TimelineBuilder::new(InputId(0));
    for observation in &whole {
        timeline.observe(observation);
    }
    let _ = timeline.attempts();
    for line in bytes.split(|b| *b == b'\n').take(64) {
        let _ = decode::annotate(line);
    }
    let _ = recognise(bytes, bytes.len() as u64);
    let mut kept = bytes.to_vec();
    blank_private_keys(&mut kept);
    assert_eq!(kept.len(), bytes.len());
}

fn observed(pieces: &[&[u8]]) -> Vec<Observation> {
    let mut out = Vec::new();
    let mut decoder = LogDecoder::new(&[]);
    for piece in pieces {
        decoder.push(piece, None, &mut |o| out.push(o));
    }
    decoder.finish(&mut |o| out.push(o));
    out
}

/// A frame of API mode 1: delimiter, length, data, checksum.
fn frame(data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap_or(0).to_be_bytes();
    let sum = data.iter().fold(0_u8, |sum, b| sum.wrapping_add(*b));
    [&[0x7E], &len[..], data, &[0xFF - sum]].concat()
}

fn frame_seeds() -> Vec<Vec<u8>> {
    let frames = [
        frame(b"\x08\x01AI"),
        frame(b"\x88\x01AI\0\0"),
        frame(b"\x8A\x00"),
        frame(b"\x20\x01\xC0\x00\x02\x01\x01\xBB\x27\x0F\x04\x00GET / HTTP/1.1\r\n"),
        frame(b"\x89\x01\x85"),
        frame(b"\xB0\xC0\x00\x02\x01\x27\x0F\x01\xBB\x04\x00HTTP/1.1 200 OK"),
        frame(b"\x23\x01\x00\x04device.example.com"),
    ];
    let mut out: Vec<Vec<u8>> = frames.to_vec();
    out.push(frames.concat());
    out.push([&b"boot\r\n"[..], &frames.concat(), b"done\r\n"].concat());
    out.extend(files("assets/demo", &["xbee-0x85.timed"]));
    out
}

fn frames(bytes: &[u8]) {
    let mut reader = ModuleFrames::default();
    let mut kept = 0;
    let mut count = |piece: ModulePiece<'_>| match piece {
        ModulePiece::Text(text) => kept += text.len(),
        ModulePiece::Frame { bytes, .. } => {
            kept += bytes.len();
            let _ = decode::annotate_frame(bytes);
        }
    };
    for piece in bytes.chunks(7) {
        reader.push(piece, &mut count);
    }
    reader.finish(&mut count);
    assert_eq!(kept, bytes.len(), "every byte is text or part of a frame");
    log(bytes);
}

fn command_seeds() -> Vec<Vec<u8>> {
    [
        "AT+USECPRF=0,0,1\r\r\nOK\r\nAT+USOCR=6\r\r\n+USOCR: 0\r\n\r\nOK\r\nAT+USOSEC=0,1,0\r\r\nOK\r\nAT+USOCO=0,\"device.example.com\",8883\r\r\nERROR\r\nAT+USOER\r\r\n+USOER: 104\r\n",
        "AT+QSSLCFG=\"sslversion\",1,3\r\nOK\r\nAT+QSSLOPEN=1,1,4,\"device.example.com\",443,0\r\nOK\r\n+QSSLOPEN: 4,579\r\n+QIURC: \"closed\",4\r\n",
        "AT+CIPSSLCCONF=2,0,0\r\n\r\nOK\r\nAT+CIPSTART=\"SSL\",\"device.example.com\",443\r\nCONNECT FAIL\r\n\r\nERROR\r\n",
        "AT%XSOCKETOPT=1,20,2\r\nOK\r\nAT#XSSOCKETOPT=1,2,0\r\nAT#XCONNECT=\"device.example.com\",443\r\n#XCONNECT: 0\r\nERROR\r\n%CMNG: 16842753,0,\"AB01\"\r\n",
        "AT+S.SOCKON=device.example.com,443,s,ind\r\nAT-S.ERROR:74:Failed to open socket\r\n+WIND:24:WiFi Up:192.0.2.7\r\n",
        "AT+CSSLCFG=\"authmode\",0,1\r\nOK\r\nAT+CCHOPEN=0,\"device.example.com\",443,2\r\nOK\r\n+CCHOPEN: 0,15\r\n+CME ERROR: 50\r\n",
        "AT#SSLEN=1,1\r\nOK\r\nAT#SSLD=1,443,\"device.example.com\",0,1\r\nERROR\r\n#SSLD: 1\r\nNO CARRIER\r\n",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

/// A modem's dialogue: what was sent comes from another side than the answers.
fn commands(bytes: &[u8]) {
    let mut decoder = LogDecoder::new(&[]);
    let mut timeline = TimelineBuilder::new(InputId(0));
    for (i, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let mut take = |o: Observation| timeline.observe(&o);
        let at = i64::try_from(i).unwrap_or(0) * 1_000;
        if line.starts_with(b"AT") {
            decoder.sent(line, Some(at), &mut take);
        } else {
            decoder.push(line, Some(at), &mut take);
        }
    }
    decoder.finish(&mut |o| timeline.observe(&o));
    let _ = timeline.attempts();
    log(bytes);
}

// The wire

/// Handshakes that succeed and that fail, of both versions, with their key logs.
fn flights() -> &'static [(Flight, String)] {
    static ALL: OnceLock<Vec<(Flight, String)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let suites = suites();
        [(0, true), (3, true), (0, false), (3, false), (2, true)]
            .into_iter()
            .filter_map(|(suite, trusted)| {
                let (flight, keys, _) = handshake(*suites.get(suite)?, trusted);
                Some((flight, keys))
            })
            .collect()
    })
}

fn capture_seeds() -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for (i, (flight, keys)) in flights().iter().enumerate() {
        let first = [u32::MAX - 100, 7];
        let packets = packets::connection(flight, [1_460, 300, 536][i % 3], first);
        for (link, six, big) in [(1, false, false), (101, true, true), (113, false, true)] {
            out.push(packets::pcap(&packets, link, six, big, i % 2 == 0));
            out.push(packets::pcapng(&packets, link, six, big, keys));
        }
    }
    out
}

fn capture(bytes: &[u8]) {
    for device in [DeviceSide::Client, DeviceSide::Server] {
        let options = CaptureOptions { device, only: None };
        if let Ok((wire, summary)) = capture_attempts(InputId(0), bytes, None, options) {
            let _ = wire.attempts();
            for connection in &summary.connections {
                let _ = (connection.carries(), connection.ends_text());
            }
        }
    }
}

/// The flights of both sides, as `side, length, bytes`.
fn record_seeds() -> Vec<Vec<u8>> {
    flights()
        .iter()
        .map(|(flight, _)| {
            let mut out = Vec::new();
            for (by_client, bytes) in flight {
                out.push(u8::from(*by_client));
                out.extend(u16::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
                out.extend_from_slice(bytes);
            }
            out
        })
        .collect()
}

/// Damaged records in packets that are whole.
fn records(bytes: &[u8]) {
    let mut flight = Flight::new();
    let mut rest = bytes;
    while let [side, a, b, left @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*a, *b])).min(left.len());
        let (piece, next) = left.split_at(len);
        flight.push((side & 1 == 1, piece.to_vec()));
        rest = next;
        if flight.len() > 64 {
            break;
        }
    }
    let packets = packets::connection(&flight, 1_460, [1, 1]);
    capture(&packets::pcap(&packets, 1, false, false, false));
    if let Some((_, body)) = flight.first() {
        messages(body);
    }
}

/// Every reader of a message's body.
fn messages(bytes: &[u8]) {
    let suite = tls::CipherSuite(0xC02B);
    if let Ok(hello) = tls::ClientHello::parse(bytes, false) {
        let _ = (hello.server_name(), hello.alpn(), hello.groups());
        let _ = (hello.signature_schemes(), hello.versions());
        let _ = (hello.key_share_groups(), hello.max_fragment_length());
    }
    let _ = tls::ClientHello::parse(bytes, true);
    if let Ok(hello) = tls::ServerHello::parse(bytes) {
        let _ = (hello.version(), hello.group(), hello.alpn());
    }
    let _ = tls::certificate_list(bytes, true);
    let _ = tls::certificate_list(bytes, false);
    for number in [0x0301, 0x0303, 0x0304] {
        let version = tls::ProtocolVersion(number);
        let _ = tls::CertificateRequest::parse(bytes, version);
        let _ = tls::ServerKeyExchange::parse(bytes, version, suite);
    }
}

fn hello_seeds() -> Vec<Vec<u8>> {
    flights()
        .iter()
        .flat_map(|(flight, _)| flight.iter().take(2))
        .flat_map(|(_, bytes)| {
            let hex: String = bytes.iter().map(|b| format!("{b:02x} ")).collect();
            [
                bytes.clone(),
                bytes.get(5..).unwrap_or_default().to_vec(),
                bytes.get(9..).unwrap_or_default().to_vec(),
                hex.into_bytes(),
            ]
        })
        .collect()
}

/// A `ClientHello` from a file, written again, and every reader of a message.
fn hellos(bytes: &[u8]) {
    messages(bytes);
    if let Ok(hello) = tls::hello::ClientHello::from_bytes(bytes) {
        let _ = (hello.message(), hello.server_name(), hello.groups());
    }
    let _ = DeviceHello::from_file("mutant", bytes);
}

// Files of the program

fn recording_seeds() -> Vec<Vec<u8>> {
    let mut out = files("assets/demo", &["xbee-0x85.timed", "spwf04-azure.timed"]);
    let log = files("tests/recordings", &["success-ecdsa.log"]).remove(0);
    let chunks: Vec<Chunk> = log
        .get(..3_000)
        .unwrap_or(&log)
        .chunks(61)
        .zip(0_i64..)
        .map(|(bytes, i)| Chunk {
            at: i * 1_500,
            received_us: 1_772_460_333_000_000 + i * 1_500,
            live: true,
            direction: if i % 5 == 4 {
                ChunkDirection::ToDevice
            } else {
                ChunkDirection::FromDevice
            },
            bytes: bytes.to_vec(),
        })
        .collect();
    out.push(encode_recording("COM4", "115200 8N1", &chunks));
    out
}

fn recordings(bytes: &[u8]) {
    if let Ok(recording) = read_recording(bytes) {
        let _ = (
            recording.plain_bytes(),
            recording.bytes_of(ChunkDirection::ToDevice),
        );
        let _ = SavedInput::from_recording("mutant", &recording);
    }
    let _ = read_timed(bytes, 0);
}

fn saved() -> SavedSession {
    let log = files("tests/recordings", &["wrong-ca.log"]).remove(0);
    let input = |name: &str, kind, bytes: &[u8]| SavedInput {
        name: name.into(),
        kind,
        lane: Lane::Device,
        file_time: Some(1_772_460_333_000_000),
        times: vec![(0, 1_772_460_333_000_000), (40, 1_772_460_334_000_000)],
        gaps: vec![(40, Some(12), "The port was gone for 12 ms.".into())],
        remarks: vec!["A remark.".into()],
        not_kept: 3,
        lane_by_hand: Some(Lane::Peer),
        side_by_hand: None,
        offset_ms: Some(-5),
        read_as: Some("mbedtls".into()),
        keys: Vec::new(),
        bytes: bytes.to_vec(),
    };
    SavedSession {
        title: "No trust anchor".into(),
        inputs: vec![
            input(
                "device.log",
                InputKind::Log,
                log.get(..2_000).unwrap_or(&log),
            ),
            input(
                "small.key",
                InputKind::Log,
                &files("tests/certs", &["small.key"])[0],
            ),
        ],
        stated: vec!["device.rx_buffer_bytes=1024".into()],
        answers: vec![("Q1".into(), "yes".into())],
        judged: Some(0),
        at: Some(1_772_460_333_000_000),
        device: Some("spwf04sx".into()),
        ..SavedSession::default()
    }
}

/// Archives, and their description alone: the checksum of an archive refuses most damage.
fn session_seeds() -> Vec<Vec<u8>> {
    let mut archive = Cursor::new(Vec::new());
    saved().write(&mut archive).expect("a session is written");
    let archive = archive.into_inner();
    let mut read = zip::ZipArchive::new(Cursor::new(&archive)).expect("and read");
    let mut described = Vec::new();
    let mut entry = read.by_name("session.json").expect("with its description");
    std::io::copy(&mut entry, &mut described).expect("as text");
    drop(entry);
    vec![described.clone(), described, archive]
}

fn session(bytes: &[u8]) {
    let packed = bytes.starts_with(b"{").then(|| {
        use std::io::Write;
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        for (name, content) in [
            ("session.json", bytes),
            ("inputs/0.bin", b"I (312) wifi: up\n".as_slice()),
            ("inputs/1.bin", b"mbedtls_ssl_handshake returned -0x2700\n"),
        ] {
            out.start_file(name, options).expect("in memory");
            out.write_all(content).expect("in memory");
        }
        out.finish().expect("in memory").into_inner()
    });
    let Ok(saved) = SavedSession::read(packed.as_deref().unwrap_or(bytes)) else {
        return;
    };
    let mut case = Case::new(Arc::clone(knowledge()), Vec::new());
    for (i, input) in saved.inputs.iter().enumerate().take(4) {
        let id = InputId(u32::try_from(i).unwrap_or(0));
        let mut store = LogStore::default();
        input.replay(id, &mut case, &mut store);
    }
    saved.restore_statements(&mut case);
    let _ = case.attempts();
}

fn knowledge() -> &'static Arc<Knowledge> {
    static ALL: OnceLock<Arc<Knowledge>> = OnceLock::new();
    ALL.get_or_init(|| Arc::new(Knowledge::embedded()))
}

/// What people write or edit: rules, configurations, key logs, targets, facts.
fn table_seeds() -> Vec<Vec<u8>> {
    let mut out = files("tests/fixtures/files", &["config.h"]);
    out.extend(files(
        "tests/fixtures/predict",
        &["client.c", "prj.conf", "sdkconfig"],
    ));
    out.extend(files("assets/demo", &["config.h"]));
    out.extend(
        files("assets", &["lints.toml"])
            .iter()
            .map(|f| f[..2_000].to_vec()),
    );
    out.extend(flights().iter().map(|(_, keys)| keys.clone().into_bytes()));
    out.push(b"[[step]]\nstep = \"tcp_connect\"\ncontains = \"connected to\"\n".to_vec());
    out.push(b"https://device.example.com:8883/path".to_vec());
    out.push(b"[2001:db8::7]:443".to_vec());
    out.push(b"device.rx_buffer_bytes=1024".to_vec());
    out.push(b"2019-06-04T07:54:18Z".to_vec());
    out
}

fn tables(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = LintList::from_toml(&text);
    let _ = decode::step_rules(&text);
    let _ = device::read_config("mutant", &text);
    let _ = handlens::capture::KeyLog::parse(&text);
    let line = text.lines().next().unwrap_or_default();
    let _ = Target::parse(line);
    let _ = knowledge().parse_stated(line);
    let _ = handlens::session::figures::parse_rfc3339(line);
}
