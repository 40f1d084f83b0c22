//! Agreement with the public certificate corpora, where they are at hand beside the package.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use handlens::cert::{
    self, AltName, CertFile, Certificate, ChainOrder, Content, Crl, Inspection, PathCheck, PathUse,
    Profile, Question, Severity, SignatureCheck, StrictQuestion,
};
use serde_json::Value;

fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("HANDLENS_SHARED")
        .map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            PathBuf::from,
        )
        .join("corpora");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no ../shared/corpora beside the package");
    None
}

fn index(path: &Path) -> Vec<Value> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn read(folder: &Path, file: &str) -> CertFile {
    cert::read(file, &fs::read(folder.join(file)).unwrap())
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_default()
}

/// All certificates of a file, those of bundles included, as the index lists them.
fn truths(entry: &Value) -> Vec<&Value> {
    let mut out = Vec::new();
    for object in entry["objects"].as_array().unwrap() {
        if object["kind"] == "certificate" {
            out.push(object);
        }
        if let Some(inner) = object["certificates"].as_array() {
            out.extend(inner);
        }
    }
    out
}

fn differences(certificate: &Certificate, truth: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            out.push(format!("{what}: {ours} and not {theirs}"));
        }
    };
    compare(
        "der_size",
        certificate.der_bytes().to_string(),
        truth["der_size"].to_string(),
    );
    compare(
        "version",
        certificate.version.map_or("null".into(), |v| v.to_string()),
        truth["version"].to_string(),
    );
    if let Some(serial) = truth["serial_hex"].as_str() {
        compare(
            "serial",
            certificate.serial.as_ref().unwrap().hex.clone(),
            serial.to_owned(),
        );
    }
    if truth["field_errors"].get("subject_cn").is_none() {
        let ours: Vec<&str> = certificate.subject.common_names().collect();
        if let Some(theirs) = truth["subject_cn"].as_array() {
            compare(
                "cn",
                format!("{ours:?}"),
                format!(
                    "{:?}",
                    theirs.iter().filter_map(Value::as_str).collect::<Vec<_>>()
                ),
            );
        }
    }
    if truth["field_errors"].get("extensions").is_none() {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for name in certificate.extensions.alt_names.iter().flatten() {
            let kind = match name {
                AltName::Dns(_) => "dns",
                AltName::Ip(_) => "ip",
                AltName::Email(_) => "email",
                AltName::Uri(_) => "uri",
                AltName::Other("directoryName") => "dirname",
                AltName::Other("otherName") => "othername",
                AltName::Other(other) => other,
            };
            *counts.entry(kind).or_default() += 1;
        }
        for kind in ["dns", "ip", "email", "uri"] {
            compare(
                &format!("san {kind}"),
                counts.get(kind).copied().unwrap_or(0).to_string(),
                truth["san_counts"][kind].as_u64().unwrap_or(0).to_string(),
            );
        }
        compare(
            "extensions",
            certificate.extensions.list.len().to_string(),
            truth["extensions"].to_string(),
        );
        if truth["ca"].is_boolean() {
            compare(
                "ca",
                certificate.extensions.ca.unwrap_or(false).to_string(),
                truth["ca"].to_string(),
            );
        }
    }
    if let (Some(key), Some(kind)) = (&certificate.key, truth["key_type"].as_str()) {
        let ours = match (&*key.kind, &key.curve) {
            ("EC", Some(curve)) => format!("EC {curve}"),
            (kind, _) => kind.to_owned(),
        };
        if !kind.starts_with("ML") {
            compare("key", ours, kind.to_owned());
        }
        if let Some(bits) = truth["key_bits"].as_u64() {
            compare("bits", key.bits.to_string(), bits.to_string());
        }
        // The index's reader writes the key anew, with the NULL that these two lack.
        let rewritten = cert::lints(certificate)
            .iter()
            .any(|l| l.id == "cert.key_rsa_parameters");
        if let Some(spki) = truth["spki_sha256"].as_str().filter(|_| !rewritten) {
            compare("spki", key.spki_sha256.clone(), spki.to_owned());
        }
    } else if certificate.key.is_none() && truth["key_type"].is_string() {
        compare("key", "none".into(), text(truth, "key_type").into());
    }
    if let Some(oid) = truth["signature_oid"].as_str() {
        compare(
            "algorithm",
            certificate.signature_oid.clone().unwrap_or_default(),
            oid.to_owned(),
        );
        if let Some(name) = truth["signature_algorithm"]
            .as_str()
            .filter(|n| !n.contains("GOST"))
        {
            compare(
                "algorithm name",
                certificate.signature_algorithm.clone().unwrap_or_default(),
                name.to_owned(),
            );
        }
    }
    for (field, ours) in [
        ("not_before", certificate.not_before),
        ("not_after", certificate.not_after),
    ] {
        if let Some(theirs) = truth[field].as_str() {
            let at = handlens::session::figures::parse_rfc3339(theirs).map(|m| m / 1_000_000);
            compare(
                field,
                format!("{:?}", ours.map(|m| m.unix_s)),
                format!("{at:?}"),
            );
        }
    }
    out
}

#[test]
fn fields_agree_with_the_index() {
    let Some(folder) = corpora() else { return };
    let (mut checked, mut agreed) = (0, 0);
    let mut said: Vec<String> = Vec::new();
    for entry in index(&folder.join("index.jsonl")) {
        let file = text(&entry, "file");
        if !folder.join(file).is_file() {
            continue;
        }
        let found = read(&folder, file);
        for certificate in found.certificates() {
            assert!(
                certificate.size_tree().adds_up(),
                "{file}: sizes do not add up"
            );
            let sum: usize = cert::flat(certificate.size_tree())
                .iter()
                .map(|f| f.1)
                .sum();
            assert_eq!(sum, certificate.der_bytes(), "{file}");
        }
        for truth in truths(&entry) {
            if truth["openssl_parses"] != true || truth["cryptography_parses"] != true {
                continue;
            }
            checked += 1;
            let sha = text(truth, "sha256");
            let Some(ours) = found.certificates().find(|c| c.sha256 == sha) else {
                said.push(format!("{file}: not found"));
                continue;
            };
            let differences = differences(ours, truth);
            if differences.is_empty() {
                agreed += 1;
            } else {
                said.push(format!("{file}: {}", differences.join("; ")));
            }
        }
    }
    println!("fields: {agreed} of {checked} certificates agree");
    for line in &said {
        println!("  {line}");
    }
    assert!(checked > 1_900);
    assert_eq!(agreed, checked);
}

#[test]
fn numbers_in_source_code_are_certificates() {
    let Some(folder) = corpora() else { return };
    let mut bad = Vec::new();
    let list = index(&folder.join("c-arrays/index.jsonl"));
    for entry in &list {
        let file = text(entry, "file");
        let found = read(&folder, file);
        if !found
            .certificates()
            .any(|c| c.sha256 == text(entry, "sha256"))
        {
            bad.push(format!("{file}: {:?}", found.problems));
        }
    }
    assert!(bad.is_empty(), "{} of {}: {bad:#?}", bad.len(), list.len());
}

#[test]
fn damage_is_named() {
    let Some(folder) = corpora() else { return };
    let list = index(&folder.join("malformed/index.jsonl"));
    let (mut named, mut unnamed) = (0, Vec::new());
    for entry in &list {
        let file = text(entry, "file");
        let found = read(&folder, file);
        let mutation = text(entry, "mutation");
        if let Some(sha) = entry["sha256"].as_str() {
            assert!(
                found.certificates().any(|c| c.sha256 == sha),
                "{file}: the certificate was not found: {:?}",
                found.problems
            );
        }
        let told = found
            .problems
            .iter()
            .chain(found.certificates().flat_map(|c| &c.problems))
            .any(|p| {
                p.severity == Severity::Error
                    || mutation.starts_with("pem ") && p.severity > Severity::Note
                    || mutation == "pem crlf" && p.id == "file.crlf"
            });
        // A changed byte that still parses shows only in the signature.
        if told || mutation == "bitflip" {
            named += 1;
        } else {
            unnamed.push(format!("{file} ({mutation})"));
        }
    }
    println!("damage: {named} of {} named; not: {unnamed:?}", list.len());
    assert!(named * 100 >= list.len() * 95);
}

#[test]
fn keys_requests_and_lists_are_recognised() {
    let Some(folder) = corpora() else { return };
    let (mut checked, mut bad) = (0, Vec::new());
    for entry in index(&folder.join("index.jsonl")) {
        let file = text(&entry, "file");
        let wanted: Vec<&Value> = entry["objects"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|o| o["cryptography_parses"] == true && o["kind"] != "certificate")
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let found = read(&folder, file);
        for truth in wanted {
            let kind = match text(truth, "kind") {
                "private key" => "private_key",
                "public key" => "public_key",
                "csr" => "certificate_request",
                other => other,
            };
            checked += 1;
            let spki = truth["spki_sha256"].as_str();
            let same = found.objects.iter().any(|o| {
                o.content.kind() == kind
                    && match (&o.content, spki) {
                        (Content::PrivateKey(k), Some(spki)) => {
                            k.spki_sha256.as_deref().is_none_or(|own| own == spki)
                        }
                        (Content::PublicKey(k), Some(spki)) => k.spki_sha256 == spki,
                        _ => true,
                    }
            });
            if !same {
                bad.push(format!(
                    "{file}: {kind} and not {:?}",
                    found
                        .objects
                        .iter()
                        .map(|o| o.content.kind())
                        .collect::<Vec<_>>()
                ));
            }
        }
    }
    println!("other objects: {} of {checked}", checked - bad.len());
    assert!(bad.len() * 100 <= checked, "{bad:#?}");
}

#[test]
fn chains_are_ordered() {
    let Some(folder) = corpora() else { return };
    let list = index(&folder.join("chains/index.jsonl"));
    let mut bad = Vec::new();
    let sha = |file: &CertFile, path: &[usize]| -> Vec<String> {
        let all: Vec<&Certificate> = file.certificates().collect();
        path.iter().map(|i| all[*i].sha256.clone()).collect()
    };
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in list.iter().filter(|e| e["variant"] == "sent") {
        let found = read(&folder, text(entry, "file"));
        let all = found.certificates().map(|c| c.sha256.clone()).collect();
        sent.insert(text(entry, "host").into(), all);
    }
    for entry in &list {
        let file = text(entry, "file");
        let found = [read(&folder, file)];
        let inspection = Inspection::of(&found, &Question::default());
        let chain = inspection.chain.as_ref().unwrap();
        let path = sha(&found[0], &chain.found);
        let truth = &sent[text(entry, "host")];
        let variant = text(entry, "variant");
        let order = inspection.order;
        let right = match variant {
            "sent" => {
                entry["in_order"] == (order == ChainOrder::Right || order == ChainOrder::Single)
            }
            "leaf-only" => order == ChainOrder::Single && inspection.missing.len() == 1,
            "reversed" => order == ChainOrder::Wrong || truth.len() == 1,
            _ => order == ChainOrder::Wrong && !inspection.extra.is_empty(),
        };
        if !right
            || path.first() != truth.first()
            || variant != "leaf-only" && !truth.starts_with(&path)
        {
            bad.push(format!("{file}: {order:?}, path of {}", path.len()));
        }
        if !chain.links.iter().all(|l| *l != SignatureCheck::Bad) {
            bad.push(format!("{file}: signature"));
        }
    }
    println!("chains: {} of {} right", list.len() - bad.len(), list.len());
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn keys_pair_with_their_certificates() {
    let Some(folder) = corpora() else { return };
    let entries = index(&folder.join("index.jsonl"));
    let spki = |kind: &str| -> Vec<(String, String)> {
        entries
            .iter()
            .filter(|e| text(e, "file").starts_with("mbedtls/"))
            .flat_map(|e| {
                e["objects"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|o| o["kind"] == kind && o["spki_sha256"].is_string())
                    .map(|o| {
                        (
                            text(e, "file").to_owned(),
                            text(o, "spki_sha256").to_owned(),
                        )
                    })
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let (keys, certificates) = (spki("private key"), spki("certificate"));
    let mut names: Vec<&str> = keys
        .iter()
        .chain(&certificates)
        .map(|(f, _)| f.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let files: Vec<CertFile> = names.iter().map(|f| read(&folder, f)).collect();
    let mut ours: Vec<(String, String)> = Vec::new();
    for pair in cert::pairs(&files) {
        if pair.kind != "private_key" {
            continue;
        }
        for (file, _) in pair.certificates {
            ours.push((names[pair.of.0].to_owned(), names[file].to_owned()));
        }
    }
    let mut wanted = 0;
    let mut missed = Vec::new();
    for (key, key_spki) in &keys {
        for (certificate, spki) in &certificates {
            if spki == key_spki {
                wanted += 1;
                if !ours.iter().any(|(k, c)| k == key && c == certificate) {
                    missed.push(format!("{key} and {certificate}"));
                }
            } else {
                let both = |f: &str| certificates.iter().any(|(c, s)| c == f && s == key_spki);
                assert!(
                    both(certificate)
                        || keys.iter().any(|(k, s)| k == key && s == spki)
                        || !ours.iter().any(|(k, c)| k == key && c == certificate),
                    "{key} and {certificate} do not belong together"
                );
            }
        }
    }
    println!("pairs: {} of {wanted}", wanted - missed.len());
    assert!(wanted > 100);
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Cases whose rules stand in the baseline requirements of the CA/Browser Forum are asked of that
/// profile, the others of RFC 5280 alone; where the two say the opposite, limbo has a case of each.
fn profile_of(id: &str) -> Profile {
    if id.starts_with("webpki::") || id.starts_with("online::") {
        Profile::WebPki
    } else {
        Profile::Rfc5280
    }
}

/// Cases that the strict engine decides otherwise, each for a rule that it will not give up.
const DIFFERS: [(&str, &str); 4] = [
    // The trusted "Root A" is cross-signed and has no authorityKeyIdentifier; limbo refuses the
    // same certificate in rfc5280::aki::cross-signed-root-missing-aki.
    ("cve::cve-2024-0567", "cert.authority_key_id_missing"),
    // Their common name example.com is not in subjectAltName, which BR section 7.1.4.3 forbids and
    // limbo refuses in webpki::cn::not-in-san.
    (
        "webpki::nc::nc-permits-dns-san-pattern",
        "cert.cn_not_in_names",
    ),
    (
        "webpki::san::exact-localhost-ip-san",
        "cert.cn_not_in_names",
    ),
    ("webpki::san::leftmost-wildcard-san", "cert.cn_not_in_names"),
];

#[test]
fn the_path_engines_agree_with_limbo() {
    let Some(folder) = corpora() else { return };
    let limbo: Value =
        serde_json::from_slice(&fs::read(folder.join("x509-limbo/limbo.json")).unwrap()).unwrap();
    let (mut agreed, mut plain, mut checked, mut differ) = (0, 0, 0, Vec::new());
    let mut unexplained: Vec<String> = Vec::new();
    for case in limbo["testcases"].as_array().unwrap() {
        let pem = |v: &Value| cert::read("x", v.as_str().unwrap_or_default().as_bytes());
        let many = |key: &str| -> Vec<CertFile> {
            case[key].as_array().unwrap().iter().map(pem).collect()
        };
        let mut files = vec![pem(&case["peer_certificate"])];
        files.extend(many("untrusted_intermediates"));
        let trusted = many("trusted_certs");
        let lists = many("crls");
        let Some(leaf) = files[0].certificates().next() else {
            continue;
        };
        let others: Vec<&Certificate> =
            files[1..].iter().flat_map(CertFile::certificates).collect();
        let anchors: Vec<&Certificate> = trusted.iter().flat_map(CertFile::certificates).collect();
        let crls: Vec<&Crl> = lists
            .iter()
            .flat_map(|f| &f.objects)
            .filter_map(|o| match &o.content {
                Content::Crl(crl) => Some(&**crl),
                _ => None,
            })
            .collect();
        let at = case["validation_time"].as_str().map_or(1_780_000_000, |t| {
            handlens::session::figures::parse_rfc3339(t).unwrap() / 1_000_000
        });
        let host = case["expected_peer_name"]["value"].as_str();
        let id = text(case, "id");
        let wanted = case["expected_result"] == "SUCCESS";
        checked += 1;
        if (cert::check_path(leaf, &others, &anchors, at, host) == PathCheck::Verified) == wanted {
            plain += 1;
        }
        let started = std::time::Instant::now();
        let strict = cert::check_strictly(&StrictQuestion {
            leaf,
            others: &others,
            trusted: &anchors,
            crls: &crls,
            at_unix_s: at,
            host,
            usage: if case["validation_kind"] == "CLIENT" {
                PathUse::Client
            } else {
                PathUse::Server
            },
            profile: profile_of(id),
            most_between: case["max_chain_depth"]
                .as_u64()
                .map(|n| usize::try_from(n).unwrap()),
        });
        assert!(
            started.elapsed() < std::time::Duration::from_secs(30),
            "{id}: {:?}",
            started.elapsed()
        );
        if (strict.check == PathCheck::Verified) == wanted {
            agreed += 1;
        } else {
            let rule = strict.rule.clone().unwrap_or_default();
            if !DIFFERS.iter().any(|(i, r)| *i == id && *r == rule) {
                unexplained.push(id.to_owned());
            }
            differ.push(format!("{id}: {strict:?}"));
        }
    }
    println!("limbo: {plain} of {checked} agree; {}", cert::PATH_ENGINE);
    println!(
        "limbo: {agreed} of {checked} agree; {}",
        cert::STRICT_ENGINE
    );
    for line in &differ {
        println!("  {line}");
    }
    assert!(checked > 180);
    // What webpki does not ask for stays open there; less than this is a fault of the caller.
    assert!(plain >= 140, "{plain}");
    assert_eq!(unexplained, Vec::<String>::new());
    assert!(agreed * 100 >= checked * 95, "{agreed}");
}

/// The model of OpenSSL's name check against OpenSSL itself.
#[test]
fn names_are_judged_as_openssl_does() {
    let Some(folder) = corpora() else { return };
    if std::process::Command::new("openssl")
        .arg("version")
        .output()
        .is_err()
    {
        println!("SKIPPED: no openssl program");
        return;
    }
    let mut files: Vec<String> = index(&folder.join("index.jsonl"))
        .iter()
        .map(|e| text(e, "file").to_owned())
        .filter(|f| f.starts_with("zlint/") && f.ends_with(".pem"))
        .collect();
    files.sort();
    let plain = |s: &str| {
        !s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
            && !s.starts_with('-')
    };
    let (mut checked, mut differ) = (0, Vec::new());
    for file in files.iter().step_by(12) {
        let found = read(&folder, file);
        let Some(leaf) = found.certificates().next() else {
            continue;
        };
        let mut hosts: Vec<String> = leaf
            .extensions
            .dns_names()
            .take(2)
            .chain(leaf.subject.common_name())
            .flat_map(|n| {
                [
                    n.replace('*', "foo"),
                    n.replace('*', "a.b"),
                    n.to_uppercase(),
                ]
            })
            .collect();
        hosts.extend(leaf.extensions.addresses().take(1).map(cert::address_text));
        hosts.sort();
        hosts.dedup();
        for host in hosts.iter().filter(|h| plain(h)) {
            let address = host.parse::<std::net::IpAddr>().is_ok();
            let said = std::process::Command::new("openssl")
                .args(["x509", "-noout", "-in"])
                .arg(folder.join(file))
                .args([if address { "-checkip" } else { "-checkhost" }, host])
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&said.stdout).into_owned();
            if !said.contains("match") {
                continue;
            }
            let id = if address {
                "openssl-ip"
            } else {
                "openssl-host"
            };
            let ours = cert::name_checks(leaf, host)
                .into_iter()
                .find(|c| c.id == id)
                .unwrap()
                .verdict;
            checked += 1;
            if (ours == cert::NameVerdict::Match) == said.contains("does NOT") {
                differ.push(format!("{file} {host}: {ours:?}"));
            }
        }
    }
    println!("names: {} of {checked} as OpenSSL", checked - differ.len());
    assert!(checked > 50);
    assert!(differ.is_empty(), "{differ:#?}");
}
