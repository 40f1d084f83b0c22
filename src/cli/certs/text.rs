//! The result of `certs` for reading.

use std::fmt::Write as _;

use super::Answer;
use crate::cert::{
    CertFile, Certificate, Content, Fit, FitVerdict, Missing, Moment, NameVerdict, PathCheck,
    Problem, RECORD_PAYLOAD, SEGMENT, STRICT_ENGINE, Severity, Takes, certificate_message_bytes,
    flat, pem_bytes, record_bytes, validity,
};
use crate::session::figures::{count, grouped, rfc3339};

/// Chains of further leaves that are listed.
const OTHER_CHAINS: usize = 20;

/// More certificates than this are listed a line each.
const IN_FULL: usize = 12;

pub(super) fn page(answer: &Answer<'_>) -> String {
    let mut out = String::new();
    let inspection = answer.inspection;
    let full = inspection.certificates.len() <= IN_FULL;
    for file in answer.files {
        write_file(&mut out, answer, file, full);
    }
    let _ = writeln!(
        out,
        "\nJudged at {} ({}).",
        rfc3339(answer.at),
        answer.at_from
    );
    write_chain(&mut out, answer);
    for statement in &inspection.statements {
        let _ = writeln!(out, "  {} {}", mark(statement.severity), statement.sentence);
    }
    write_names(&mut out, answer);
    write_fit(&mut out, answer);
    write_every(&mut out, answer);
    write_pairs(&mut out, answer);
    if let PathCheck::Refused(why) = &inspection.path {
        let _ = writeln!(
            out,
            "\n{} refuses the chain: {why}",
            crate::cert::PATH_ENGINE
        );
    } else if inspection.path == PathCheck::Verified {
        let _ = writeln!(out, "\n{} accepts the chain.", crate::cert::PATH_ENGINE);
    }
    for (profile, strict) in &inspection.strict {
        let engine = format!("{}, {}", STRICT_ENGINE, profile.text());
        let _ = match &strict.check {
            PathCheck::Verified => writeln!(out, "{engine}: accepts the chain."),
            PathCheck::Refused(why) => writeln!(out, "{engine}: refuses the chain: {why}"),
            PathCheck::NotChecked(why) => writeln!(out, "{engine}: not checked. {why}"),
        };
    }
    out
}

fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "x",
        Severity::Warning => "!",
        Severity::Note => "-",
    }
}

fn bytes(n: usize) -> String {
    count(n as u64, "byte")
}

fn write_problem(out: &mut String, problem: &Problem) {
    let place = match (problem.line, problem.offset) {
        (Some(line), _) => format!(" (line {line})"),
        (None, Some(offset)) => format!(" (byte {offset})"),
        (None, None) => String::new(),
    };
    let _ = writeln!(
        out,
        "  {} {}{place}",
        mark(problem.severity),
        problem.sentence
    );
}

fn write_file(out: &mut String, answer: &Answer<'_>, file: &CertFile, full: bool) {
    let _ = writeln!(out, "{}, {}", file.name, bytes(file.size_bytes));
    for problem in file
        .problems
        .iter()
        .filter(|p| full || p.severity == Severity::Error)
    {
        write_problem(out, problem);
    }
    for object in &file.objects {
        match &object.content {
            Content::Certificate(c) if full => write_certificate(out, answer, c),
            Content::Certificate(c) => {
                let _ = writeln!(
                    out,
                    "  certificate {}, {}, {}",
                    c.title(),
                    bytes(c.der_bytes()),
                    validity(c, answer.question.at_unix_s)
                        .as_str()
                        .replace('_', " ")
                );
            }
            Content::PrivateKey(key) => {
                let kind = key.kind.as_deref().unwrap_or("of unknown kind");
                let size = key
                    .bits
                    .map_or_else(String::new, |bits| format!(" {bits} bits"));
                let closed = if key.encrypted { ", encrypted" } else { "" };
                let _ = writeln!(
                    out,
                    "  private key {kind}{size}, {}{closed}; it is not shown",
                    key.format
                );
            }
            Content::PublicKey(key) => {
                let _ = writeln!(out, "  public key {}", key.text());
            }
            Content::Request(request) => {
                let key = request.key.as_ref().map(|k| format!(", {}", k.text()));
                let _ = writeln!(
                    out,
                    "  certificate request for {}{}",
                    request.subject.text(),
                    key.unwrap_or_default()
                );
            }
            Content::Crl(crl) => {
                let _ = writeln!(
                    out,
                    "  revocation list of {}, {} revoked",
                    crl.issuer.text(),
                    crl.revoked.len()
                );
            }
            other => {
                let _ = writeln!(out, "  {}", other.kind().replace('_', " "));
            }
        }
    }
}

fn date(moment: Option<Moment>) -> String {
    moment.map_or_else(
        || "unreadable".into(),
        |m| rfc3339(m.unix_s.saturating_mul(1_000_000)),
    )
}

fn write_certificate(out: &mut String, answer: &Answer<'_>, c: &Certificate) {
    let _ = writeln!(out, "  certificate {}", c.title());
    for problem in &c.problems {
        write_problem(out, problem);
    }
    let mut row = |name: &str, value: String| {
        let _ = writeln!(out, "    {name:<12}{value}");
    };
    row(
        "size",
        format!(
            "{} DER; {} PEM with LF, {} with CR LF",
            grouped_size(c.der_bytes()),
            grouped_size(pem_bytes(c.der_bytes(), 1)),
            grouped_size(pem_bytes(c.der_bytes(), 2))
        ),
    );
    row("subject", c.subject.text());
    row(
        "issuer",
        if c.self_issued() {
            "the same (self-signed)".into()
        } else {
            c.issuer.text()
        },
    );
    row(
        "valid",
        format!(
            "{} to {} ({})",
            date(c.not_before),
            date(c.not_after),
            validity(c, answer.question.at_unix_s)
                .as_str()
                .replace('_', " ")
        ),
    );
    if let Some(names) = &c.extensions.alt_names {
        let dns: Vec<&str> = c.extensions.dns_names().take(4).collect();
        let more = names.len().saturating_sub(dns.len());
        row(
            "names",
            format!(
                "{}{}",
                dns.join(", "),
                if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                }
            ),
        );
    } else {
        row("names", "no subjectAltName".into());
    }
    if let Some(key) = &c.key {
        row(
            "key",
            format!(
                "{}; signed with {}{}",
                key.text(),
                c.signature_algorithm.as_deref().unwrap_or("unknown"),
                if c.is_ca() { "; CA" } else { "" }
            ),
        );
    }
    row("SHA-256", c.sha256.clone());
    let mut parts = flat(c.size_tree());
    parts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let largest: Vec<String> = parts
        .iter()
        .take(4)
        .map(|(name, n)| format!("{} {}", name.replace('_', " "), grouped_size(*n)))
        .collect();
    row("bytes", largest.join(", "));
    write_lints(out, answer, c);
}

/// Rules that are broken and not told elsewhere: warnings with what they mean, notes by id.
fn write_lints(out: &mut String, answer: &Answer<'_>, c: &Certificate) {
    let told = |id: &str| {
        c.problems.iter().any(|p| p.id == id)
            || answer.inspection.statements.iter().any(|s| {
                s.id == id
                    && s.certificate
                        .and_then(|i| answer.inspection.certificate(i))
                        .is_some_and(|told| told.sha256 == c.sha256)
            })
    };
    let mut notes = Vec::new();
    for lint in answer
        .tables
        .lints
        .of(c)
        .into_iter()
        .filter(|lint| !told(lint.id))
    {
        if lint.severity == Severity::Note {
            notes.push(lint.id);
            continue;
        }
        let _ = writeln!(out, "  {} {}", mark(lint.severity), lint.sentence);
        let _ = writeln!(out, "      {} [{}; {}]", lint.why, lint.id, lint.source);
    }
    if !notes.is_empty() {
        let _ = writeln!(out, "    {:<12}{}", "notes", notes.join(", "));
    }
}

fn grouped_size(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

fn write_chain(out: &mut String, answer: &Answer<'_>) {
    let inspection = answer.inspection;
    let Some(chain) = &inspection.chain else {
        return;
    };
    let path: Vec<String> = chain
        .found
        .iter()
        .filter_map(|i| inspection.certificate(*i))
        .map(Certificate::title)
        .collect();
    let sent = inspection.sent_bytes();
    let message = certificate_message_bytes(&sent);
    let records = record_bytes(message, RECORD_PAYLOAD);
    let _ = writeln!(out, "\nChain: {}", path.join(" <- "));
    let _ = writeln!(
        out,
        "  sent: {}, order {}; Certificate message {}, with records {}, at least {} of {}",
        count(sent.len() as u64, "certificate"),
        inspection.order.as_str(),
        bytes(message),
        grouped_size(records),
        count(records.div_ceil(SEGMENT) as u64, "segment"),
        grouped_size(SEGMENT)
    );
    if let Some(missing) = &chain.missing {
        write_missing(out, missing);
    }
    let others = inspection
        .strands
        .iter()
        .filter(|s| s.found.first() != chain.found.first());
    for (i, strand) in others.enumerate() {
        if i == OTHER_CHAINS {
            let more = inspection.strands.len().saturating_sub(OTHER_CHAINS + 1);
            let _ = writeln!(out, "and {} more", count(more as u64, "chain"));
            break;
        }
        let path: Vec<String> = strand
            .found
            .iter()
            .filter_map(|i| inspection.certificate(*i))
            .map(Certificate::title)
            .collect();
        let _ = writeln!(out, "Chain: {}", path.join(" <- "));
        if let Some(missing) = &strand.missing {
            write_missing(out, missing);
        }
    }
}

fn write_missing(out: &mut String, missing: &Missing) {
    let from = if missing.from.is_empty() {
        String::new()
    } else {
        format!(", to be had from {}", missing.from.join(", "))
    };
    let _ = writeln!(
        out,
        "  its next issuer is not at hand: {}{from}",
        missing.name
    );
}

fn write_names(out: &mut String, answer: &Answer<'_>) {
    let Some(host) = answer.question.host else {
        return;
    };
    let _ = writeln!(out, "\nName check for {host}");
    for check in &answer.inspection.names {
        let verdict = match check.verdict {
            NameVerdict::Match => "match",
            NameVerdict::Mismatch => "MISMATCH",
            NameVerdict::NotChecked => "not checked",
        };
        let _ = writeln!(out, "  {:<36}{verdict:<13}{}", check.stack, check.why);
    }
}

/// Columns of a list that is broken into lines.
const WIDTH: usize = 100;

/// Which devices could take it, a line each; those without a limit that bears on it together.
fn write_every(out: &mut String, answer: &Answer<'_>) {
    let Some(every) = &answer.every else {
        return;
    };
    let _ = writeln!(out, "\nWhich devices could take it");
    let mut unknown: Vec<&str> = Vec::new();
    for (profile, fits) in every {
        if fits.is_empty() {
            unknown.push(&profile.id);
            continue;
        }
        let takes = Takes::of(fits);
        let word = match takes {
            Takes::No(_) => "NO",
            other => other.as_str(),
        };
        let why: Vec<String> = match takes {
            Takes::No(_) => fits
                .iter()
                .filter(|f| f.verdict.is_problem())
                .map(fit_line)
                .collect(),
            Takes::ByOneReading => fits
                .iter()
                .filter(|f| f.verdict == FitVerdict::BetweenReadings)
                .map(fit_line)
                .collect(),
            Takes::Yes => vec![format!("{} kept", count(fits.len() as u64, "limit"))],
            Takes::Unknown => fits.iter().map(fit_line).collect(),
        };
        let _ = writeln!(out, "  {:<28}{word:<16}{}", profile.id, why.join("; "));
    }
    if unknown.is_empty() {
        return;
    }
    let _ = write!(out, "  No limit is known that bears on it for");
    let mut column = WIDTH;
    for (i, id) in unknown.iter().enumerate() {
        if column + id.len() + 2 > WIDTH {
            let _ = write!(out, "\n   ");
            column = 3;
        }
        let end = if i + 1 < unknown.len() { "," } else { "." };
        let _ = write!(out, " {id}{end}");
        column += id.len() + 2;
    }
    out.push('\n');
}

fn write_fit(out: &mut String, answer: &Answer<'_>) {
    let Some(profile) = answer.question.profile else {
        return;
    };
    let _ = writeln!(out, "\nFit: {}", profile.name);
    if answer.inspection.fit.is_empty() {
        let _ = writeln!(out, "  No limit with a source applies.");
    }
    for fit in &answer.inspection.fit {
        let _ = writeln!(out, "  {}", fit_line(fit));
        let _ = writeln!(out, "      {} [{}]", fit.says, fit.source);
    }
    if !answer.inspection.reductions.is_empty() {
        let _ = writeln!(
            out,
            "\nWhat would make it smaller (each variant is built and measured)"
        );
    }
    for reduction in &answer.inspection.reductions {
        let _ = writeln!(
            out,
            "  {:<10}{}: {} less, {} left",
            if reduction.fits { "fits" } else { "too large" },
            reduction.what,
            bytes(reduction.saves_bytes),
            grouped_size(reduction.left_bytes)
        );
    }
    if let Some(config) = answer.config.filter(|c| !c.traps.is_empty()) {
        let _ = writeln!(out, "\nTraps in the configuration");
        for trap in &config.traps {
            let place = if trap.line > 0 {
                format!(" (line {})", trap.line)
            } else {
                String::new()
            };
            let _ = writeln!(out, "  {}{place}: {}", trap.name, trap.sentence);
        }
    }
}

fn fit_line(fit: &Fit) -> String {
    let number = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let value = match (fit.value, &fit.text) {
        (Some(n), _) => number(n),
        (None, Some(text)) => text.clone(),
        (None, None) => "unknown".into(),
    };
    let limit = if fit.one_of.is_empty() {
        fit.limits
            .iter()
            .map(|n| number(*n))
            .collect::<Vec<_>>()
            .join(" or ")
    } else {
        fit.one_of.join(", ")
    };
    let verdict = match fit.verdict {
        FitVerdict::Over(_) => {
            let over: Vec<String> = fit
                .limits
                .iter()
                .map(|l| format!("+{}", number(fit.value.unwrap_or(0).saturating_sub(*l))))
                .collect();
            format!("OVER by {}", over.join(" or "))
        }
        FitVerdict::Under(n) => format!("UNDER by {}", number(n)),
        other => other.as_str().to_owned(),
    };
    let of = if fit.one_of.is_empty() {
        "of"
    } else {
        "against"
    };
    format!(
        "{}: {}: {value} {of} {limit}: {verdict}",
        fit.kind.text(),
        fit.of
    )
}

fn write_pairs(out: &mut String, answer: &Answer<'_>) {
    if answer.inspection.pairs.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nPairs");
    for pair in &answer.inspection.pairs {
        let name = |f: usize| answer.files.get(f).map_or("?", |file| file.name.as_str());
        let with: Vec<&str> = pair.certificates.iter().map(|(f, _)| name(*f)).collect();
        let _ = writeln!(
            out,
            "  {} in {}: {}{}",
            pair.kind.replace('_', " "),
            name(pair.of.0),
            pair.verdict.as_str(),
            if with.is_empty() {
                String::new()
            } else {
                format!(" {}", with.join(", "))
            }
        );
    }
}
