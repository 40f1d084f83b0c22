//! The sentences of the verdict.

use super::*;
use crate::diagnose::RankedCause;
use crate::evidence::InputId;
use crate::timeline::{AlertSeen, Seen, Step, StoppedAt, WaitFor};
use crate::tls::Alert;

fn attempt(outcome: Outcome, ended_by: EndedBy) -> Attempt {
    Attempt {
        index: 0,
        input: InputId(0),
        lane: crate::evidence::Lane::Device,
        role: Role::Client,
        stack: Some("mbedtls".into()),
        stack_version: None,
        outcome,
        ended_by,
        stopped_at: None,
        started: Some(0),
        ended: Some(515_000),
        version: None,
        cipher_suite: None,
        alerts: Vec::new(),
        steps: Vec::new(),
        reads: Vec::new(),
        polls: Vec::new(),
        certificates: Vec::new(),
        codes: Vec::new(),
        states: Vec::new(),
        first_line: 1,
        last_line: 9,
        began_before_log: false,
        seen: Seen::default(),
    }
}

fn step(name: StepName, direction: Direction) -> Step {
    Step {
        name,
        direction,
        at: None,
        line: 1,
        size_bytes: None,
        state: None,
        certainty: Certainty::Seen,
        remark: String::new(),
        bytes: None,
    }
}

fn said(attempt: &Attempt, diagnosis: &Diagnosis) -> Verdict {
    let context = VerdictContext {
        inputs: &[],
        live: false,
        peer: None,
        silent_ms: None,
    };
    verdict(Some(attempt), diagnosis, &context)
}

#[test]
fn a_stall_says_who_is_silent_and_for_how_long() {
    let mut a = attempt(Outcome::Stalled, EndedBy::Nobody);
    a.steps.push(step(StepName::Finished, Direction::Sent));
    a.stopped_at = Some(StoppedAt {
        state: "12 SERVER_CHANGE_CIPHER_SPEC".into(),
        waiting_for: Some(WaitFor {
            step: StepName::ChangeCipherSpec,
            from: Lane::Peer,
        }),
        since_ms: Some(60_000),
        since_at: None,
        line: 9,
    });
    let v = said(&a, &Diagnosis::default());
    assert_eq!(
        v.sentence,
        "The device sent Finished and has heard nothing from the server for 60 s."
    );
    assert_eq!(
        (v.kind, v.tone, v.word.as_str()),
        (VerdictKind::Stalled, Tone::Fail, "Stalled")
    );
}

#[test]
fn an_alert_is_named_with_its_number_and_its_sender() {
    let mut a = attempt(Outcome::Failed, EndedBy::PeerAlert);
    a.steps.push(step(StepName::ClientHello, Direction::Sent));
    a.alerts.push(AlertSeen {
        alert: Alert(40),
        fatal: true,
        direction: Direction::Received,
        line: 3,
    });
    assert_eq!(
        said(&a, &Diagnosis::default()).sentence,
        "The server ended the handshake with alert 40 (handshake_failure) after the device's ClientHello."
    );
    a.role = Role::Server;
    assert!(
        said(&a, &Diagnosis::default())
            .sentence
            .starts_with("The client ended")
    );
}

#[test]
fn a_code_of_the_device_is_named() {
    let mut a = attempt(Outcome::Failed, EndedBy::DeviceError);
    a.steps
        .push(step(StepName::Certificate, Direction::Received));
    a.codes.push(("mbedtls_ssl_handshake".into(), -0x2700, 7));
    assert_eq!(
        said(&a, &Diagnosis::default()).sentence,
        "The device stopped with \u{2212}0x2700 (X509_CERT_VERIFY_FAILED) after the server's Certificate and sent no alert."
    );
}

#[test]
fn completed_with_a_cause_is_not_clean() {
    let a = attempt(Outcome::Completed, EndedBy::Nobody);
    assert_eq!(said(&a, &Diagnosis::default()).kind, VerdictKind::Completed);
    let found = Diagnosis {
        causes: vec![cause("Wrong clock", 0.8)],
        ..Diagnosis::default()
    };
    let v = said(&a, &found);
    assert_eq!(v.kind, VerdictKind::CompletedWithProblem);
    assert_eq!(
        v.second,
        "Leading cause: wrong clock \u{b7} next: read the device's clock"
    );
}

#[test]
fn two_close_causes_are_both_named() {
    let a = attempt(Outcome::Failed, EndedBy::Nobody);
    let found = Diagnosis {
        causes: vec![
            cause("Wrong clock", 0.45),
            cause("TLS record too large", 0.4),
        ],
        ..Diagnosis::default()
    };
    assert!(
        said(&a, &found)
            .second
            .starts_with("Leading causes: wrong clock or TLS record too large")
    );
}

#[test]
fn nothing_at_all_says_what_to_do() {
    let context = VerdictContext {
        inputs: &[],
        live: false,
        peer: None,
        silent_ms: None,
    };
    let v = verdict(None, &Diagnosis::default(), &context);
    assert_eq!(v.sentence, "Nothing seen yet. Connect or open something.");
    assert_eq!(v.kind, VerdictKind::NoHandshake);
}

fn cause(title: &str, score: f64) -> RankedCause {
    RankedCause {
        id: "x.y".into(),
        number: "C1".into(),
        title: title.into(),
        score,
        strength: 3,
        evidence: Vec::new(),
        explanation: String::new(),
        next_check: "Read the device's clock. Then compare it.".into(),
        fix: String::new(),
        source: String::new(),
    }
}

#[test]
fn a_live_device_that_waits_long_is_stalled_and_one_that_waits_shortly_is_running() {
    let mut a = attempt(Outcome::CutOff, EndedBy::Nobody);
    a.steps.push(step(StepName::ClientHello, Direction::Sent));
    a.stopped_at = Some(StoppedAt {
        state: "2 SERVER_HELLO".into(),
        waiting_for: Some(WaitFor {
            step: StepName::ServerHello,
            from: Lane::Peer,
        }),
        since_ms: None,
        since_at: None,
        line: 9,
    });
    let said = |silent_ms| {
        let context = VerdictContext {
            inputs: &[],
            live: true,
            silent_ms,
            peer: None,
        };
        verdict(Some(&a), &Diagnosis::default(), &context)
    };
    let short = said(Some(400));
    assert_eq!(
        (short.tone, short.word.as_str()),
        (Tone::Waiting, "Running")
    );
    assert_eq!(
        short.sentence,
        "The handshake is running while the device waits for ServerHello from the server."
    );
    let long = said(Some(42_000));
    assert_eq!(long.kind, VerdictKind::Stalled);
    assert_eq!(
        long.sentence,
        "The device sent ClientHello and has heard nothing from the server for 42 s."
    );
}

#[test]
fn the_next_check_of_a_verdict_is_short() {
    assert_eq!(
        first_sentence(
            "Compare fingerprints: the issuer of the last certificate that the server sends (openssl s_client) and the root on the device."
        ),
        "Compare fingerprints"
    );
    assert_eq!(
        first_sentence("Read the clock. Then wait."),
        "Read the clock"
    );
}
