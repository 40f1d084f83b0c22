//! A report goes to other people: it is complete, it runs nothing, it loads nothing, and no secret
//! that the log held is in it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use handlens::evidence::InputId;
use handlens::knowledge::Knowledge;
use handlens::report::{LeaveOut, Page, ReportForm, ReportSource, page, write_report};
use handlens::session::figures::parse_rfc3339;
use handlens::session::{Case, CaseFiles, Snapshot};

/// Planted in the log below; none may come out in any form.
const SECRETS: &[&str] = &[
    "MHcCAQEEIPlanted0Key",
    "hay-and-oats",
    "tractor99",
    "eyJhbGciOiJIUzI1NiJ9",
    "AKIAPLANTED000000001",
    "pLaNtEdSig",
    "490154203237518",
    "8944501234567890123",
    "262011234567890",
    "5ec7e7005ec7e700",
    "4f2c9d3e8a7b6c5d",
    "203.0.113.77",
];

const HOSTILE: &str = "<script>alert(1)</script> <img src=http://evil.test/x> [a](javascript:1) `x` | **b** \u{202e}gnp.exe";

fn log() -> String {
    let key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPlanted0KeyPlanted0KeyPlanted0Key\n-----END EC PRIVATE KEY-----";
    format!(
        "[0.001] app: {HOSTILE}\n\
         [0.002] app: wifi_password: \"hay-and-oats\"\n\
         [0.003] app: mqtts://farm:tractor99@greenhouse.handlens.test:8883\n\
         [0.004] app: Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwdW1wIn0.c2lnbmF0dXJl\n\
         [0.005] app: key id AKIAPLANTED000000001, url https://x.test/?sig=pLaNtEdSig%3D\n\
         [0.006] modem: IMEI: 490154203237518 +CCID: 8944501234567890123 IMSI 262011234567890\n\
         CLIENT_RANDOM 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 5ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e7005ec7e700\n\
         [0.007] app: psk=4f2c9d3e8a7b6c5d, connecting to 203.0.113.77\n\
         {key}\n{}",
        std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/unknown-ca.log"
        ))
        .unwrap()
    )
}

struct Made {
    files: CaseFiles,
    snapshot: Snapshot,
}

fn made(log: &str) -> Made {
    let case = Case::new(Arc::new(Knowledge::embedded()), Vec::new());
    let mut files = CaseFiles::new(case);
    files
        .open_reader("device <b>.log", &mut log.as_bytes())
        .unwrap();
    let snapshot = files.snapshot(parse_rfc3339("2026-11-21T12:00:00Z").unwrap());
    Made { files, snapshot }
}

impl Made {
    fn with<T>(&self, make: impl FnOnce(&ReportSource<'_>) -> T) -> T {
        make(&ReportSource {
            snapshot: &self.snapshot,
            line: &|id: InputId, line| self.files.line(id, line),
            sha256: &|id| self.files.sha256(id),
        })
    }

    fn text(&self, form: ReportForm, leave_out: LeaveOut) -> String {
        self.with(|s| write_report(s, form, leave_out))
    }

    fn page(&self, leave_out: LeaveOut) -> Page {
        self.with(|s| page(s, leave_out))
    }
}

fn with_log() -> LeaveOut {
    LeaveOut {
        raw_log: false,
        ..LeaveOut::default()
    }
}

const FORMS: [ReportForm; 3] = [ReportForm::Html, ReportForm::Markdown, ReportForm::Json];

#[test]
fn no_planted_secret_comes_out_in_any_form() {
    let made = made(&log());
    for form in FORMS {
        for leave_out in [LeaveOut::default(), with_log()] {
            let text = made.text(form, leave_out);
            for secret in SECRETS {
                assert!(!text.contains(secret), "{secret} in {form:?}");
            }
        }
    }
}

#[test]
fn the_manifest_says_what_was_blanked() {
    let page = made(&log()).page(with_log());
    let told: Vec<&str> = page.blanked.iter().map(|b| b.what.as_str()).collect();
    for what in [
        "private key",
        "password",
        "token",
        "AWS key",
        "IMEI",
        "ICCID",
        "IMSI",
        "session secret",
        "pre-shared key",
        "Wi-Fi password",
        "address",
    ] {
        assert!(told.contains(&what), "{what} is not in {told:?}");
    }
    assert_eq!(page.left_out[2], "shown");
    assert_eq!(page.left_out[3], "3 found");
    assert_eq!(page.left_out[4], "part of the report");
}

#[test]
fn switches_show_what_they_name_and_keys_never() {
    let made = made(&log());
    let open = LeaveOut {
        secrets: false,
        addresses: false,
        hosts: true,
        identities: false,
        raw_log: false,
    };
    let text = made.text(ReportForm::Markdown, open);
    assert!(text.contains("203.0.113.77") && text.contains("490154203237518"));
    assert!(text.contains("hay-and-oats"));
    assert!(!text.contains("greenhouse.handlens.test"));
    assert!(!text.contains("MHcCAQEEIPlanted0Key") && !text.contains("5ec7e7005ec7e700"));
}

#[test]
fn html_runs_nothing_and_loads_nothing() {
    let html = made(&log()).text(ReportForm::Html, with_log());
    assert!(html.contains("Content-Security-Policy") && html.contains("default-src 'none'"));
    let lower = html.to_lowercase();
    for tag in [
        "<script", "<img", "<link", "<iframe", "<object", "<embed", "<a ", "<form", "<base", "<svg",
    ] {
        assert!(!lower.contains(tag), "{tag}");
    }
    let loads = regex::Regex::new(r"<[a-z][^>]*\s(?:src|href|srcset|on[a-z]+)\s*=").unwrap();
    assert!(!loads.is_match(&lower), "{:?}", loads.find(&lower));
    let style = &lower[lower.find("<style>").unwrap()..lower.find("</style>").unwrap()];
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert!(
        html.contains("&lt;script&gt;"),
        "hostile text is shown as text"
    );
    assert!(!html.contains('\u{202e}') && html.contains("U+202E"));
    assert!(html.contains("device &lt;b&gt;.log"));
}

#[test]
fn markdown_stays_text() {
    let md = made(&log()).text(ReportForm::Markdown, with_log());
    // Quoted lines are code spans, the raw log is one fenced block.
    let mut fenced = false;
    let outside_code: String = md
        .lines()
        .filter(|l| {
            let fence = l.starts_with("```");
            fenced ^= fence;
            !fenced && !fence && !l.trim_start().starts_with("- `")
        })
        .collect::<Vec<_>>()
        .join("\n");
    assert!(!fenced, "a fence is left open");
    assert!(!outside_code.contains("<script") && !outside_code.contains("](javascript"));
    assert!(outside_code.contains("device &lt;b&gt;.log"));
    assert!(!md.contains('\u{202e}'));
}

#[test]
fn a_report_says_all_that_was_found() {
    let made = made(&log());
    let md = made.text(ReportForm::Markdown, LeaveOut::default());
    for heading in [
        "## Likely causes",
        "## What to do next",
        "## Handshake, attempt 1",
        "## Ruled out",
        "## Way through the questions",
        "## All facts",
        "## Inputs",
        "## What was left out",
    ] {
        assert!(md.contains(heading), "{heading} is missing:\n{md}");
    }
    assert!(md.contains("alert 48 (unknown"));
    let hash = made.files.sha256(InputId(0)).unwrap();
    assert!(md.contains(&hash));
    let value: serde_json::Value =
        serde_json::from_str(&made.text(ReportForm::Json, LeaveOut::default())).unwrap();
    assert_eq!(value["schema"], "handlens.report/1");
    assert_eq!(value["hashes"][0]["sha256"], hash.as_str());
    let cause = value["diagnosis"]["causes"][0]["id"].as_str().unwrap();
    assert!(
        cause.starts_with("cert."),
        "ids are not taken for host names: {cause}"
    );
}

#[test]
fn ids_survive_the_redaction_of_host_names() {
    let hosts = LeaveOut {
        hosts: true,
        ..LeaveOut::default()
    };
    let value: serde_json::Value =
        serde_json::from_str(&made(&log()).text(ReportForm::Json, hosts)).unwrap();
    assert!(
        value["diagnosis"]["causes"][0]["id"]
            .as_str()
            .unwrap()
            .starts_with("cert.")
    );
}

#[test]
fn the_same_input_gives_the_same_report() {
    for form in FORMS {
        assert_eq!(
            made(&log()).text(form, with_log()),
            made(&log()).text(form, with_log())
        );
    }
}

#[test]
fn a_session_without_anything_makes_a_report_too() {
    let mut files = CaseFiles::new(Case::new(Arc::new(Knowledge::embedded()), Vec::new()));
    let snapshot = files.snapshot(0);
    let made = Made { files, snapshot };
    for form in FORMS {
        assert!(!made.text(form, LeaveOut::default()).is_empty());
    }
    assert_eq!(made.page(LeaveOut::default()).question, "");
}
