//! Which room of the house may import which. This table is the only place where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room → rooms that it may name. `ui` and `cli` sit at the end of the way and may read the types
/// of the rooms whose values a session shows.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("evidence", &[]),
    ("tls", &[]),
    ("transport", &["evidence"]),
    ("recording", &["evidence"]),
    ("knowledge", &["evidence", "tls"]),
    ("codes", &["knowledge", "tls"]),
    ("decode", &["evidence", "tls", "knowledge"]),
    ("timeline", &["evidence", "tls"]),
    ("capture", &["evidence", "tls"]),
    ("device", &["evidence", "tls", "knowledge"]),
    // The fit holds certificates against a device profile.
    ("cert", &["evidence", "tls", "knowledge", "device"]),
    ("diagnose", &["evidence", "knowledge"]),
    ("server", &["evidence", "tls", "cert", "device"]),
    (
        "session",
        &[
            "cert",
            "device",
            "capture",
            "evidence",
            "tls",
            "transport",
            "recording",
            "knowledge",
            "codes",
            "decode",
            "timeline",
            "diagnose",
            "server",
        ],
    ),
    (
        "report",
        &[
            "cert",
            "device",
            "session",
            "evidence",
            "tls",
            "timeline",
            "diagnose",
            "codes",
            "knowledge",
            "server",
        ],
    ),
    (
        "cli",
        &[
            "server",
            "session",
            "report",
            "evidence",
            "tls",
            "timeline",
            "diagnose",
            "codes",
            "knowledge",
            "cert",
            "device",
            "decode",
        ],
    ),
    (
        "ui",
        &[
            "cert",
            "device",
            "session",
            "report",
            "evidence",
            "tls",
            "timeline",
            "diagnose",
            "codes",
            "knowledge",
            "server",
            "transport",
        ],
    ),
];

/// Rooms that compute only: bytes and values in, values out.
const PURE: &[&str] = &["evidence", "tls", "decode", "timeline", "diagnose"];

/// What a room that computes only never names. (`std::net::IpAddr` is a value like any other.)
const IMPURE: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::fs",
    "std::thread",
    "std::process",
    "Instant::now",
    "SystemTime::now",
    "std::env",
];

/// The window's crates, named in `src/ui` and the window's binary alone.
const WINDOW: &[&str] = &["egui", "eframe", "rfd", "winit"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file with its path below `src/` and its code without comments and texts.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    rust_files(&root(), &mut files);
    files.sort();
    files
        .into_iter()
        .map(|f| {
            let name = f
                .strip_prefix(root())
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            (name, code_only(&fs::read_to_string(&f).unwrap()))
        })
        .collect()
}

/// Cuts comments and the contents of string literals out.
fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < bytes.len() {
        let rest = &bytes[i..];
        if rest.starts_with(&['/', '/']) {
            while i < bytes.len() && bytes[i] != '\n' {
                i += 1;
            }
        } else if rest.starts_with(&['/', '*']) {
            i += 2;
            while i < bytes.len() && !bytes[i..].starts_with(&['*', '/']) {
                i += 1;
            }
            i += 2;
        } else if let Some(hashes) = raw_string(rest) {
            let close: Vec<char> = std::iter::once('"')
                .chain(std::iter::repeat_n('#', hashes))
                .collect();
            i += hashes + 2 + usize::from(rest[0] == 'b');
            while i < bytes.len() && !bytes[i..].starts_with(&close) {
                i += 1;
            }
            i += close.len();
        } else if rest[0] == '"' {
            i += 1;
            while i < bytes.len() && bytes[i] != '"' {
                i += if bytes[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if rest.starts_with(&['\'', '"', '\'']) {
            i += 3;
        } else if rest.starts_with(&['\'', '\\', '"', '\'']) {
            i += 4;
        } else {
            out.push(rest[0]);
            i += 1;
        }
    }
    out
}

fn raw_string(rest: &[char]) -> Option<usize> {
    let rest = if rest[0] == 'b' { &rest[1..] } else { rest };
    if rest.first() != Some(&'r') {
        return None;
    }
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The rooms that a file names: `crate::room…` and the heads of `use crate::{room, …}`.
fn rooms_named(code: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut head = true;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => head = true,
                    c if depth == 1 && head && (c.is_alphanumeric() || c == '_') => {
                        word.push(c);
                        continue;
                    }
                    _ => {}
                }
                if !word.is_empty() {
                    out.insert(std::mem::take(&mut word));
                    head = c == ',';
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            let word: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            out.insert(word);
        }
    }
    out
}

fn room_of(file: &str) -> Option<&str> {
    file.split_once('/')
        .map(|(room, _)| room)
        .filter(|r| *r != "bin")
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, code) in sources() {
        let Some(room) = room_of(&file) else { continue };
        let Some(allowed) = table.get(room) else {
            wrong.push(format!("{file}: the room {room} is not in the table"));
            continue;
        };
        seen.insert(room.to_owned());
        for named in rooms_named(&code) {
            if named != room
                && table.contains_key(named.as_str())
                && !allowed.contains(&named.as_str())
            {
                wrong.push(format!("{file}: {room} may not import {named}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), table.len(), "a room of the table has no files");
}

#[test]
fn data_flows_one_way() {
    let order: Vec<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    for (at, (room, allowed)) in MAY_IMPORT.iter().enumerate() {
        for named in *allowed {
            let there = order
                .iter()
                .position(|r| r == named)
                .expect("a room of the table");
            assert!(
                there < at,
                "{room} imports {named}, which lies to its right"
            );
        }
    }
}

#[test]
fn only_the_window_names_its_crates() {
    for (file, code) in sources() {
        if file.starts_with("ui/") || file == "bin/handlens.rs" {
            continue;
        }
        for name in WINDOW {
            let uses = [
                format!("{name}::"),
                format!("use {name}"),
                format!("extern crate {name}"),
            ];
            assert!(
                !uses.iter().any(|u| code.contains(u.as_str())),
                "{file} names {name}"
            );
        }
    }
}

#[test]
fn what_computes_does_no_input_or_output() {
    for (file, code) in sources() {
        let Some(room) = room_of(&file) else { continue };
        if !PURE.contains(&room) || file.ends_with("_tests.rs") || file.ends_with("tests.rs") {
            continue;
        }
        // Tests at the end of a file may read fixtures.
        let code = code.split("#[cfg(test)]").next().unwrap();
        for name in IMPURE {
            assert!(!code.contains(name), "{file} names {name}");
        }
    }
}

#[test]
fn the_reader_of_this_test_sees_imports() {
    let code = code_only(
        "use crate::{decode, timeline::Attempt}; // crate::ui\nfn f() { let x = \"crate::cli\"; crate::tls::x(); }",
    );
    let named: Vec<String> = rooms_named(&code).into_iter().collect();
    assert_eq!(named, ["decode", "timeline", "tls"]);
}
