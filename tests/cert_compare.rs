//! Old against renewed: certificates made here by rcgen, read and compared as files are.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use handlens::cert::{
    self, Against, CertFile, Certificate, Change, CompareSide, Comparison, Weight,
};
use handlens::device::DeviceList;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, date_time_ymd,
};
use serde_json::Value;

/// 2027-06-01.
const AT: i64 = 1_811_808_000;

struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn root(name: &str) -> Ca {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2037, 1, 1);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    Ca { pem, issuer }
}

fn leaf_params(names: &[&str], year: i32) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let first = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, first);
    params.not_before = date_time_ymd(year, 1, 1);
    params.not_after = date_time_ymd(year + 1, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

fn signed(params: &CertificateParams, ca: &Ca) -> String {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    params.signed_by(&key, &ca.issuer).unwrap().pem()
}

fn file(name: &str, pem: &str) -> CertFile {
    cert::read(name, pem.as_bytes())
}

fn compare(old: &CertFile, new: &CertFile, against: &Against<'_>) -> Comparison {
    let found = Comparison::of(&CompareSide::file(old), &CompareSide::file(new), against);
    for compared in &found.certificates {
        let size = |file: &CertFile, index: Option<usize>| {
            index.map_or(0, |i| file.certificates().nth(i).unwrap().der_bytes())
        };
        let sum =
            |of: fn(&cert::FieldBytes) -> usize| -> usize { compared.fields.iter().map(of).sum() };
        assert_eq!(sum(|f| f.old), size(old, compared.old));
        assert_eq!(sum(|f| f.new), size(new, compared.new));
    }
    found
}

fn find<'a>(found: &'a Comparison, id: &str) -> Option<&'a Change> {
    found.all().into_iter().map(|(_, c)| c).find(|c| c.id == id)
}

#[track_caller]
fn has(found: &Comparison, id: &str) -> Change {
    let ids: Vec<&str> = found.all().iter().map(|(_, c)| c.id).collect();
    find(found, id)
        .unwrap_or_else(|| panic!("{id} is not among {ids:?}"))
        .clone()
}

fn against(host: Option<&str>) -> Against<'_> {
    Against {
        host,
        at_unix_s: AT,
        ..Against::default()
    }
}

#[test]
fn a_plain_renewal_breaks_nothing_and_says_what_a_pin_will_meet() {
    let ca = root("Test Root A");
    let old = file("old.pem", &signed(&leaf_params(&["a.example"], 2026), &ca));
    let new = file("new.pem", &signed(&leaf_params(&["a.example"], 2027), &ca));
    let found = compare(&old, &new, &against(Some("a.example")));
    assert!(!found.is_same());
    assert_eq!(found.worst(), Some(Weight::Check), "{:#?}", found.all());
    assert_eq!(has(&found, "serial").weight, Weight::Usual);
    assert_eq!(has(&found, "not_after").new, "2028-01-01 00:00:00 UTC");
    assert_eq!(has(&found, "key_new").weight, Weight::Check);
    for absent in [
        "issuer",
        "names_removed",
        "host_lost",
        "anchor",
        "ext_key_usage",
    ] {
        assert!(find(&found, absent).is_none(), "{absent}");
    }
    let heavy: Vec<&str> = found
        .all()
        .iter()
        .filter(|(_, c)| c.weight <= Weight::Check)
        .map(|(_, c)| c.id)
        .collect();
    assert_eq!(
        heavy,
        ["key_new"],
        "a renewal with a new key needs one look"
    );
}

#[test]
fn the_same_file_twice_is_the_same() {
    let ca = root("Test Root A");
    let pem = format!(
        "{}{}",
        signed(&leaf_params(&["a.example"], 2026), &ca),
        ca.pem
    );
    let one = file("one.pem", &pem);
    let found = compare(&one, &one.clone(), &against(None));
    assert!(found.is_same());
    assert_eq!(found.worst(), None);
    assert!(found.certificates.iter().all(|c| c.same_bytes));
}

#[test]
fn a_name_that_is_gone_breaks_the_host_that_asks_for_it() {
    let ca = root("Test Root A");
    let old = file(
        "old.pem",
        &signed(&leaf_params(&["a.example", "old.example"], 2026), &ca),
    );
    let new = file(
        "new.pem",
        &signed(&leaf_params(&["a.example", "b.example"], 2027), &ca),
    );
    let found = compare(&old, &new, &against(Some("old.example")));
    assert_eq!(has(&found, "names_removed").old, "old.example");
    assert_eq!(has(&found, "names_added").new, "b.example");
    assert_eq!(has(&found, "host_lost").weight, Weight::Breaks);
    // The other way round the host is gained.
    let back = compare(&new, &old, &against(Some("old.example")));
    assert_eq!(has(&back, "host_gained").weight, Weight::Better);
    // A host that both hold is not spoken of.
    let both = compare(&old, &new, &against(Some("a.example")));
    assert!(find(&both, "host_lost").is_none());
    // Only the stack of the device breaks the device.
    let devices = DeviceList::embedded();
    let profile = devices
        .profiles
        .iter()
        .find(|p| p.stack == "spwf04")
        .unwrap();
    let with_device = Against {
        profile: Some(profile),
        ..against(Some("old.example"))
    };
    let found = compare(&old, &new, &with_device);
    assert!(find(&found, "host_lost").is_none());
    let elsewhere = has(&found, "host_lost_elsewhere");
    assert!(elsewhere.why.starts_with("OpenSSL"), "{}", elsewhere.why);
}

#[test]
fn another_root_breaks_a_device_that_stores_the_old_one() {
    let (a, b) = (root("Test Root A"), root("Test Root B"));
    let old = file("old.pem", &signed(&leaf_params(&["a.example"], 2026), &a));
    let new = file("new.pem", &signed(&leaf_params(&["a.example"], 2027), &b));
    let stored_a = file("a.pem", &a.pem);
    let stored_b = file("b.pem", &b.pem);
    let open = compare(&old, &new, &against(None));
    assert_eq!(has(&open, "issuer").weight, Weight::Check);
    let anchor = has(&open, "anchor");
    assert_eq!(
        (&anchor.old[..], &anchor.new[..]),
        ("CN=Test Root A", "CN=Test Root B")
    );
    let trusted: Vec<&Certificate> = stored_a.certificates().collect();
    let with = Against {
        trusted: &trusted,
        ..against(None)
    };
    assert_eq!(
        has(&compare(&old, &new, &with), "anchor_missing").weight,
        Weight::Breaks
    );
    let both: Vec<&Certificate> = stored_a
        .certificates()
        .chain(stored_b.certificates())
        .collect();
    let with = Against {
        trusted: &both,
        ..against(None)
    };
    let found = compare(&old, &new, &with);
    assert_eq!(has(&found, "anchor_works").weight, Weight::Usual);
    assert!(find(&found, "anchor").is_none());
}

#[test]
fn key_usage_curve_and_dates_are_told_by_what_they_mean() {
    let ca = root("Test Root A");
    let old = file("old.pem", &signed(&leaf_params(&["a.example"], 2026), &ca));
    let mut params = leaf_params(&["a.example"], 2027);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_after = date_time_ymd(2060, 1, 1);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let new = file(
        "new.pem",
        &params.signed_by(&key, &ca.issuer).unwrap().pem(),
    );
    let found = compare(&old, &new, &against(None));
    assert_eq!(has(&found, "server_auth_lost").weight, Weight::Breaks);
    assert_eq!(has(&found, "key_curve").new, "EC secp384r1");
    assert_eq!(has(&found, "ends_after_2038").weight, Weight::Check);
    assert_eq!(has(&found, "generalized_time").new, "GeneralizedTime");
    // Judged before it begins.
    let early = Against {
        at_unix_s: 1_780_000_000,
        ..Against::default()
    };
    assert_eq!(
        has(&compare(&old, &new, &early), "not_yet_valid").weight,
        Weight::Breaks
    );
    let late = compare(&new, &old, &against(None));
    assert_eq!(has(&late, "expired").weight, Weight::Breaks);
}

#[test]
fn what_is_sent_is_compared_with_its_order() {
    let ca = root("Test Root A");
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Test Issuing");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate().unwrap();
    let between = Ca {
        pem: params.signed_by(&key, &ca.issuer).unwrap().pem(),
        issuer: Issuer::new(params, key),
    };
    let leaf = signed(&leaf_params(&["a.example"], 2027), &between);
    let whole = file("whole.pem", &format!("{leaf}{}", between.pem));
    let alone = file("alone.pem", &leaf);
    let found = compare(&whole, &alone, &against(None));
    assert_eq!(has(&found, "intermediate_missing").weight, Weight::Breaks);
    assert_eq!(has(&found, "fewer_sent").new, "1");
    let found = compare(&alone, &whole, &against(None));
    assert_eq!(has(&found, "intermediate_added").weight, Weight::Better);
    let turned = file("turned.pem", &format!("{}{leaf}", between.pem));
    let found = compare(&whole, &turned, &against(None));
    assert_eq!(has(&found, "order_wrong").weight, Weight::Breaks);
    assert!(!found.is_same());
    assert!(found.certificates.iter().all(|c| c.same_bytes));
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/certs")
        .join(name)
}

fn cli(arguments: &[&str]) -> (Value, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .arg("certs")
        .args(arguments)
        .args(["--compare", "--json", "--at", "2027-06-01T00:00:00Z"])
        .output()
        .unwrap();
    let status = output.status.code().unwrap();
    if status == 2 {
        return (Value::Null, 2);
    }
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let schema: Value = serde_json::from_str(include_str!("../assets/schema/certs.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (value, status)
}

#[test]
fn the_command_line_says_which_change_breaks_the_device() {
    let path = |name: &str| fixture(name).to_string_lossy().into_owned();
    let (small, large) = (path("names-20.pem"), path("names-66.pem"));
    let (value, status) = cli(&[&small, &large, "--device", "spwf04sx"]);
    assert_eq!(status, 1);
    let comparison = &value["comparison"];
    assert_eq!(comparison["worst"], "breaks");
    let first = &comparison["changes"][0];
    assert_eq!(first["id"], "limit_broken");
    assert!(first["what"].as_str().unwrap().contains("2500 or 2560"));
    assert!(first["source"].as_str().unwrap().starts_with("ST staff"));
    // The same change against a device without that limit is no break.
    let (value, status) = cli(&[&small, &large, "--device", "mbedtls-3.6"]);
    assert_eq!(status, 0, "{}", value["comparison"]["changes"]);
    // The other way round it is better.
    let (value, status) = cli(&[&large, &small, "--device", "spwf04sx"]);
    assert_eq!(status, 0);
    let changes = value["comparison"]["changes"].as_array().unwrap();
    assert!(changes.iter().any(|c| c["id"] == "limit_kept"));
    assert_eq!(cli(&[&small]).1, 2);
    assert_eq!(cli(&[&small, &path("small.key")]).1, 2);
}

#[test]
fn any_two_files_can_be_compared() {
    let names = [
        "chain.pem",
        "cn-is-ip.pem",
        "inter.pem",
        "leaf-66-names.pem",
        "root.pem",
        "small.pem",
        "small.key",
        "README.md",
    ];
    let files: Vec<CertFile> = names
        .iter()
        .map(|n| cert::read(n, &std::fs::read(fixture(n)).unwrap()))
        .collect();
    let devices = DeviceList::embedded();
    for old in &files {
        for new in &files {
            for profile in &devices.profiles {
                let with = Against {
                    profile: Some(profile),
                    ..against(Some("192.0.2.17"))
                };
                let found = compare(old, new, &with);
                for (_, change) in found.all() {
                    assert!(
                        !change.why.is_empty() && !change.source.is_empty(),
                        "{change:?}"
                    );
                    assert!(
                        change.old != change.new
                            || change.id == "key_kept"
                            || change.id == "anchor_works"
                            || change.id.starts_with("limit")
                            || change.id.starts_with("host"),
                        "{change:?}"
                    );
                }
            }
        }
    }
}
