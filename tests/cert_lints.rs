//! Lints: each rule on certificates made for it, and agreement with the file names of zlint's
//! test data, where they are at hand beside the package.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use handlens::cert::{self, Certificate, LintList, Severity};

fn ids(certificate: &Certificate) -> Vec<&'static str> {
    cert::lints(certificate).iter().map(|l| l.id).collect()
}

fn zlint() -> Option<PathBuf> {
    let folder = std::env::var_os("HANDLENS_SHARED")
        .map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
            PathBuf::from,
        )
        .join("corpora/zlint");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no ../shared/corpora/zlint beside the package");
    None
}

#[test]
fn verdicts_agree_with_the_names_of_zlints_files() {
    let Some(folder) = zlint() else { return };
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut differ = Vec::new();
    for row in include_str!("certs/zlint-verdicts.txt").lines() {
        if row.starts_with('#') {
            continue;
        }
        let mut words = row.split_whitespace();
        let (id, broken) = (words.next().unwrap(), words.next().unwrap() == "+");
        assert!(
            LintList::embedded().ids().any(|i| i == id),
            "{id} is no rule"
        );
        for name in words {
            let path = folder.join(format!("{name}.pem"));
            let Ok(bytes) = std::fs::read(&path) else {
                differ.push(format!("{id}: no file {name}"));
                continue;
            };
            let file = cert::read(name, &bytes);
            let told = file.certificates().next().map(ids);
            let (agreed, all) = table.entry(id).or_default();
            *all += 1;
            if told.as_ref().is_some_and(|t| t.contains(&id) == broken) {
                *agreed += 1;
            } else {
                differ.push(format!("{id} {broken} {name}: {told:?}"));
            }
        }
    }
    let (agreed, all) = table.values().fold((0, 0), |(a, b), (x, y)| (a + x, b + y));
    for (id, (agreed, all)) in &table {
        println!("{id:<44}{agreed:>3} of {all}");
    }
    println!(
        "zlint: {agreed} of {all} verdicts of {} rules agree",
        table.len()
    );
    for line in &differ {
        println!("  {line}");
    }
    assert!(all > 240, "{all}");
    assert!(agreed == all, "{agreed} of {all}");
}

#[test]
fn a_good_certificate_breaks_no_rule_of_weight() {
    for pem in [
        include_str!("certs/leaf-66-names.pem"),
        include_str!("certs/chain.pem"),
    ] {
        let file = cert::read("x", pem.as_bytes());
        for certificate in file.certificates() {
            let heavy: Vec<_> = cert::lints(certificate)
                .into_iter()
                .filter(|l| l.severity == Severity::Error)
                .collect();
            assert!(heavy.is_empty(), "{heavy:?}");
        }
    }
}

#[test]
fn a_lint_says_figure_meaning_and_source() {
    let file = cert::read("x", include_bytes!("certs/cn-is-ip.pem"));
    let certificate = file.certificates().next().unwrap();
    let lint = cert::lints(certificate)
        .into_iter()
        .find(|l| l.id == "cert.date_over_2038")
        .unwrap();
    assert!(lint.sentence.contains("reads -"), "{}", lint.sentence);
    assert!(!lint.sentence.contains('{'), "{}", lint.sentence);
    assert!(!lint.why.is_empty() && !lint.source.is_empty());
}
