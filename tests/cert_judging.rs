//! Names, chains, dates, devices and facts: what certificates mean for a device.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use handlens::cert::{
    self, CertFile, Certificate, ChainOrder, FactContext, FitVerdict, Inspection, NameVerdict,
    PairVerdict, PathCheck, Question, SignatureCheck, Validity,
};
use handlens::device::{self, DeviceList, LimitKind, read_config};
use handlens::evidence::{FactValue, InputId, Origin, Place};

const LEAF: &str = include_str!("certs/leaf-66-names.pem");
const CHAIN: &str = include_str!("certs/chain.pem");
const INTER: &str = include_str!("certs/inter.pem");
const ROOT: &str = include_str!("certs/root.pem");
const ADDRESS: &str = include_str!("certs/cn-is-ip.pem");
const SMALL: &str = include_str!("certs/small.pem");
/// 2027-06-01, within the validity of all fixtures.
const AT: i64 = 1_811_808_000;

fn file(name: &str, pem: &str) -> CertFile {
    cert::read(name, pem.as_bytes())
}

fn one(pem: &str) -> Certificate {
    file("x", pem).certificates().next().unwrap().clone()
}

fn verdicts(pem: &str, host: &str) -> Vec<(&'static str, NameVerdict)> {
    cert::name_checks(&one(pem), host)
        .into_iter()
        .map(|c| (c.id, c.verdict))
        .collect()
}

fn verdict(pem: &str, host: &str, stack: &str) -> NameVerdict {
    let all = verdicts(pem, host);
    all.iter().find(|(id, _)| *id == stack).unwrap().1
}

#[test]
fn an_address_in_the_common_name_divides_the_stacks() {
    use NameVerdict::{Match, Mismatch, NotChecked};
    for (stack, wanted) in [
        ("openssl-host", Match),
        ("openssl-ip", Mismatch),
        ("mbedtls-old", Match),
        ("mbedtls-new", Match),
        ("wolfssl", Match),
        ("rustls", Mismatch),
        ("ublox", Match),
        ("spwf04", NotChecked),
        ("xbee-cellular", NotChecked),
    ] {
        assert_eq!(verdict(ADDRESS, "192.0.2.17", stack), wanted, "{stack}");
    }
    assert_eq!(
        verdict(ADDRESS, "device.example.com", "openssl-host"),
        Mismatch
    );
}

#[test]
fn an_address_entry_counts_only_where_the_stack_reads_it() {
    use NameVerdict::{Match, Mismatch};
    for (stack, wanted) in [
        ("openssl-ip", Match),
        ("openssl-host", Mismatch),
        ("mbedtls-old", Mismatch),
        ("mbedtls-new", Match),
        ("wolfssl", Mismatch),
        ("rustls", Match),
    ] {
        assert_eq!(verdict(SMALL, "192.0.2.5", stack), wanted, "{stack}");
    }
    assert_eq!(verdict(SMALL, "a.io.example.com", "mbedtls-old"), Match);
    assert_eq!(
        verdict(SMALL, "a.b.io.example.com", "openssl-host"),
        Mismatch
    );
    assert_eq!(verdict(SMALL, "DEVICE.example.com.", "openssl-host"), Match);
}

#[test]
fn dates_are_judged_by_three_clocks() {
    let address = one(ADDRESS);
    assert_eq!(cert::validity(&address, AT), Validity::Valid);
    assert_eq!(cert::validity(&address, 0), Validity::NotYet);
    assert_eq!(
        cert::validity_32_bit(&address, i32::try_from(AT).unwrap()),
        Validity::Expired
    );
    let until = address.not_after.unwrap();
    assert!(until.generalized && address.ends_after_2038());
    assert!(until.as_32_bit() < 0);
    assert!(!one(SMALL).not_after.unwrap().generalized);
}

#[test]
fn the_chain_is_found_in_any_order_and_what_is_missing_is_named() {
    let files = [file("chain.pem", CHAIN), file("root.pem", ROOT)];
    let inspection = Inspection::of(
        &files,
        &Question {
            at_unix_s: AT,
            ..Question::default()
        },
    );
    assert_eq!(inspection.chain.as_ref().unwrap().found, [0, 1, 2]);
    assert_eq!(inspection.sent, [0, 1]);
    assert_eq!(inspection.order, ChainOrder::Right);
    assert!(inspection.missing.is_empty() && inspection.extra.is_empty());
    assert!(
        inspection
            .chain
            .as_ref()
            .unwrap()
            .links
            .iter()
            .all(|l| *l == SignatureCheck::Good)
    );

    let heap = [file("heap.pem", &[ROOT, SMALL, INTER, LEAF].concat())];
    let inspection = Inspection::of(
        &heap,
        &Question {
            at_unix_s: AT,
            host: Some("a.table.db01prdstr01a.store.example.net"),
            ..Question::default()
        },
    );
    let chain = inspection.chain.as_ref().unwrap();
    // The self-signed one stands alone; a leaf with an issuer is the better guess.
    assert_eq!(chain.found, [3, 2, 0]);
    assert_eq!(inspection.extra, [1]);
    let heap = [file("heap.pem", &[ROOT, INTER, LEAF].concat())];
    let inspection = Inspection::of(
        &heap,
        &Question {
            at_unix_s: AT,
            ..Question::default()
        },
    );
    assert_eq!(inspection.chain.as_ref().unwrap().found, [2, 1, 0]);
    assert_eq!(inspection.order, ChainOrder::Wrong);
    assert!(
        inspection
            .statements
            .iter()
            .any(|s| s.id == "cert.chain_order")
    );

    let alone = [file("leaf.pem", LEAF)];
    let inspection = Inspection::of(
        &alone,
        &Question {
            at_unix_s: AT,
            ..Question::default()
        },
    );
    assert_eq!(inspection.missing.len(), 1);
    assert!(
        inspection.missing[0]
            .name
            .starts_with("CN=Handlens Test Issuing CA")
    );
    assert_eq!(inspection.missing[0].at_hand, None);

    let apart = [file("leaf.pem", LEAF), file("inter.pem", INTER)];
    let inspection = Inspection::of(
        &apart,
        &Question {
            at_unix_s: AT,
            ..Question::default()
        },
    );
    assert_eq!(inspection.missing[0].at_hand, Some(1));
}

#[test]
fn a_wrong_signature_breaks_the_link() {
    let mut changed = one(LEAF);
    let last = changed.der.len() - 1;
    changed.der[last] ^= 1;
    assert_eq!(
        cert::check_signature(&changed, &one(INTER)),
        SignatureCheck::Bad
    );
    assert_eq!(
        cert::check_signature(&one(LEAF), &one(INTER)),
        SignatureCheck::Good
    );
    assert_eq!(
        cert::check_signature(&one(LEAF), &one(ROOT)),
        SignatureCheck::Bad
    );
}

#[test]
fn the_path_engine_agrees_and_says_why_not() {
    let trusted = [file("root.pem", ROOT)];
    let files = [file("chain.pem", CHAIN)];
    let ask = |at, host| {
        let question = Question {
            trusted: &trusted,
            at_unix_s: at,
            host: Some(host),
            profile: None,
        };
        Inspection::of(&files, &question).path
    };
    assert_eq!(
        ask(AT, "x.table.db02prdstr02a.store.example.net"),
        PathCheck::Verified
    );
    assert!(matches!(ask(AT, "example.org"), PathCheck::Refused(_)));
    assert_eq!(
        ask(
            AT + 3 * 365 * 86_400,
            "x.table.db02prdstr02a.store.example.net"
        ),
        PathCheck::Refused("a certificate has expired".into())
    );
}

#[test]
fn both_readings_of_a_limit_are_judged() {
    let devices = DeviceList::embedded();
    let profile = devices.get("spwf04sx").unwrap();
    let files = [file("chain.pem", CHAIN)];
    let question = Question {
        at_unix_s: AT,
        profile: Some(profile),
        ..Question::default()
    };
    let inspection = Inspection::of(&files, &question);
    let of = |name: &str| {
        inspection
            .fit
            .iter()
            .find(|f| f.kind == LimitKind::PeerCertificateBytes && f.of.starts_with(name))
            .unwrap()
    };
    let leaf = of("leaf");
    assert_eq!(leaf.limits, [2_500, 2_560]);
    assert_eq!(leaf.verdict, FitVerdict::Over(3_410 - 2_560));
    assert!(leaf.source.contains("community.st.com"));
    assert_eq!(of("intermediate").verdict, FitVerdict::Fits);
    assert!(inspection.has_problem(&question));
    let fewer = inspection
        .reductions
        .iter()
        .find(|r| r.id == "fewer_names")
        .unwrap();
    assert!(fewer.fits && fewer.left_bytes <= 2_500);
    assert_eq!(fewer.saves_bytes, 3_410 - fewer.left_bytes);
    let leaf = one(LEAF);
    let keep = fewer.names.unwrap();
    assert_eq!(cert::names_that_fit(&leaf, 2_500), Some(keep));
    assert!(cert::size_with_names(&leaf, keep + 1).unwrap() > 2_500);
}

#[test]
fn fewer_names_have_the_size_that_was_computed() {
    let all = one(include_str!("certs/names-66.pem"));
    for (keep, pem) in [
        (20, include_str!("certs/names-20.pem")),
        (3, include_str!("certs/names-3.pem")),
        (2, include_str!("certs/names-2.pem")),
    ] {
        assert_eq!(
            cert::size_with_names(&all, keep),
            Some(one(pem).der_bytes()),
            "{keep} names"
        );
    }
}

#[test]
fn every_profile_is_whole_and_every_figure_has_a_source() {
    let devices = DeviceList::embedded();
    assert!(devices.problems.is_empty(), "{:?}", devices.problems);
    assert!(devices.profiles.len() >= 15);
    let known: Vec<&str> = cert::name_checks(&one(SMALL), "a")
        .iter()
        .map(|c| c.id)
        .collect();
    for profile in &devices.profiles {
        assert_eq!(profile.gaps(), Vec::<String>::new());
        // A stack that the name matrix has, or one that is told to be unknown by not being there.
        if ["mbedtls-old", "mbedtls-new", "wolfssl", "ublox"].contains(&profile.stack.as_str()) {
            assert!(known.contains(&profile.stack.as_str()), "{}", profile.id);
        }
    }
    assert_eq!(devices.get("SPWF04").unwrap().id, "spwf04sx");
}

#[test]
fn a_profile_of_the_user_wins_and_one_without_a_source_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let devices = DeviceList::embedded();
    let path = devices
        .copy_to(folder.path(), devices.get("spwf04sx").unwrap(), "my-module")
        .unwrap();
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("1475", "1200");
    std::fs::write(&path, text).unwrap();
    assert!(
        devices
            .copy_to(folder.path(), devices.get("unknown").unwrap(), "my-module")
            .is_err()
    );
    assert!(
        devices
            .copy_to(folder.path(), devices.get("unknown").unwrap(), "../x")
            .is_err()
    );
    std::fs::write(
        folder.path().join("devices/bad.toml"),
        "id = \"bad\"\nname = \"Bad\"\nabout = \"x\"\n[[limit]]\nwhat = \"record_bytes\"\nat_most = [512]\nsays = \"512\"\nsource = \"\"\n",
    )
    .unwrap();
    let own = DeviceList::with_folder(folder.path());
    let mine = own.get("my-module").unwrap();
    let bundle = mine.limits_of(LimitKind::StoredBundleBytes).next().unwrap();
    assert_eq!(bundle.at_most, [1_200]);
    assert!(own.get("bad").is_none());
    assert_eq!(own.problems.len(), 1);
}

#[test]
fn keys_find_their_certificates() {
    let files = [
        file("root.pem", ROOT),
        file("small.pem", SMALL),
        file("small.key", include_str!("certs/small.key")),
        file("sec1.key", include_str!("certs/small-sec1.key")),
    ];
    let pairs = cert::pairs(&files);
    assert_eq!(pairs.len(), 2);
    for pair in &pairs {
        assert_eq!(pair.verdict, PairVerdict::Matches);
        assert_eq!(pair.certificates, [(1, 0)]);
    }
    let alone = cert::pairs(&files[2..]);
    assert_eq!(alone[0].verdict, PairVerdict::NoCertificate);
}

#[test]
fn facts_name_the_file_and_the_field() {
    let files = [file("chain.pem", CHAIN)];
    let facts = cert::facts(
        &files,
        &FactContext {
            host: Some("example.org"),
            at_unix_s: Some(AT),
            inputs: &[InputId(7)],
        },
    );
    assert_eq!(facts.int("server.leaf_bytes"), Some(3_410));
    assert_eq!(facts.int("server.intermediate_bytes"), Some(483));
    assert_eq!(
        facts.int("certificate_message_bytes"),
        Some(7 + 3 + 3_410 + 3 + 483)
    );
    assert_eq!(facts.bool("cert.leaf.matches_host"), Some(false));
    assert_eq!(facts.bool("cert.leaf.cn_is_ip"), Some(false));
    assert_eq!(facts.bool("cert.chain_links"), Some(true));
    assert_eq!(
        facts.list("cert.leaf.ext_key_usage"),
        ["clientAuth", "serverAuth"]
    );
    assert_eq!(
        facts.get("server.leaf_bytes").unwrap().origins,
        [Origin::Read {
            input: InputId(7),
            place: Place::Field("size of the leaf".into())
        }]
    );
    let address = cert::facts(&[file("x", ADDRESS)], &FactContext::default());
    assert_eq!(address.bool("cert.leaf.cn_is_ip"), Some(true));
    assert_eq!(address.bool("cert.date_over_2038"), Some(true));
    assert_eq!(address.bool("cert.leaf.is_ca"), Some(true));
}

#[test]
fn every_fact_is_in_the_registry_with_its_type() {
    let knowledge = handlens::knowledge::Knowledge::embedded();
    let devices = DeviceList::embedded();
    let config = read_config(
        "config.h",
        "#define MBEDTLS_SSL_TLS_C\n#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE 0\n#define MBEDTLS_SSL_MAX_CONTENT_LEN 1024\n",
    );
    let mut all = config.facts(InputId(1));
    assert_eq!(
        all.list("config.zero_means_on"),
        ["MBEDTLS_SSL_KEEP_PEER_CERTIFICATE"]
    );
    assert_eq!(all.int("device.content_len_bytes"), Some(1_024));
    let spwf = device::facts(devices.get("spwf04sx").unwrap());
    assert_eq!(spwf.int("device.certificate_limit_bytes"), Some(2_560));
    all.extend(&spwf);
    all.extend(&cert::facts(
        &[file("x", CHAIN)],
        &FactContext {
            host: Some("a.b"),
            at_unix_s: Some(AT),
            inputs: &[],
        },
    ));
    for fact in all.iter() {
        let def = knowledge
            .facts
            .get(&fact.name)
            .unwrap_or_else(|| panic!("{}", fact.name));
        if let handlens::evidence::FactState::Known(value) = &fact.state {
            let kind = match value {
                FactValue::Bool(_) => "Bool",
                FactValue::Int(_) => "Int",
                FactValue::Text(_) => "Text",
                FactValue::List(_) => "List",
            };
            assert_eq!(format!("{:?}", def.kind), kind, "{}", fact.name);
        }
    }
}

#[test]
fn variants_are_built_and_have_the_size_that_is_told() {
    let all = one(include_str!("certs/names-66.pem"));
    let found = cert::reductions(&all, 2_000);
    let fewer = found.iter().find(|r| r.id == "fewer_names").unwrap();
    assert_eq!(
        cert::size_with_names(&all, fewer.names.unwrap()),
        Some(fewer.left_bytes)
    );
    assert!(fewer.fits);
    // An RSA key of 2,048 bits takes 294 bytes, one on secp256r1 91; the lengths around it keep theirs.
    let key = found.iter().find(|r| r.id == "ecdsa_key").unwrap();
    assert_eq!(key.saves_bytes, 294 - 91);
    assert!(found.iter().any(|r| r.id == "together" && r.fits));
    assert!(found.is_sorted_by_key(|r| std::cmp::Reverse(r.saves_bytes)));
    for r in &found {
        assert_eq!(r.left_bytes + r.saves_bytes, all.der_bytes(), "{r:?}");
    }
}

#[test]
fn what_need_not_be_sent_is_named_for_the_chain() {
    let chain: Vec<cert::Certificate> = [CHAIN, ROOT, include_str!("certs/small.pem")]
        .iter()
        .flat_map(|pem| {
            let file = cert::read("x.pem", pem.as_bytes());
            file.certificates().cloned().collect::<Vec<_>>()
        })
        .collect();
    let sent: Vec<&cert::Certificate> = chain.iter().collect();
    let found = cert::chain_reductions(&sent, 4_000);
    let of = |id: &str| found.iter().find(|r| r.id == id).unwrap();
    assert_eq!(of("no_root").saves_bytes, 462);
    assert_eq!(of("no_extra").saves_bytes, chain[3].der_bytes());
    assert!(found.iter().all(|r| r.of_chain));
}

#[test]
fn every_device_is_asked_at_once() {
    let files = [file("chain.pem", CHAIN)];
    let trusted = [file("root.pem", ROOT)];
    let question = Question {
        trusted: &trusted,
        at_unix_s: AT,
        ..Question::default()
    };
    let inspection = Inspection::of(&files, &question);
    let devices = DeviceList::embedded();
    let takes = |id: &str| {
        let profile = devices.get(id).unwrap();
        cert::Takes::of(&inspection.fit_of(&files, &trusted, profile))
    };
    assert_eq!(takes("spwf04sx"), cert::Takes::No(1), "the leaf alone");
    assert_eq!(takes("mbedtls-2.28"), cert::Takes::Yes);
    assert_eq!(takes("unknown"), cert::Takes::Unknown);
}

#[test]
fn the_chain_of_another_server_does_not_lie_on_the_device() {
    let files = [
        file("old.pem", CHAIN),
        file("other.pem", include_str!("certs/names-66.pem")),
    ];
    let devices = DeviceList::embedded();
    let profile = devices.get("spwf04sx").unwrap();
    let question = Question {
        at_unix_s: AT,
        profile: Some(profile),
        ..Question::default()
    };
    let inspection = Inspection::of(&files, &question);
    let stored = |f: &&cert::Fit| f.of.starts_with("file ");
    assert_eq!(inspection.fit.iter().filter(stored).count(), 0);
    // With its key at hand it is the device's own.
    let files = [
        file("small.pem", include_str!("certs/small.pem")),
        file("small.key", include_str!("certs/small.key")),
    ];
    let inspection = Inspection::of(&files, &question);
    assert!(inspection.fit.iter().any(|f| f.of == "file small.pem"));
}

/// What a device makes of the stored file `small.pem`: value and verdict for each limit of the kind.
fn stored(profile: &handlens::device::DeviceProfile, kind: LimitKind) -> Vec<(u64, FitVerdict)> {
    let files = [
        file("chain.pem", CHAIN),
        file("small.pem", include_str!("certs/small.pem")),
        file("small.key", include_str!("certs/small.key")),
    ];
    let question = Question {
        at_unix_s: AT,
        profile: Some(profile),
        ..Question::default()
    };
    let inspection = Inspection::of(&files, &question);
    let of_kind = inspection.fit.iter().filter(|f| f.kind == kind);
    of_kind
        .filter(|f| f.of.ends_with("small.pem"))
        .map(|f| (f.value.unwrap(), f.verdict))
        .collect()
}

#[test]
fn a_limit_on_pem_text_is_held_against_the_text() {
    let devices = DeviceList::embedded();
    let mut profile = devices.get("nina-fw").unwrap().clone();
    let text = u64::try_from(include_str!("certs/small.pem").trim_end().len()).unwrap();
    let found = stored(&profile, LimitKind::StoredTextBytes);
    assert_eq!(found.len(), 1);
    assert!(found[0].0.abs_diff(text) <= 1, "{found:?} of {text}");
    assert_eq!(found[0].1, FitVerdict::Fits);
    profile.limits[0].at_most = vec![found[0].0 - 10];
    let found = stored(&profile, LimitKind::StoredTextBytes);
    assert_eq!(found[0].1, FitVerdict::Over(10));
}

#[test]
fn a_smallest_maximum_says_what_fits_and_not_what_is_too_large() {
    let devices = DeviceList::embedded();
    let mut profile = devices.get("ublox-sara-r5").unwrap().clone();
    assert!(profile.limits[0].floor);
    let found = stored(&profile, LimitKind::StoredItemBytes);
    assert_eq!(found[0].1, FitVerdict::Fits);
    profile.limits[0].at_most = vec![100];
    let found = stored(&profile, LimitKind::StoredItemBytes);
    assert_eq!(found[0].1, FitVerdict::Unknown);
}
