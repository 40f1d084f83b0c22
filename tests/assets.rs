//! The tables as shipped hang together, and a user's folder can replace parts of them safely.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;

use handlens::evidence::{FactState, Origin};
use handlens::knowledge::Knowledge;

#[test]
fn the_shipped_tables_are_sound() {
    let problems = Knowledge::embedded().check();
    let sentences: Vec<&str> = problems.iter().map(|p| p.sentence.as_str()).collect();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        sentences.len(),
        sentences.join("\n")
    );
}

#[test]
fn every_cause_has_its_number_once() {
    let knowledge = Knowledge::embedded();
    let numbers: BTreeSet<u16> = knowledge.causes.iter().map(|c| c.number).collect();
    assert_eq!(numbers, (1..=49).collect());
    assert_eq!(knowledge.causes.len(), 49);
}

/// The shipped tables with one file of a user's folder on top.
fn with(file: &str, text: &str) -> Knowledge {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    Knowledge::with_folder(folder.path())
}

/// A shipped file with one change.
fn changed(file: &str, from: &str, to: &str) -> Vec<String> {
    let shipped =
        fs::read_to_string(format!("{}/assets/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(shipped.contains(from), "{file} does not hold {from}");
    let found = with(file, &shipped.replacen(from, to, 1)).check();
    found.into_iter().map(|p| p.sentence).collect()
}

#[test]
fn a_broken_file_of_the_user_is_told_in_one_sentence_and_the_rest_works() {
    let knowledge = with(
        "causes/mine.toml",
        "[[cause]]\nid = \"mine.own\"\nnumber = \"fifty\"\n",
    );
    assert_eq!(knowledge.problems.len(), 1);
    let problem = &knowledge.problems[0];
    assert_eq!(problem.file, "causes/mine.toml");
    assert_eq!(problem.line, Some(3));
    assert!(
        problem.sentence.starts_with("causes/mine.toml, line 3: "),
        "{}",
        problem.sentence
    );
    assert!(!problem.sentence.contains('\n') && problem.sentence.ends_with('.'));
    assert_eq!(knowledge.causes.len(), 49);
    // Bytes that are no text, and a folder that is not there.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tree.toml"), [0xff, 0xfe, 0x00]).unwrap();
    let knowledge = Knowledge::with_folder(folder.path());
    assert_eq!(knowledge.problems.len(), 1);
    assert!(!knowledge.tree.is_empty());
    assert!(
        Knowledge::with_folder(&folder.path().join("absent"))
            .problems
            .is_empty()
    );
}

#[test]
fn entries_of_the_user_replace_those_of_the_same_name() {
    let text = "[[fact]]\nname = \"host\"\ntype = \"text\"\nsays = \"Host: {value}.\"\nfrom = \"mine\"\nstated = true\n";
    let knowledge = with("facts.toml", text);
    assert!(knowledge.problems.is_empty());
    assert_eq!(knowledge.facts.get("host").unwrap().from, "mine");
    assert!(knowledge.facts.get("phase").is_some());
}

#[test]
fn the_check_finds_what_is_wrong() {
    for (file, from, to, said) in [
        (
            "causes/net.toml",
            "fact = \"errors\"",
            "fact = \"error\"",
            "the fact error, which is not in the registry",
        ),
        (
            "causes/net.toml",
            "contains = \"NET_UNKNOWN_HOST\"",
            "at_least = 5",
            "what its type list cannot answer",
        ),
        (
            "causes/net.toml",
            "is = \"dns_failed\"",
            "is = \"dns_fail\"",
            "never says \u{201c}dns_fail\u{201d}",
        ),
        (
            "causes/net.toml",
            "phases = [\"dns\"]",
            "phases = []",
            "net.dns_failed names no phase",
        ),
        (
            "causes/net.toml",
            "phases = [\"dns\"]",
            "phases = [\"resolve\"]",
            "never says \u{201c}resolve\u{201d}",
        ),
        (
            "causes/net.toml",
            "number = 2",
            "number = 1",
            "share the number C1",
        ),
        (
            "causes/net.toml",
            "source = \"Mbed",
            "source = \"\" # \"",
            "net.dns_failed has no source",
        ),
        (
            "tree.toml",
            "to = \"Q2\"",
            "to = \"Q1\"",
            "leads back to Q1",
        ),
        (
            "tree.toml",
            "to = \"Q2\"",
            "to = \"Q99\"",
            "neither a question nor a cause",
        ),
        (
            "tree.toml",
            "to = \"net.dns_failed\"",
            "to = \"net.tcp_refused\"",
            "no answer leads to net.dns_failed",
        ),
        (
            "tree.toml",
            "how = \"Look",
            "how = \"\" # \"Look",
            "Q1 has no how",
        ),
        (
            "findings.toml",
            "{stack.version}",
            "{stack.edition}",
            "{stack.edition}, which is no fact",
        ),
        (
            "facts.toml",
            "unit = \"ms\"",
            "unit = \"ms\"\nwords = [\"a\"]",
            "has words, but its type is int",
        ),
    ] {
        let found = changed(file, from, to);
        assert!(
            found.iter().any(|s| s.contains(said)),
            "{file}: {to}: {found:?}"
        );
    }
}

#[test]
fn causes_that_share_a_strong_sign_need_what_separates_them() {
    let mut knowledge = Knowledge::embedded();
    knowledge.separations.clear();
    let found = knowledge.check();
    assert!(
        found.iter().any(|p| p
            .sentence
            .contains("cert.wrong_ca and cert.chain_incomplete")
            || p.sentence
                .contains("cert.chain_incomplete and cert.wrong_ca")),
        "{found:?}"
    );
    assert!(found.iter().any(|p| p.sentence.contains("FUTURE")));
}

#[test]
fn stated_facts_are_read_as_people_type_them() {
    let knowledge = Knowledge::embedded();
    let read = |text: &str| knowledge.parse_stated(text);
    for (text, shown) in [
        ("device.rx_buffer_bytes=1,024", "1024"),
        ("works.other_link=Yes", "yes"),
        ("works.before=0", "no"),
        ("host.kind=ip_address", "ip"),
        ("device.reads=5,1393,2", "5,1393,2"),
        ("device.clock=2024-03-06T18:47:00-07:00", "1709776020"),
        ("config.defined=B, A", "A, B"),
    ] {
        let fact = read(text).unwrap();
        let FactState::Known(value) = &fact.state else {
            panic!("{text} is absent")
        };
        assert_eq!(value.display(), shown, "{text}");
        assert_eq!(fact.origins, [Origin::Stated]);
    }
    assert_eq!(read("host=none").unwrap().state, FactState::Absent);
    for (text, said) in [
        ("rubbish", "write NAME=VALUE"),
        ("rx_buffer_bytes=1", "device.rx_buffer_bytes"),
        ("device.rx_buffer_bytes=much", "is a number (bytes)"),
        ("works.before=maybe", "is yes or no"),
        ("host.kind=name", "is one of dns, ip"),
        ("phase=setup", "cannot be stated"),
        ("host=", "no value"),
    ] {
        let sentence = read(text).unwrap_err();
        assert!(sentence.contains(said), "{text}: {sentence}");
    }
}

/// Figures and answers that labelled cases state must be readable.
#[test]
fn what_reporters_state_can_be_read() {
    let knowledge = Knowledge::embedded();
    for text in [
        "device.id=spwf04sx",
        "server.leaf_bytes=3813",
        "server.intermediate_bytes=1464",
        "works.before=yes",
        "works.other_server=yes",
        "works.other_client=yes",
        "works.without_verification=yes",
        "device.content_len_bytes=512",
        "cert.not_before=2024-03-07T00:00:00Z",
        "peer.saw_packets=no",
        "server.suites=TLS_RSA_WITH_AES_128_CBC_SHA",
        "server.signature_algorithm=0x0603",
        "tcp.mss_bytes=1400",
    ] {
        assert!(knowledge.parse_stated(text).is_ok(), "{text}");
    }
}
