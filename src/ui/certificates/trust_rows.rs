//! Rows of the trust panel: who trusts the chain, which keys belong to it, traps of the files.
//!
//! In: what the `cert` room found. Out: [`TrustRow`]: one sentence and its place. Of a private key
//! only kind, size and format are said.

use crate::cert::{
    Content, Inspection, LintList, Object, PATH_ENGINE, PairVerdict, PathCheck, PrivateKey,
    Problem, Severity,
};
use crate::session::{CertificatesSeen, Tone};
use crate::ui::words;

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustRow {
    /// Tone.
    pub tone: Tone,
    /// One sentence.
    pub sentence: String,
    /// File and offset, or the id of the statement.
    pub place: String,
    /// What it means and where that is documented; empty where the sentence says all.
    pub more: String,
}

/// All of them: trust, statements, pairs, files.
#[must_use]
pub fn trust_rows(seen: &CertificatesSeen, found: &Inspection<'_>) -> Vec<TrustRow> {
    let mut out = Vec::new();
    if found.chain.is_some() {
        out.push(path(&found.path));
    }
    out.extend(anchor(found));
    out.extend(found.statements.iter().map(|s| TrustRow {
        tone: tone(s.severity),
        sentence: words::visible(&s.sentence),
        place: s.id.into(),
        more: String::new(),
    }));
    out.extend(lint_rows(found, &seen.tables.lints));
    for pair in &found.pairs {
        let object = seen
            .files
            .get(pair.of.0)
            .and_then(|f| Some((f, f.objects.get(pair.of.1)?)));
        let Some((file, object)) = object else {
            continue;
        };
        let belongs = match pair.verdict {
            PairVerdict::Matches => pair
                .certificates
                .first()
                .and_then(|p| title(seen, *p))
                .map_or_else(String::new, |t| format!("; it belongs to {t}")),
            PairVerdict::NoCertificate => "; no certificate here has this key".into(),
            PairVerdict::NotChecked => "; its public half cannot be read here".into(),
        };
        out.push(TrustRow {
            tone: match pair.verdict {
                PairVerdict::Matches => Tone::Ok,
                PairVerdict::NoCertificate => Tone::Warn,
                PairVerdict::NotChecked => Tone::Unknown,
            },
            sentence: format!("{}{belongs}.", words::sentence_case(&object_words(object))),
            place: words::visible(&file.name),
            more: String::new(),
        });
    }
    for file in seen.files.iter().chain(&seen.trusted) {
        let name = words::visible(&file.name);
        out.extend(file.problems.iter().map(|p| problem(p, &name)));
        for object in &file.objects {
            if let Content::Certificate(c) = &object.content {
                let told = |id: &str| seen.tables.lints.of(c).iter().any(|l| l.id == id);
                let rest = c.problems.iter().filter(|p| !told(p.id));
                out.extend(rest.map(|p| problem(p, &name)));
            }
        }
    }
    out
}

/// Rules that the certificates of the path break, worst first.
fn lint_rows(found: &Inspection<'_>, lints: &LintList) -> Vec<TrustRow> {
    let path = found.chain.as_ref().map_or(&[][..], |c| &c.found[..]);
    let mut broken = Vec::new();
    for index in path {
        let Some(certificate) = found.certificate(*index) else {
            continue;
        };
        let said = |id: &str| {
            let mut of = found.statements.iter();
            of.any(|s| s.id == id && s.certificate == Some(*index))
        };
        let title = words::visible(&certificate.title());
        for lint in lints.of(certificate).into_iter().filter(|l| !said(l.id)) {
            broken.push((
                lint.severity,
                TrustRow {
                    tone: tone(lint.severity),
                    sentence: words::visible(&lint.sentence),
                    place: format!("{title}, {}", lint.id),
                    more: format!("{}\nSource: {}", lint.why, lint.source),
                },
            ));
        }
    }
    broken.sort_by_key(|(severity, _)| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    });
    broken.into_iter().map(|(_, row)| row).collect()
}

fn path(check: &PathCheck) -> TrustRow {
    let (tone, sentence) = match check {
        PathCheck::Verified => (Tone::Ok, "rustls-webpki accepts the chain.".to_owned()),
        PathCheck::Refused(why) => (
            Tone::Fail,
            format!("rustls-webpki refuses the chain: {why}."),
        ),
        PathCheck::NotChecked(why) => (Tone::Unknown, format!("Path not checked. {why}")),
    };
    TrustRow {
        tone,
        sentence,
        place: PATH_ENGINE.into(),
        more: String::new(),
    }
}

/// The trusted certificate that the path ends in.
fn anchor(found: &Inspection<'_>) -> Option<TrustRow> {
    let chain = found.chain.as_ref()?;
    let last = *chain.found.last()?;
    if last < found.certificates.len() {
        return None;
    }
    let root = found.certificate(last)?;
    Some(TrustRow {
        tone: Tone::Ok,
        sentence: format!(
            "The chain ends in a certificate on the device: {}, {}.",
            words::visible(&root.title()),
            words::bytes(root.der_bytes() as u64)
        ),
        place: format!("SHA-256 {}", root.sha256),
        more: String::new(),
    })
}

fn title(seen: &CertificatesSeen, place: (usize, usize)) -> Option<String> {
    match &seen.files.get(place.0)?.objects.get(place.1)?.content {
        Content::Certificate(c) => Some(words::visible(&c.title())),
        _ => None,
    }
}

fn object_words(object: &Object) -> String {
    match &object.content {
        Content::PrivateKey(key) => private_key(key),
        Content::PublicKey(key) => format!("public key, {}", key.text()),
        Content::Request(request) => {
            let key = request.key.as_ref().map(|k| format!(", {}", k.text()));
            format!("certificate request{}", key.unwrap_or_default())
        }
        other => other.kind().replace('_', " "),
    }
}

/// `private key, PKCS#8, RSA 2048: never shown`.
fn private_key(key: &PrivateKey) -> String {
    let mut words = format!("private key, {}", key.format);
    if let Some(kind) = &key.kind {
        words.push_str(&format!(", {kind}"));
    }
    match (&key.curve, key.bits) {
        (Some(curve), _) => words.push_str(&format!(" {curve}")),
        (None, Some(bits)) => words.push_str(&format!(" {bits}")),
        (None, None) => {}
    }
    if key.encrypted {
        words.push_str(", with a password");
    }
    words.push_str(": never shown");
    words
}

fn problem(problem: &Problem, file: &str) -> TrustRow {
    let place = match (problem.offset, problem.der_offset, problem.line) {
        (_, _, Some(line)) => format!("{file}, line {line}"),
        (Some(at), ..) => offset(file, at),
        (None, Some(at), _) => format!("{file}, DER offset {}", words::grouped(at)),
        (None, None, None) => file.to_owned(),
    };
    TrustRow {
        tone: tone(problem.severity),
        sentence: words::visible(&problem.sentence),
        place,
        more: String::new(),
    }
}

fn offset(file: &str, at: u64) -> String {
    format!("{file}, offset {}", words::grouped(at))
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Note => Tone::Unknown,
        Severity::Warning => Tone::Warn,
        Severity::Error => Tone::Fail,
    }
}
