//! Files beside a log decide what the log leaves open: the trust anchor, the chain, the device's own
//! certificate and key. The log says no more than that the certificate was refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use handlens::evidence::Micros;
use handlens::knowledge::Knowledge;
use handlens::session::figures::parse_rfc3339;
use handlens::session::{Case, CaseFiles, Snapshot};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};

/// Written after ESP-IDF's `esp_tls_mbedtls.c`: verification failed, and no flags are printed.
const REFUSED: &str = "E (6321) esp-tls-mbedtls: mbedtls_ssl_handshake returned -0x2700\n";
/// Mbed TLS `ssl_msg.c` at debug level 2: the server refuses the client's signature or certificate.
const ALERTED: &str = "ssl_tls.c:3291: |2| => write certificate verify\n\
    ssl_tls.c:3391: |2| <= write certificate verify\n\
    ssl_tls.c:4120: |2| => write finished\n\
    ssl_tls.c:4221: |2| <= write finished\n\
    ssl_msg.c:5160: |2| got an alert message, type: [2:40]\n\
    ssl_msg.c:5168: |1| is a fatal alert message (msg 40)\n";

struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn names(organisation: &str, common: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, common);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params
}

fn root(organisation: &str, common: &str, until: i32) -> Ca {
    let mut params = names(organisation, common);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    Ca {
        pem,
        issuer: Issuer::new(params, key),
    }
}

fn intermediate(of: &Ca, organisation: &str, common: &str) -> Ca {
    let mut params = names(organisation, common);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.signed_by(&key, &of.issuer).unwrap().pem();
    Ca {
        pem,
        issuer: Issuer::new(params, key),
    }
}

fn leaf(of: &Ca, host: &str, usage: ExtendedKeyUsagePurpose) -> (String, KeyPair) {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, host);
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2034, 1, 1);
    params.extended_key_usages = vec![usage];
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, &of.issuer).unwrap().pem(), key)
}

fn judged(files: &[&str], facts: &[&str]) -> Snapshot {
    let at: Micros = parse_rfc3339("2025-06-01T12:00:00Z").unwrap();
    let mut case = Case::new(Arc::new(Knowledge::embedded()), Vec::new());
    case.set_at(Some(at));
    for text in facts {
        let fact = case.knowledge().parse_stated(text).unwrap();
        case.state(fact);
    }
    let mut read = CaseFiles::new(case);
    for (i, file) in files.iter().enumerate() {
        read.open_reader(&format!("input-{i}"), &mut file.as_bytes())
            .unwrap();
    }
    read.snapshot(at)
}

fn leading(files: &[&str], facts: &[&str]) -> (String, f64) {
    let snapshot = judged(files, facts);
    let first = snapshot.diagnosis.causes.first().expect("a cause");
    (first.id.clone(), first.score)
}

struct Pki {
    root: Ca,
    between: Ca,
    leaf: String,
}

fn pki() -> Pki {
    let root = root("Example Trust", "Example Root 1", 2040);
    let between = intermediate(&root, "Example Trust", "Example Issuing 1");
    let leaf = leaf(
        &between,
        "broker.example.test",
        ExtendedKeyUsagePurpose::ServerAuth,
    )
    .0;
    Pki {
        root,
        between,
        leaf,
    }
}

#[test]
fn a_root_of_others_is_the_wrong_one() {
    let p = pki();
    let chain = format!("{}{}", p.leaf, p.between.pem);
    let other = root("Somebody Else", "Other Root", 2040);
    let (first, score) = leading(&[REFUSED, &chain, &other.pem], &[]);
    assert_eq!(first, "cert.wrong_ca");
    assert!(score > 0.8, "{score}");
}

#[test]
fn a_root_of_the_right_name_with_another_key_is_the_wrong_one() {
    let p = pki();
    let chain = format!("{}{}", p.leaf, p.between.pem);
    let renewed = root("Example Trust", "Example Root 1", 2040);
    let snapshot = judged(&[REFUSED, &chain, &renewed.pem], &[]);
    assert_eq!(snapshot.facts.bool("trust.same_name_other_key"), Some(true));
    assert_eq!(snapshot.diagnosis.causes[0].id, "cert.wrong_ca");
    // The order of the files says nothing.
    let (first, _) = leading(&[&renewed.pem, &chain, REFUSED], &[]);
    assert_eq!(first, "cert.wrong_ca");
}

#[test]
fn a_leaf_alone_under_a_trusted_organisation_lacks_its_intermediate() {
    let p = pki();
    let (first, _) = leading(&[REFUSED, &p.leaf, &p.root.pem], &[]);
    assert_eq!(first, "cert.chain_incomplete");
}

#[test]
fn a_whole_chain_to_the_trusted_root_clears_both() {
    let p = pki();
    let chain = format!("{}{}", p.leaf, p.between.pem);
    let snapshot = judged(
        &[REFUSED, &chain, &p.root.pem],
        &["host=other.example.test"],
    );
    assert_eq!(snapshot.facts.bool("device.ca_is_current"), Some(true));
    assert_eq!(snapshot.facts.bool("server.chain_complete"), Some(true));
    assert_eq!(snapshot.diagnosis.causes[0].id, "cert.name_mismatch");
    let out = &snapshot.diagnosis.eliminated;
    assert!(out.iter().any(|e| e.id == "cert.chain_incomplete"));
}

#[test]
fn a_trusted_root_past_its_day_is_expired() {
    let old = root("Example Trust", "Example Root 0", 2025);
    let between = intermediate(&old, "Example Trust", "Example Issuing 0");
    let (leaf, _) = leaf(
        &between,
        "broker.example.test",
        ExtendedKeyUsagePurpose::ServerAuth,
    );
    let chain = format!("{leaf}{}", between.pem);
    let snapshot = judged(&[REFUSED, &chain, &old.pem], &["host=broker.example.test"]);
    assert_eq!(snapshot.facts.bool("trust.expired"), Some(true));
    assert_eq!(snapshot.diagnosis.causes[0].id, "cert.expired");
}

#[test]
fn a_key_of_another_certificate_is_told_and_one_that_fits_clears_it() {
    let p = pki();
    let fleet = root("Device Fleet", "Fleet Root", 2040);
    let (own, key) = leaf(&fleet, "device-7", ExtendedKeyUsagePurpose::ClientAuth);
    let other = KeyPair::generate().unwrap();
    let chain = format!("{}{}", p.leaf, p.between.pem);
    let wrong = other.serialize_pem();
    let right = key.serialize_pem();
    let (first, score) = leading(&[ALERTED, &own, &wrong, &chain, &p.root.pem], &[]);
    assert_eq!(first, "client_auth.key_mismatch");
    assert!(score > 0.8, "{score}");
    let fits = judged(&[ALERTED, &own, &right, &chain, &p.root.pem], &[]);
    assert_eq!(fits.facts.bool("client_cert.key_pair_ok"), Some(true));
    // The device's certificate is not taken for the server's.
    assert_eq!(fits.facts.text("cert.leaf.cn"), Some("broker.example.test"));
    let out = &fits.diagnosis.eliminated;
    assert!(out.iter().any(|e| e.id == "client_auth.key_mismatch"));
}
