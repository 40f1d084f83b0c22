//! A session made of fixed values, for looking at the window and for its tests.
//!
//! The case is a made-up device that stalls after its Finished, in the shape of the pictures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    dead_code
)]

use std::ops::Range;
use std::sync::{Arc, Mutex};

use handlens::device::DeviceList;
use handlens::diagnose::{
    Diagnosis, Eliminated, EvidenceLevel, EvidenceLine, RankedCause, TreeAnswer, TreeNode,
    TreeNodeState, TreeOption, TreeState,
};
use handlens::evidence::{
    Direction, FactSet, FactValue, Input, InputId, InputKind, Lane, Origin, PeerCertificate, Role,
    TimeBase,
};
use handlens::report::Block;
use handlens::session::{
    Gap, LogRow, PortStatus, Problem, Progress, Snapshot, Tone, Verdict, VerdictKind,
};
use handlens::timeline::{
    AlertSeen, Attempt, Certainty, EndedBy, Outcome, PollLoop, ReadPiece, Step, StoppedAt, WaitFor,
};
use handlens::tls::{Alert, ProtocolVersion, StepName};
use handlens::ui::Command;
use handlens::ui::certificates::Inspected;
use handlens::ui::command::{LeaveOut, ReportForm};
use handlens::ui::source::{
    DemoCase, FactChoice, FactKind, Meaning, PortChoice, RecentSession, ReportPreview, Search,
    SessionSource, StatedFact,
};

/// The fake.
pub struct FakeSession {
    snapshot: Mutex<Arc<Snapshot>>,
    /// What was asked for, as text.
    pub asked: Mutex<Vec<String>>,
    rows: Vec<LogRow>,
    newest: Option<i64>,
}

pub const INPUT: InputId = InputId(0);

/// Microseconds of a time of day.
pub fn at(h: i64, m: i64, s: i64, ms: i64) -> i64 {
    ((h * 3_600 + m * 60 + s) * 1_000 + ms) * 1_000
}

pub fn empty_snapshot() -> Snapshot {
    Snapshot {
        settled: true,
        revision: 0,
        inputs: vec![],
        attempts: vec![],
        judged: None,
        peer: None,
        asked: Vec::new(),
        changes: vec![],
        facts: Arc::new(FactSet::default()),
        diagnosis: Arc::new(Diagnosis::default()),
        experiments: Arc::default(),
        verdict: Verdict {
            kind: VerdictKind::NoHandshake,
            tone: Tone::Unknown,
            word: "Unknown".into(),
            sentence: "Nothing seen yet. Connect or open something.".into(),
            second: String::new(),
        },
        judged_at: (0, "now"),
        ports: vec![],
        gaps: vec![],
        problems: vec![],
        progress: vec![],
        files: vec![],
        certificates: Arc::default(),
        device: None,
        named_device: None,
        clocks: vec![],
        sides: vec![],
        probes: vec![],
        dialogues: vec![],
    }
}

fn step(
    name: StepName,
    direction: Direction,
    time: Option<i64>,
    line: u32,
    size: Option<u32>,
    state: Option<u16>,
) -> Step {
    Step {
        name,
        direction,
        at: time,
        line,
        size_bytes: size,
        state,
        certainty: if line == 0 {
            Certainty::Inferred
        } else {
            Certainty::Seen
        },
        remark: String::new(),
        bytes: None,
    }
}

pub fn base_attempt(index: usize) -> Attempt {
    Attempt {
        index,
        input: INPUT,
        lane: handlens::evidence::Lane::Device,
        role: Role::Client,
        stack: Some("mbedtls".into()),
        stack_version: Some("2.16.1".into()),
        outcome: Outcome::Stalled,
        ended_by: EndedBy::DeviceTimeout,
        stopped_at: None,
        started: None,
        ended: None,
        version: Some(ProtocolVersion::TLS12),
        cipher_suite: None,
        alerts: vec![],
        steps: vec![],
        reads: vec![],
        polls: vec![],
        certificates: vec![],
        codes: vec![],
        states: vec![],
        first_line: 1,
        last_line: 47,
        began_before_log: false,
        seen: handlens::timeline::Seen::default(),
    }
}

pub fn completed_attempt(index: usize) -> Attempt {
    use Direction::{Received, Sent};
    let t = |ms: i64| Some(at(6, 10, 41, 0) + ms * 1_000);
    let steps = [
        (StepName::ClientHello, Sent, 10, 215, 1),
        (StepName::ServerHello, Received, 220, 95, 2),
        (StepName::Certificate, Received, 230, 2_710, 3),
        (StepName::ServerKeyExchange, Received, 240, 338, 4),
        (StepName::CertificateRequest, Received, 241, 60, 5),
        (StepName::ServerHelloDone, Received, 242, 9, 6),
        (StepName::Certificate, Sent, 300, 870, 7),
        (StepName::ClientKeyExchange, Sent, 420, 75, 8),
        (StepName::CertificateVerify, Sent, 480, 269, 9),
        (StepName::ChangeCipherSpec, Sent, 500, 6, 10),
        (StepName::Finished, Sent, 506, 45, 11),
        (StepName::ChangeCipherSpec, Received, 1_014, 6, 12),
        (StepName::Finished, Received, 1_020, 45, 13),
    ];
    let mut a = base_attempt(index);
    a.outcome = Outcome::Completed;
    a.ended_by = EndedBy::Nobody;
    a.started = t(0);
    a.steps = steps
        .iter()
        .enumerate()
        .map(|(i, (n, d, ms, size, state))| {
            let line = 2 + u32::try_from(i).unwrap() * 2;
            step(*n, *d, t(*ms), line, Some(*size), Some(*state))
        })
        .collect();
    a.last_line = 28;
    a.first_line = 1;
    a
}

pub fn stalled_attempt(index: usize) -> Attempt {
    use Direction::{Received, Sent};
    let mut a = base_attempt(index);
    let t = |ms: i64| Some(at(6, 54, 18, 897) + ms * 1_000);
    a.began_before_log = true;
    a.started = t(0);
    a.steps = vec![
        step(StepName::ClientHello, Sent, None, 0, None, Some(1)),
        step(StepName::ServerHello, Received, None, 0, None, Some(2)),
        step(StepName::Certificate, Received, None, 0, None, Some(3)),
        step(StepName::ServerHelloDone, Received, None, 0, None, Some(6)),
        step(StepName::Certificate, Sent, None, 0, None, Some(7)),
        step(StepName::ChangeCipherSpec, Sent, None, 0, None, Some(10)),
        step(StepName::Finished, Sent, t(523), 36, Some(45), Some(11)),
    ];
    a.steps[6].remark = "taken by TCP: f_send = 45".into();
    a.states = vec![
        (Some(11), "CLIENT_FINISHED", 31, t(0)),
        (Some(12), "SERVER_CHANGE_CIPHER_SPEC", 38, t(523)),
    ];
    a.stopped_at = Some(StoppedAt {
        state: "12 SERVER_CHANGE_CIPHER_SPEC".into(),
        waiting_for: Some(WaitFor {
            step: StepName::ChangeCipherSpec,
            from: Lane::Peer,
        }),
        since_ms: Some(60_000),
        since_at: t(523),
        line: 38,
    });
    a.polls = vec![PollLoop {
        first_line: 40,
        last_line: 159,
        lines_per_pass: 10,
        passes: 12,
        period_ms: Some(5_000),
        state: Some(12),
    }];
    a.reads = vec![
        read(0, 5, 5),
        read(5, 1_393, 2_048),
        read(1_398, 2, 655),
        read(1_400, 180, 653),
    ];
    a.first_line = 30;
    a.last_line = 160;
    a.certificates = vec![PeerCertificate {
        index: 1,
        subject: "CN=broker.example.net".into(),
        issuer: "C=XX, O=Example Trust, CN=Example Issuing CA 3".into(),
        serial: "0A:11:22:33".into(),
        not_before: Some(1_700_000_000_000_000),
        not_after: Some(1_790_000_000_000_000),
        signed_using: "RSA with SHA-256".into(),
        key_type: "RSA".into(),
        key_bits: Some(2_048),
        alt_names: vec!["broker.example.net".into(), "*.example.net".into()],
        is_ca: Some(false),
        key_usage: vec!["Digital Signature".into()],
        ext_key_usage: vec!["TLS Web Server Authentication".into()],
    }];
    a
}

fn read(offset: u64, len: u32, wanted: u32) -> ReadPiece {
    ReadPiece {
        offset,
        len,
        wanted,
        line: 32,
    }
}

pub fn alert_attempt(index: usize) -> Attempt {
    let mut a = completed_attempt(index);
    a.outcome = Outcome::Failed;
    a.ended_by = EndedBy::DeviceAlert;
    a.steps.truncate(3);
    let t = Some(at(6, 10, 41, 600));
    let mut alert = step(StepName::Alert, Direction::Sent, t, 20, Some(7), Some(3));
    alert.remark = String::new();
    a.steps.push(alert);
    a.alerts = vec![AlertSeen {
        alert: Alert(46),
        fatal: true,
        direction: Direction::Sent,
        line: 20,
    }];
    a
}

fn evidence(level: EvidenceLevel, sentence: &str, line: u32) -> EvidenceLine {
    EvidenceLine {
        level,
        sentence: sentence.into(),
        origins: vec![Origin::line(INPUT, line)],
    }
}

fn cause(number: &str, id: &str, title: &str, score: f64, strength: u8) -> RankedCause {
    RankedCause {
        id: id.into(),
        number: number.into(),
        title: title.into(),
        score,
        strength,
        evidence: vec![],
        explanation: "The modem's buffer takes 1,024 bytes; a segment of this link carries 1,400. \
                      What is over is lost, and the answer never becomes whole."
            .into(),
        next_check: "Read the size of the receive buffer in the device's configuration, then ask \
                     for smaller segments"
            .into(),
        fix: "Make the buffer at least 1,460 bytes, or lower the MSS of the link.".into(),
        source: "made up for tests".into(),
    }
}

pub fn diagnosis() -> Diagnosis {
    let mut first = cause(
        "C31",
        "net.rx_buffer_too_small",
        "Receive buffer smaller than this link's segments",
        0.62,
        4,
    );
    first.evidence = vec![
        evidence(
            EvidenceLevel::Strong,
            "Nothing was read after Finished was sent",
            40,
        ),
        evidence(
            EvidenceLevel::Weak,
            "Reads come in pieces of 1,400 bytes",
            32,
        ),
        evidence(
            EvidenceLevel::Weak,
            "The same device completes on another link",
            2,
        ),
        evidence(EvidenceLevel::Against, "No read was cut at 1,024 bytes", 33),
    ];
    let mut second = cause(
        "C12",
        "net.packet_loss",
        "Packets are lost on this link",
        0.2,
        2,
    );
    second.evidence = vec![
        evidence(
            EvidenceLevel::Weak,
            "The link has a round trip of 700 ms",
            30,
        ),
        evidence(EvidenceLevel::Against, "Earlier flights arrived whole", 31),
    ];
    let mut third = cause(
        "C40",
        "tls.server_silent",
        "The server refuses without a word",
        0.08,
        1,
    );
    third.evidence = vec![evidence(EvidenceLevel::Weak, "No alert was seen", 38)];
    let node = |id: &str, short: &str, depth, parent: Option<&str>, state| TreeNode {
        id: id.into(),
        short: short.into(),
        question: format!("Is it so that {short}?"),
        how: "Look at the line of the log, or repeat the handshake once and compare.".into(),
        depth,
        parent: parent.map(Into::into),
        options: ["yes", "no", "I cannot tell"]
            .iter()
            .map(|l| TreeOption {
                label: (*l).into(),
                to: "net.rx_buffer_too_small".into(),
                is_leaf: true,
            })
            .collect(),
        state,
        contradicted: false,
    };
    let yes = |line| TreeNodeState::Done {
        answer: "yes".into(),
        by: TreeAnswer::Evidence(vec![Origin::line(INPUT, line)]),
    };
    let closed = |reason: &str| TreeNodeState::Closed {
        reason: reason.into(),
    };
    let nodes = vec![
        node("Q1", "anything leaves", 0, None, yes(36)),
        node("Q2", "hello answered", 0, Some("Q1"), yes(31)),
        node(
            "Q3",
            "stops after flight",
            0,
            Some("Q2"),
            closed("Finished was sent"),
        ),
        node("Q4", "silence after last", 0, Some("Q2"), yes(38)),
        node(
            "Q5",
            "signature check",
            0,
            Some("Q2"),
            closed("no signature failed"),
        ),
        node("Q6", "differs by place", 0, Some("Q2"), TreeNodeState::Open),
        node(
            "Q11",
            "other link works",
            1,
            Some("Q4"),
            TreeNodeState::Done {
                answer: "yes".into(),
                by: TreeAnswer::User,
            },
        ),
        node(
            "Q12",
            "bytes changed?",
            1,
            Some("Q4"),
            closed("other link works"),
        ),
        node(
            "Q14",
            "buffer below 1,400?",
            2,
            Some("Q11"),
            TreeNodeState::Current,
        ),
    ];
    Diagnosis {
        letter: None,
        phase: "after_client_finished".into(),
        causes: vec![first, second, third],
        other: 0.1,
        eliminated: vec![Eliminated {
            id: "tls.no_common_suite".into(),
            number: "C7".into(),
            title: "No cipher suite in common".into(),
            reason: evidence(EvidenceLevel::Excludes, "A cipher suite was chosen", 31),
        }],
        findings: vec![],
        tree: TreeState {
            nodes,
            path: ["Q1", "Q2", "Q4", "Q11"].map(Into::into).into(),
            open: Some("Q14".into()),
            leaves: vec![],
        },
        next_check: Some("Read the buffer size".into()),
        better_log: None,
    }
}

pub fn input() -> Input {
    Input {
        id: INPUT,
        name: "hub-satellite-uplink-2.log".into(),
        kind: InputKind::Log,
        lane: Lane::Device,
        bytes: 13_000,
        lines: 160,
        dialects: vec!["mbedtls".into()],
        readings: Vec::new(),
        read_as: None,
        time_base: TimeBase::DayTime,
    }
}

pub fn stalled_snapshot() -> Snapshot {
    let mut facts = FactSet::default();
    facts.know(
        "host",
        FactValue::Text("broker.example.net".into()),
        Origin::Stated,
    );
    Snapshot {
        settled: true,
        revision: 7,
        inputs: vec![input()],
        attempts: vec![Arc::new(completed_attempt(0)), Arc::new(stalled_attempt(1))],
        judged: Some(1),
        asked: Vec::new(),
        changes: vec![
            String::new(),
            "Only the link differs from attempt 1.".into(),
        ],
        facts: Arc::new(facts),
        diagnosis: Arc::new(diagnosis()),
        experiments: Arc::default(),
        verdict: Verdict {
            kind: VerdictKind::Stalled,
            tone: Tone::Fail,
            word: "Stalled".into(),
            sentence: "The device sent Finished and has heard nothing from the server for 60 s."
                .into(),
            second: "Leading cause: receive buffer smaller than this link's segments · next: read \
                     the buffer size"
                .into(),
        },
        ..empty_snapshot()
    }
}

pub fn live_port() -> PortStatus {
    PortStatus {
        input: INPUT,
        name: "/dev/ttyUSB0".into(),
        line: "115,200 8N1".into(),
        connected: true,
        dtr: None,
        rts: Some(true),
        recording: Some("/home/anna/recordings/2026-11-21.pcapng".into()),
        sentence: "connected".into(),
    }
}

pub fn problem() -> Problem {
    Problem {
        input: Some(INPUT),
        sentence: "/dev/ttyUSB1 is in use by another program. Close it, then try again.".into(),
        details: "open: Device or resource busy (os error 16)".into(),
    }
}

pub fn job() -> Progress {
    Progress {
        input: INPUT,
        what: "Reading device.log".into(),
        done: 62_000_000,
        total: Some(100_000_000),
    }
}

pub fn gap() -> Gap {
    Gap {
        input: INPUT,
        before_line: 35,
        ms: Some(4_200),
        sentence: "Unplugged for 4.2 s; what the device said then is lost.".into(),
    }
}

fn fake_rows() -> Vec<LogRow> {
    let texts = [
        (
            "ssl_tls.c:3428: output record: msgtype = 22, version = [3:3], msglen = 40",
            "Finished, 40 bytes and 5 of header",
        ),
        (
            "ssl_tls.c:2784: ssl->f_send() returned 45 (-0xffffffd3)",
            "45 bytes taken by TCP. Not an error: −45 printed unsigned",
        ),
        (
            "I SysLog [DIAG] step (2845941) Data: 12/0",
            "enters state 12, result 0",
        ),
        (
            "ssl_cli.c:3510: client state: 12",
            "SERVER_CHANGE_CIPHER_SPEC",
        ),
        (
            "ssl_tls.c:2726: in_left: 0, nb_want: 5",
            "wants a 5-byte record header, has 0",
        ),
        ("ssl_tls.c:8172: <= handshake", ""),
    ];
    (1..=160u32)
        .map(|line| {
            let (text, meaning) = texts[(line as usize) % texts.len()];
            LogRow {
                line,
                time: if line % 3 == 0 {
                    "06:54:19.420".into()
                } else {
                    String::new()
                },
                state: if line > 37 { "12".into() } else { "11".into() },
                text: text.into(),
                meaning: meaning.into(),
                raw: String::new(),
                folded: 0,
            }
        })
        .collect()
}

impl FakeSession {
    pub fn new(snapshot: Snapshot) -> Arc<Self> {
        Arc::new(Self {
            snapshot: Mutex::new(Arc::new(snapshot)),
            asked: Mutex::new(vec![]),
            rows: fake_rows(),
            newest: None,
        })
    }

    pub fn set(&self, snapshot: Snapshot) {
        *self.snapshot.lock().unwrap() = Arc::new(snapshot);
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl SessionSource for FakeSession {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.lock().unwrap().clone()
    }
    fn line_count(&self, _input: InputId) -> u32 {
        u32::try_from(self.rows.len()).unwrap()
    }
    fn rows(&self, _input: InputId, lines: Range<u32>) -> Vec<LogRow> {
        let end = (lines.end as usize).min(self.rows.len());
        self.rows[(lines.start as usize).min(end)..end].to_vec()
    }
    fn raw(&self, _input: InputId, bytes: Range<u64>) -> Vec<u8> {
        bytes.map(|b| u8::try_from(b * 7 % 256).unwrap()).collect()
    }
    fn find(&self, _input: InputId, text: &str, from: u32) -> Search {
        let hit = |r: &&LogRow| r.text.contains(text);
        self.rows
            .iter()
            .filter(|r| r.line >= from)
            .find(hit)
            .or_else(|| self.rows.iter().find(hit))
            .map_or(Search::Nothing, |r| Search::Found(r.line))
    }
    fn newest_received(&self, _input: InputId) -> Option<i64> {
        self.newest
    }
    fn ports(&self) -> Arc<[PortChoice]> {
        vec![
            PortChoice {
                path: "/dev/ttyUSB0".into(),
                description: "CP2102N USB to UART, Silicon Labs, 0001".into(),
            },
            PortChoice {
                path: "/dev/ttyACM0".into(),
                description: "STM32 STLink".into(),
            },
        ]
        .into()
    }
    fn demo_cases(&self) -> Arc<[DemoCase]> {
        let case = |name: &str, title: &str, about: &str, word: &str| DemoCase {
            name: name.into(),
            title: title.into(),
            about: about.into(),
            tone: Tone::Fail,
            word: word.into(),
        };
        vec![
            case(
                "satellite",
                "Hub over satellite",
                "TLS stops after Finished, no alert",
                "Stalled",
            ),
            case(
                "wrong-ca",
                "Meter with an old root",
                "worked for days, then alert 48",
                "Alert 48",
            ),
            case(
                "expired",
                "Gateway after two years",
                "alert 45 from the device",
                "Alert 45",
            ),
        ]
        .into()
    }
    fn recent(&self) -> Arc<[RecentSession]> {
        let one = |title: &str, about: &str, tone, word: &str| RecentSession {
            path: format!("/home/anna/{title}.handlens").into(),
            title: title.into(),
            about: about.into(),
            tone,
            word: word.into(),
        };
        vec![
            one(
                "Meter, second floor",
                "Leaf certificate 3,813 bytes",
                Tone::Fail,
                "Alert 46",
            ),
            one(
                "Cellular, phase 2",
                "Device leaves after the server flight",
                Tone::Warn,
                "2 causes remain",
            ),
            one(
                "Hub, landline",
                "Handshake completed",
                Tone::Ok,
                "Completed",
            ),
        ]
        .into()
    }
    fn fact_choices(&self) -> Arc<[FactChoice]> {
        let one = |name: &str, label: &str, kind| FactChoice {
            name: name.into(),
            label: label.into(),
            kind,
        };
        vec![
            one(
                "device.rx_buffer_bytes",
                "receive buffer of the device",
                FactKind::Int {
                    unit: "bytes".into(),
                },
            ),
            one(
                "works.other_link",
                "works over another link",
                FactKind::Bool,
            ),
            one("host", "host that is asked for", FactKind::Text),
            one(
                "device.clock",
                "clock of the device",
                FactKind::Word(vec!["right".into(), "wrong".into(), "not set".into()]),
            ),
        ]
        .into()
    }
    fn stated_facts(&self) -> Vec<StatedFact> {
        vec![StatedFact {
            name: "host".into(),
            value: "broker.example.net".into(),
        }]
    }
    fn devices(&self) -> Arc<DeviceList> {
        DeviceList::embedded().into()
    }
    fn inspected(&self) -> Option<Arc<Inspected>> {
        let seen = self.snapshot.lock().unwrap().certificates.clone();
        Some(Inspected::of(&seen, &DeviceList::embedded()).into())
    }
    fn explain(&self, query: &str) -> Vec<Meaning> {
        if query == "nothing" {
            return vec![];
        }
        vec![
            Meaning {
                number: "-0x7280".into(),
                name: "MBEDTLS_ERR_SSL_CONN_EOF".into(),
                stack: "Mbed TLS 2.x, 3.x".into(),
                text: "The connection indicated an EOF.".into(),
                source: "include/mbedtls/ssl.h".into(),
            },
            Meaning {
                number: "46".into(),
                name: "certificate_unknown".into(),
                stack: "TLS alert".into(),
                text: "Some other issue with the certificate made it unacceptable.".into(),
                source: "RFC 8446 section 6.2".into(),
            },
        ]
    }
    fn report_preview(&self, _form: ReportForm, leave_out: LeaveOut) -> Arc<ReportPreview> {
        let snap = self.snapshot();
        if snap.inputs.is_empty() {
            return Arc::default();
        }
        let said = if leave_out.addresses { "1 address" } else { "" };
        Arc::new(ReportPreview {
            letter: String::new(),
            blocks: vec![
                Block::Title("Hub cannot reach the broker".into()),
                Block::Remark("TLS handshake report · Handlens".into()),
                Block::Lead {
                    tone: Tone::Fail,
                    word: snap.verdict.word.clone(),
                    sentence: snap.verdict.sentence.clone(),
                    second: "Likely cause: net.rx_buffer_too_small.".into(),
                },
                Block::Heading("What was seen".into()),
                Block::Row {
                    label: "06:54:18".into(),
                    text: "The device sends Finished, 45 bytes.".into(),
                },
                Block::Row {
                    label: "then".into(),
                    text: "Nothing is received for 60 s.".into(),
                },
                Block::Heading("What to do next".into()),
                Block::Item {
                    number: "1".into(),
                    text: "Read the size of the receive buffer.".into(),
                },
                Block::Heading("Lines".into()),
                Block::Line("ssl_cli.c:3510: client state: 12".into()),
            ],
            left_out: [
                String::new(),
                said.into(),
                String::new(),
                String::new(),
                "not part of the report".into(),
            ],
            question: "Since today our device hears nothing after its Finished. Does your side \
                       send ChangeCipherSpec?"
                .into(),
        })
    }
    fn folders(&self) -> [String; 2] {
        ["/home/anna/recordings".into(), String::new()]
    }
    fn dispatch(&self, command: Command) {
        let mut text = format!("{command:?}");
        if let Command::OpenDropped { load, .. } = command {
            text = match load() {
                Ok(bytes) => format!("{text} {} bytes", bytes.len()),
                Err(e) => format!("{text} {e}"),
            };
        }
        self.asked.lock().unwrap().push(text);
    }
}
