//! Everything that was read, a row each: certificates, keys, requests, what cannot be read.
//!
//! In: the files of the session. Out: [`ListRow`]s in the order of the files, ready to filter and
//! sort. Of a private key only kind, size and format are said.

use crate::cert::{CertFile, Certificate, Content, PublicKey, Severity, Validity, validity};
use crate::device::LimitKind;
use crate::evidence::InputId;
use crate::session::{CertificatesSeen, Tone};
use crate::ui::words;

/// One object of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The input.
    pub input: InputId,
    /// Number among the certificates of its file, for certificates.
    pub certificate: Option<usize>,
    /// Name of the file.
    pub file: String,
    /// What it is: a name, or `private key`.
    pub title: String,
    /// Bytes of DER.
    pub bytes: u64,
    /// `RSA 2048`; empty where there is none.
    pub key: String,
    /// Last day; empty where there is none.
    pub until: String,
    /// The same as seconds since 1970 UTC.
    pub until_unix_s: Option<i64>,
    /// How it stands.
    pub tone: Tone,
    /// The same in a word or two.
    pub word: String,
    /// All of it in small letters, for the filter.
    search: String,
}

/// Order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the files came.
    #[default]
    Files,
    /// What is wrong first.
    Verdict,
    /// Largest first.
    Size,
    /// What ends first.
    End,
}

/// Rows of all files.
#[must_use]
pub fn listed(seen: &CertificatesSeen) -> Vec<ListRow> {
    let limit = seen
        .profile
        .iter()
        .flat_map(|p| p.limits_of(LimitKind::PeerCertificateBytes))
        .filter_map(|l| l.at_most.last().copied())
        .min();
    let own = seen.inputs.iter().copied().zip(&seen.files);
    let trusted = seen.trusted_inputs.iter().copied().zip(&seen.trusted);
    let mut out = Vec::new();
    for (input, file) in own {
        rows(&mut out, input, file, seen.at_unix_s, limit);
    }
    for (input, file) in trusted {
        // What the device stores is not held against the limit of what a server sends.
        rows(&mut out, input, file, seen.at_unix_s, None);
    }
    out.sort_by_key(|row| row.input);
    out
}

fn rows(out: &mut Vec<ListRow>, input: InputId, file: &CertFile, at: i64, limit: Option<u64>) {
    let name = words::visible(&file.name);
    let mut certificates = 0;
    for object in &file.objects {
        let mut row = ListRow {
            input,
            certificate: None,
            file: name.clone(),
            title: words::sentence_case(&object.content.kind().replace('_', " ")),
            bytes: object.der_bytes as u64,
            key: String::new(),
            until: String::new(),
            until_unix_s: None,
            tone: Tone::Ok,
            word: "read".into(),
            search: String::new(),
        };
        match &object.content {
            Content::Certificate(c) => {
                row.certificate = Some(certificates);
                certificates += 1;
                fill(&mut row, c, at, limit.filter(|_| !c.is_ca()));
            }
            Content::PrivateKey(key) => {
                let bits = key.bits.map_or_else(String::new, |b| format!(" {b}"));
                row.key = format!("{}{bits}", key.kind.as_deref().unwrap_or(""));
                row.title = format!("Private key, {}", key.format);
                row.word = if key.encrypted { "locked" } else { "not shown" }.into();
                row.tone = Tone::Unknown;
            }
            Content::PublicKey(key) => row.key = key.text(),
            Content::Request(request) => {
                row.title = format!("Request: {}", words::visible(&request.subject.text()));
                row.key = request
                    .key
                    .as_ref()
                    .map_or_else(String::new, PublicKey::text);
            }
            Content::Crl(crl) => {
                row.title = format!("Revocation list: {}", words::visible(&crl.issuer.text()));
            }
            Content::Pkcs7 => row.title = "Container, PKCS#7".into(),
            Content::Pkcs12 => {
                row.title = "Container, PKCS#12".into();
                row.tone = Tone::Unknown;
                row.word = "locked".into();
            }
            Content::Unreadable => {
                row.tone = Tone::Fail;
                row.word = "unreadable".into();
            }
            Content::Parameters => {}
        }
        out.push(row);
    }
    if file.objects.is_empty() {
        out.push(ListRow {
            input,
            certificate: None,
            file: name,
            title: file
                .problems
                .iter()
                .find(|p| p.severity == Severity::Error)
                .map_or_else(|| "Nothing found".into(), |p| words::visible(&p.sentence)),
            bytes: file.size_bytes as u64,
            key: String::new(),
            until: String::new(),
            until_unix_s: None,
            tone: Tone::Fail,
            word: "nothing".into(),
            search: String::new(),
        });
    }
    for row in out.iter_mut().rev().take_while(|r| r.input == input) {
        row.search = format!(
            "{} {} {} {} {} {}",
            row.file, row.title, row.key, row.until, row.word, row.search
        )
        .to_lowercase();
    }
}

fn fill(row: &mut ListRow, c: &Certificate, at: i64, limit: Option<u64>) {
    row.title = words::visible(&c.title());
    row.key = c.key.as_ref().map_or_else(String::new, PublicKey::text);
    row.until_unix_s = c.not_after.map(|m| m.unix_s);
    row.until = c.not_after.map_or_else(String::new, |m| {
        words::date(m.unix_s.saturating_mul(1_000_000))
    });
    let names: Vec<&str> = c.extensions.dns_names().take(100).collect();
    row.search = format!(
        "{} {} {}",
        names.join(" "),
        c.issuer.text(),
        if c.is_ca() { "ca" } else { "leaf" }
    );
    let over = limit.filter(|l| row.bytes > *l);
    let damaged = c.problems.iter().any(|p| p.severity == Severity::Error);
    (row.tone, row.word) = match (validity(c, at), over) {
        (Validity::Expired, _) => (Tone::Fail, "expired".into()),
        (Validity::NotYet, _) => (Tone::Fail, "not yet valid".into()),
        (_, Some(limit)) => (
            Tone::Fail,
            format!("+{} bytes", words::grouped(row.bytes - limit)),
        ),
        _ if damaged => (Tone::Fail, "damaged".into()),
        (Validity::Unknown, _) => (Tone::Unknown, "date unread".into()),
        (Validity::Valid, _) if c.problems.iter().any(|p| p.severity == Severity::Warning) => {
            (Tone::Warn, "see traps".into())
        }
        (Validity::Valid, _) => (Tone::Ok, "valid".into()),
    };
}

/// Indices of the rows that hold every word of `filter`, in this order.
#[must_use]
pub fn chosen(rows: &[ListRow], filter: &str, sort: Sort) -> Vec<usize> {
    let filter = filter.to_lowercase();
    let wanted: Vec<&str> = filter.split_whitespace().collect();
    let mut out: Vec<usize> = rows
        .iter()
        .enumerate()
        .filter(|(_, r)| wanted.iter().all(|w| r.search.contains(w)))
        .map(|(i, _)| i)
        .collect();
    let rank = |tone: Tone| match tone {
        Tone::Fail => 0,
        Tone::Warn => 1,
        Tone::Unknown | Tone::Waiting => 2,
        Tone::Ok => 3,
    };
    match sort {
        Sort::Files => {}
        Sort::Verdict => out.sort_by_key(|i| rows.get(*i).map(|r| rank(r.tone))),
        Sort::Size => out.sort_by_key(|i| std::cmp::Reverse(rows.get(*i).map(|r| r.bytes))),
        Sort::End => out.sort_by_key(|i| {
            rows.get(*i)
                .map(|r| (r.until_unix_s.is_none(), r.until_unix_s))
        }),
    }
    out
}
