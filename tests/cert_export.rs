//! Certificates out again: every form is read back, by this program and by OpenSSL.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use handlens::cert::{
    self, CertFile, Certificate, ExportForm, ExportWish, export, scripts, stored_fit, write_export,
};
use handlens::device::DeviceList;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/certs")
        .join(name)
}

fn file(name: &str) -> CertFile {
    cert::read(name, &std::fs::read(fixture(name)).unwrap())
}

fn openssl(arguments: &[&str]) -> Option<Output> {
    let output = Command::new("openssl").args(arguments).output().ok();
    if output.is_none() {
        println!("SKIPPED: openssl is not installed");
    }
    output
}

fn wish(form: ExportForm) -> ExportWish {
    ExportWish {
        form,
        ..ExportWish::default()
    }
}

fn hashes(file: &CertFile) -> Vec<String> {
    file.certificates().map(|c| c.sha256.clone()).collect()
}

#[test]
fn every_form_reads_back_as_the_same_certificates_in_the_order_of_the_path() {
    let (chain, root) = (file("chain.pem"), file("root.pem"));
    let right: Vec<&Certificate> = chain.certificates().chain(root.certificates()).collect();
    // Root first, leaf last, one twice: the order that files found on a desk have.
    let heap = [right[2], right[1], right[0], right[1]];
    let wanted: Vec<&str> = right.iter().map(|c| c.sha256.as_str()).collect();
    for (form, word) in ExportForm::PLAIN {
        let files = export(&heap, &wish(form.clone()));
        let mut found = Vec::new();
        for f in &files {
            let back = cert::read(&f.name, &f.bytes);
            found.extend(hashes(&back));
            if form == ExportForm::PemCrLf {
                let text = String::from_utf8(f.bytes.clone()).unwrap();
                assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
            }
        }
        assert_eq!(found, wanted, "{word}");
        assert_eq!(
            files.len(),
            if form == ExportForm::Der { 3 } else { 1 },
            "{word}"
        );
        let alone = ExportWish {
            split: true,
            without_root: true,
            ..wish(form)
        };
        let files = export(&heap, &alone);
        assert_eq!(files.len(), 2, "{word}");
    }
    let nul = ExportWish {
        nul: true,
        ..wish(ExportForm::Pem)
    };
    assert_eq!(export(&heap, &nul)[0].bytes.last(), Some(&0));
    // A root that is all there is stays.
    let only = ExportWish {
        without_root: true,
        ..ExportWish::default()
    };
    assert_eq!(export(&[right[2]], &only).len(), 1);
    assert!(export(&[], &only).is_empty());
}

#[test]
fn openssl_reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let small = file("small.pem");
    let certificates: Vec<&Certificate> = small.certificates().collect();
    for (form, encoding) in [
        (ExportForm::Pem, "pem"),
        (ExportForm::PemCrLf, "pem"),
        (ExportForm::Der, "der"),
    ] {
        let named = ExportWish {
            hash_names: true,
            ..wish(form)
        };
        let files = export(&certificates, &named);
        let name = &files[0].name;
        let hash = &certificates[0].sha256[..8];
        assert!(
            name.contains(&format!("-{}-{hash}.", certificates[0].der_bytes())),
            "{name}"
        );
        let paths = write_export(&files, folder.path(), true).unwrap();
        let path = paths[0].to_string_lossy().into_owned();
        let asked = [
            "x509",
            "-inform",
            encoding,
            "-in",
            &path,
            "-noout",
            "-fingerprint",
            "-sha256",
        ];
        let Some(output) = openssl(&asked) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout)
            .replace(':', "")
            .to_lowercase();
        assert!(said.contains(&certificates[0].sha256), "{said}");
    }
}

#[test]
fn nothing_that_is_there_is_replaced_without_asking() {
    let folder = tempfile::tempdir().unwrap();
    let small = file("small.pem");
    let certificates: Vec<&Certificate> = small.certificates().collect();
    let files = export(&certificates, &ExportWish::default());
    let there = folder.path().join(&files[0].name);
    std::fs::write(&there, "mine").unwrap();
    let error = write_export(&files, folder.path(), false).unwrap_err();
    assert!(error.to_string().starts_with("One file is there already: "));
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
    write_export(&files, folder.path(), true).unwrap();
    assert_eq!(std::fs::read(&there).unwrap(), files[0].bytes);
    let error = write_export(&files, &there, true).unwrap_err();
    assert!(error.to_string().ends_with("Choose another folder."));
}

/// Lines of a script that are sent.
fn sent(script: &str) -> Vec<&str> {
    script
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .collect()
}

#[test]
fn scripts_name_the_size_that_is_sent_and_hold_no_key() {
    let (root, small) = (file("root.pem"), file("small.pem"));
    let certificates: Vec<&Certificate> = root.certificates().chain(small.certificates()).collect();
    for script in scripts() {
        let files = export(&certificates, &wish(ExportForm::Script(script.id.clone())));
        let text = String::from_utf8(files[0].bytes.clone()).unwrap();
        assert!(text.contains(&script.source), "{}", script.id);
        assert!(!text.contains("PRIVATE KEY"), "{}", script.id);
        assert!(!text.contains('{') && !text.contains('}'), "{text}");
        for sent_file in &files[1..] {
            let back = cert::read(&sent_file.name, &sent_file.bytes);
            assert_eq!(back.certificates().count(), 1);
            let size = format!("{} bytes", sent_file.bytes.len());
            assert!(text.contains(&size), "{}: {size}", script.id);
            assert!(sent_file.name.len() <= 32, "{}", sent_file.name);
        }
        assert!(files.len() >= 2, "{}", script.id);
    }
    let files = export(&certificates, &wish(ExportForm::Script("ublox".into())));
    let text = String::from_utf8(files[0].bytes.clone()).unwrap();
    let size = certificates.iter().find(|c| c.is_ca()).unwrap().der_bytes();
    let wanted = format!("AT+USECMNG=0,0,\"handlens-test-root.der\",{size}");
    assert!(sent(&text).contains(&wanted.as_str()), "{text}");
    // A step that needs a client certificate is left out where there is none.
    let ca: Vec<&Certificate> = root.certificates().collect();
    let files = export(&ca, &wish(ExportForm::Script("ublox".into())));
    let text = String::from_utf8(files[0].bytes.clone()).unwrap();
    assert!(
        !sent(&text).iter().any(|l| l.starts_with("AT+USECPRF=0,5")),
        "{text}"
    );
}

#[test]
fn what_a_certificate_says_never_becomes_a_command_or_leaves_a_comment() {
    let mut params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let hostile = "x\r\nAT+CFUN=0\r\n*/ int evil; /*\" ../../etc/passwd";
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, hostile);
    let key = rcgen::KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    let read = cert::read("evil.der", &der);
    let certificates: Vec<&Certificate> = read.certificates().collect();
    assert_eq!(certificates.len(), 1);
    for script in scripts() {
        let files = export(&certificates, &wish(ExportForm::Script(script.id.clone())));
        let text = String::from_utf8(files[0].bytes.clone()).unwrap();
        assert!(
            !sent(&text).iter().any(|l| l.starts_with("AT+CFUN=0")),
            "{text}"
        );
    }
    for (form, _) in ExportForm::PLAIN {
        for f in export(&certificates, &wish(form)) {
            assert!(
                !f.name.contains(['/', '\\', '"', '\r', '\n', ' ']),
                "{}",
                f.name
            );
            if f.name.ends_with(".h") {
                let text = String::from_utf8(f.bytes).unwrap();
                assert!(
                    text.contains("int evil") && !text.contains("*/ int evil"),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_device_gets_its_own_form_and_its_limits() {
    let devices = DeviceList::embedded();
    let profile = devices.get("spwf04sx").unwrap();
    let wanted = ExportWish::for_device(profile);
    assert_eq!(wanted.form, ExportForm::Script("spwf04".into()));
    let chain = file("chain.pem");
    let certificates: Vec<&Certificate> = chain.certificates().collect();
    let files = export(&certificates, &wish(ExportForm::Pem));
    let over: Vec<u64> = stored_fit(&files[0], profile)
        .into_iter()
        .filter_map(|(_, over)| over)
        .collect();
    assert!(!over.is_empty());
    let size = files[0].bytes.len() as u64;
    assert!(over.contains(&(size - 2_560)), "{over:?} of {size}");
}

fn cli(arguments: &[&str]) -> (Value, i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_handlens-cli"))
        .arg("certs")
        .args(arguments)
        .args(["--json", "--at", "2027-06-01T00:00:00Z"])
        .output()
        .unwrap();
    let status = output.status.code().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if status == 2 {
        return (Value::Null, 2, said);
    }
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../assets/schema/certs.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (value, status, said)
}

#[test]
fn the_command_line_writes_and_says_what() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_string_lossy().into_owned();
    let path = |name: &str| fixture(name).to_string_lossy().into_owned();
    let base = [&path("small.pem")[..], &path("small.key"), "--export", &out];
    let (value, status, _) = cli(&[&base[..], &["--form", "der"]].concat());
    assert_eq!(status, 0);
    let written = value["exported"].as_array().unwrap();
    assert_eq!(written.len(), 1);
    let first = std::fs::read(written[0]["path"].as_str().unwrap()).unwrap();
    assert_eq!(first, file("small.pem").certificates().next().unwrap().der);
    let (_, status, said) = cli(&[&base[..], &["--form", "der"]].concat());
    assert_eq!(status, 2);
    assert!(
        said.contains("there already") && said.contains("--replace"),
        "{said}"
    );
    assert_eq!(
        cli(&[&base[..], &["--form", "der", "--replace"]].concat()).1,
        0
    );
    assert_eq!(cli(&[&base[..], &["--form", "at"]].concat()).1, 2);
    let (value, status, _) = cli(&[&base[..], &["--form", "at", "--modem", "nrf91"]].concat());
    assert_eq!(status, 0);
    assert_eq!(value["exported"][0]["name"], "load-nrf91.txt");
    assert_eq!(cli(&[&base[..], &["--modem", "toaster"]].concat()).1, 2);
    // Nothing of the key is in the folder.
    let key = std::fs::read_to_string(fixture("small.key")).unwrap();
    let digits = key.lines().nth(1).unwrap();
    for entry in std::fs::read_dir(&out).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(&digits[..20]) && !text.contains("PRIVATE"));
    }
}
