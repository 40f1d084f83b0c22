use std::sync::Arc;

use super::{Class, compare, good_run};
use crate::evidence::{Direction, InputId, Lane, Role};
use crate::timeline::{Attempt, Certainty, EndedBy, Outcome, Seen, Step, StoppedAt};
use crate::tls::StepName;

fn step(name: StepName, direction: Direction, size: u32, ms: i64) -> Step {
    Step {
        name,
        direction,
        at: Some(ms * 1_000),
        line: u32::try_from(ms).unwrap_or(1),
        size_bytes: Some(size),
        state: None,
        certainty: Certainty::Seen,
        remark: String::new(),
        bytes: None,
    }
}

/// A handshake up to its end; the second number of a step is its time.
fn run(index: usize, outcome: Outcome, steps: Vec<Step>) -> Attempt {
    Attempt {
        index,
        input: InputId(u32::try_from(index).unwrap_or(0)),
        lane: Lane::Device,
        role: Role::Client,
        stack: None,
        stack_version: None,
        outcome,
        ended_by: EndedBy::Nobody,
        stopped_at: None,
        started: None,
        ended: None,
        version: None,
        cipher_suite: None,
        alerts: vec![],
        steps,
        reads: vec![],
        polls: vec![],
        certificates: vec![],
        codes: vec![],
        states: vec![],
        first_line: 1,
        last_line: 9,
        began_before_log: false,
        seen: Seen::default(),
    }
}

fn good() -> Attempt {
    use Direction::{Received, Sent};
    run(
        0,
        Outcome::Completed,
        vec![
            step(StepName::ClientHello, Sent, 200, 10),
            step(StepName::ServerHello, Received, 90, 20),
            step(StepName::Certificate, Received, 2_690, 30),
            step(StepName::Finished, Sent, 45, 40),
            step(StepName::ChangeCipherSpec, Received, 6, 548),
            step(StepName::Finished, Received, 45, 549),
        ],
    )
}

#[test]
fn a_step_that_is_missing_is_named_once_with_what_stands_before_it() {
    let mut bad = run(1, Outcome::Stalled, good().steps[..4].to_vec());
    bad.stopped_at = Some(StoppedAt {
        state: "12".into(),
        waiting_for: None,
        since_ms: Some(60_000),
        since_at: None,
        line: 40,
    });
    let found = compare(&good(), &bad);
    assert_eq!(found.first, Some(4));
    assert_eq!(found.differences.len(), 1, "{:?}", found.differences);
    assert_eq!(found.differences[0].good, "6 bytes after 508 ms");
    assert_eq!(found.differences[0].bad, "nothing received in 60 s");
    assert_eq!(
        found.sentence,
        "After Finished the good run receives ChangeCipherSpec, in this one nothing is received in 60 s."
    );
}

#[test]
fn what_one_peer_sends_alike_each_time_is_suspicious_and_what_varies_is_not() {
    let mut bad = good();
    bad.index = 1;
    bad.steps[2].size_bytes = Some(3_813);
    let kex = |size| step(StepName::ServerKeyExchange, Direction::Received, size, 35);
    let mut first = good();
    first.steps.insert(3, kex(180));
    bad.steps.insert(3, kex(182));
    let found = compare(&first, &bad);
    let of = |what: &str| {
        found
            .differences
            .iter()
            .find(|d| d.what == what)
            .map(|d| d.class)
    };
    assert_eq!(of("Certificate"), Some(Class::Suspicious));
    assert_eq!(of("ServerKeyExchange"), Some(Class::Expected));
    assert_eq!(found.first, Some(2));
    assert!(
        found
            .sentence
            .contains("2,690 bytes in the good run, 3,813 bytes in this one")
    );
}

#[test]
fn the_first_byte_of_a_certificate_message_that_differs_is_named() {
    let with = |byte: u8| {
        let mut run = good();
        let mut bytes = vec![11, 0, 0, 4, 1, 2, 3, 4];
        bytes[6] = byte;
        run.steps[2].bytes = Some(Arc::from(bytes));
        run
    };
    let found = compare(&with(3), &with(9));
    assert_eq!(found.differences[0].good, "03 at byte 2 of 4");
    assert_eq!(found.differences[0].bad, "09 at byte 2 of 4");
    assert_eq!(found.differences[0].class, Class::Suspicious);
}

#[test]
fn alike_runs_have_no_difference_and_other_ends_are_no_measure() {
    let mut other = good();
    other.index = 1;
    let found = compare(&good(), &other);
    assert!(found.differences.is_empty() && found.sentence.is_empty());
    let mut server_log = good();
    server_log.lane = Lane::Peer;
    let attempts = [Arc::new(server_log), Arc::new(other)];
    assert!(good_run(&attempts, &attempts[1]).is_none());
}

#[test]
fn long_runs_are_compared_in_bounded_time() {
    let many = |n: u32| {
        let steps = (0..n).map(|i| step(StepName::NewSessionTicket, Direction::Received, i, 1));
        run(0, Outcome::Completed, steps.collect())
    };
    let found = compare(&many(5_000), &many(4_000));
    assert!(found.pairs.len() <= 1_200);
}
