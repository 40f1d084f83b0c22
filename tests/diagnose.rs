//! Facts in, judgement out.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use handlens::diagnose::{Diagnosis, diagnose};
use handlens::evidence::{Fact, FactSet, FactState, FactValue, InputId, Origin};
use handlens::knowledge::{FactType, Knowledge};

/// Facts written as `name=value`; lists with commas; `name=-` is known to be absent. Unlike stated
/// facts these may be of any kind: they stand for what the timeline would derive.
fn facts(knowledge: &Knowledge, written: &[&str]) -> FactSet {
    let mut set = FactSet::default();
    for (i, text) in written.iter().enumerate() {
        let (name, value) = text.split_once('=').unwrap();
        let def = knowledge
            .facts
            .get(name)
            .unwrap_or_else(|| panic!("no fact {name}"));
        let origin = Origin::line(InputId(0), u32::try_from(i).unwrap() + 1);
        let state = if value == "-" {
            FactState::Absent
        } else {
            FactState::Known(match def.kind {
                FactType::Bool => FactValue::Bool(value == "yes"),
                FactType::Int => FactValue::Int(value.parse().unwrap()),
                FactType::Text => FactValue::Text(value.into()),
                FactType::List => {
                    let mut items: Vec<String> = value.split(',').map(Into::into).collect();
                    items.sort();
                    FactValue::List(items)
                }
            })
        };
        set.insert(Fact {
            name: name.into(),
            state,
            origins: vec![origin],
        });
    }
    set
}

fn judge(written: &[&str]) -> Diagnosis {
    let knowledge = Knowledge::embedded();
    diagnose(&knowledge, &facts(&knowledge, written), &BTreeMap::new())
}

fn ids(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.causes.iter().map(|c| c.id.as_str()).collect()
}

const STALLED_AFTER_FINISHED: &[&str] = &[
    "phase=peer_finished",
    "outcome=stalled",
    "ended_by=none",
    "role=client",
    "stack.family=mbedtls",
    "stack.major=2",
    "waiting_for=change_cipher_spec",
    "waiting_ms=60000",
    "silence_ms=60000",
    "server.replied=yes",
    "messages.sent=client_hello,client_key_exchange,finished",
    "messages.received=certificate,server_hello,server_hello_done,server_key_exchange",
    "tls.cipher_suite=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "tls.psk=no",
];

#[test]
fn silence_after_finished() {
    let blind = judge(STALLED_AFTER_FINISHED);
    let first_three: Vec<&str> = ids(&blind).into_iter().take(3).collect();
    assert!(
        first_three.contains(&"net.rx_buffer_too_small"),
        "{first_three:?}"
    );
    for more in [
        "device.rx_buffer_bytes=1024",
        "reads.odd_piece=yes",
        "compare.good_attempt=yes",
        "works.other_link=yes",
    ] {
        let mut written = STALLED_AFTER_FINISHED.to_vec();
        written.push(more);
        let judged = judge(&written);
        assert_eq!(
            ids(&judged)[0],
            "net.rx_buffer_too_small",
            "with {more}: {:?}",
            ids(&judged)
        );
    }
}
