//! The result of `certs` as JSON; the schema is `assets/schema/certs.json`.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::cert::{
    AltName, CertFile, Certificate, Content, Fit, FitVerdict, Moment, PairVerdict, PathCheck,
    Problem, RECORD_PAYLOAD, SEGMENT, SIGNATURE_ENGINE, SignatureCheck, SizeNode, address_text,
    certificate_message_13_bytes, certificate_message_bytes, flat, lints, pem_bytes, record_bytes,
    validity, validity_32_bit,
};
use crate::session::figures::rfc3339;

pub(super) fn object(answer: &Answer<'_>) -> Value {
    let inspection = answer.inspection;
    let certificates: Vec<Value> = inspection
        .certificates
        .iter()
        .map(|(f, o, c)| certificate(answer, *f, *o, c))
        .collect();
    json!({
        "schema": "handlens.certs/1",
        "judged_at": rfc3339(answer.at),
        "judged_at_from": answer.at_from,
        "inputs": answer.files.iter().map(input).collect::<Vec<_>>(),
        "certificates": certificates,
        "keys": keys(answer),
        "chain": chain(answer),
        "sizes": sizes(answer),
        "pairs": inspection.pairs.iter().map(|pair| json!({
            "kind": pair.kind,
            "file": file_name(answer, pair.of.0),
            "index": pair.of.1,
            "certificates": pair.certificates.iter().filter_map(|place| number(answer, *place)).collect::<Vec<_>>(),
            "verdict": pair.verdict.as_str(),
            "matches": match pair.verdict {
                PairVerdict::Matches => json!(true),
                PairVerdict::NoCertificate => json!(false),
                PairVerdict::NotChecked => Value::Null,
            },
        })).collect::<Vec<_>>(),
        "host": answer.question.host,
        "name_check": inspection.names.iter().map(|check| json!({
            "id": check.id,
            "stack": check.stack,
            "verdict": check.verdict.as_str(),
            "why": check.why,
            "source": check.source,
        })).collect::<Vec<_>>(),
        "device": device(answer),
        "fit": inspection.fit.iter().map(fit).collect::<Vec<_>>(),
        "reductions": inspection.reductions.iter().map(|r| json!({
            "id": r.id,
            "what": r.what,
            "saves_bytes": r.saves_bytes,
            "left_bytes": r.left_bytes,
            "fits": r.fits,
            "names": r.names,
        })).collect::<Vec<_>>(),
        "path_check": {
            "engine": crate::cert::PATH_ENGINE,
            "verdict": inspection.path.as_str(),
            "why": match &inspection.path {
                PathCheck::Verified => Value::Null,
                PathCheck::Refused(why) | PathCheck::NotChecked(why) => json!(why),
            },
        },
        "strict_checks": inspection.strict.iter().map(|(profile, strict)| json!({
            "engine": crate::cert::STRICT_ENGINE,
            "profile": profile.as_str(),
            "verdict": strict.check.as_str(),
            "why": match &strict.check {
                PathCheck::Verified => Value::Null,
                PathCheck::Refused(why) | PathCheck::NotChecked(why) => json!(why),
            },
            "rule": strict.rule,
            "path": strict.path,
        })).collect::<Vec<_>>(),
        "findings": findings(answer),
    })
}

fn file_name(answer: &Answer<'_>, file: usize) -> String {
    answer
        .files
        .get(file)
        .map(|f| f.name.clone())
        .unwrap_or_default()
}

/// Number of the certificate at this place.
fn number(answer: &Answer<'_>, place: (usize, usize)) -> Option<usize> {
    answer
        .inspection
        .certificates
        .iter()
        .position(|(f, o, _)| (*f, *o) == place)
}

fn problem(problem: &Problem, file: &CertFile) -> Value {
    json!({
        "id": problem.id,
        "severity": problem.severity.as_str(),
        "sentence": problem.sentence,
        "origin": {
            "input": file.name,
            "offset": problem.offset,
            "der_offset": problem.der_offset,
            "line": problem.line,
        },
    })
}

fn input(file: &CertFile) -> Value {
    let kind = file
        .objects
        .iter()
        .find(|o| matches!(o.content, Content::Certificate(_)))
        .or_else(|| file.objects.first())
        .map_or("unreadable", |o| o.content.kind());
    let problems = file
        .problems
        .iter()
        .chain(file.certificates().flat_map(|c| &c.problems))
        .map(|p| problem(p, file))
        .collect::<Vec<_>>();
    let objects: Vec<Value> = file
        .objects
        .iter()
        .map(|o| {
            json!({
                "kind": o.content.kind(),
                "encoding": o.encoding.as_str(),
                "label": o.label,
                "offset": o.offset,
                "file_bytes": o.file_bytes,
                "der_bytes": o.der_bytes,
            })
        })
        .collect();
    json!({
        "name": file.name,
        "kind": kind,
        "bytes": file.size_bytes,
        "objects": objects,
        "problems": problems,
    })
}

fn time(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, |m| {
        json!(rfc3339(m.unix_s.saturating_mul(1_000_000)))
    })
}

fn certificate(answer: &Answer<'_>, file: usize, object: usize, c: &Certificate) -> Value {
    let extensions = &c.extensions;
    let index = answer.files.get(file).map_or(0, |f| {
        f.objects
            .iter()
            .take(object)
            .filter(|o| matches!(o.content, Content::Certificate(_)))
            .count()
    });
    let names = |wanted: fn(&AltName) -> Option<String>| -> Vec<String> {
        extensions
            .alt_names
            .iter()
            .flatten()
            .filter_map(wanted)
            .collect()
    };
    let size_map: Map<String, Value> =
        flat(&c.size_tree)
            .into_iter()
            .fold(Map::new(), |mut map, (name, bytes)| {
                let sum = map.get(&name).and_then(Value::as_u64).unwrap_or(0) + bytes as u64;
                map.insert(name, json!(sum));
                map
            });
    json!({
        "file": file_name(answer, file),
        "index": index,
        "encoding": answer.files.get(file).and_then(|f| f.objects.get(object)).map(|o| o.encoding.as_str()),
        "der_bytes": c.der_bytes(),
        "pem_bytes": pem_bytes(c.der_bytes(), 1),
        "pem_crlf_bytes": pem_bytes(c.der_bytes(), 2),
        "subject_cn": c.subject.common_name(),
        "subject": c.subject.text(),
        "issuer": c.issuer.text(),
        "serial": c.serial.as_ref().map(|s| &s.hex),
        "version": c.version,
        "not_before": time(c.not_before),
        "not_after": time(c.not_after),
        "not_after_generalized": c.not_after.map(|m| m.generalized),
        "not_after_32_bit": c.not_after.map(Moment::as_32_bit),
        "validity": validity(c, answer.question.at_unix_s).as_str(),
        "validity_32_bit": i32::try_from(answer.question.at_unix_s)
            .map_or(Value::Null, |at| json!(validity_32_bit(c, at).as_str())),
        "san_dns": names(|n| match n { AltName::Dns(t) => Some(t.clone()), _ => None }),
        "san_ip": names(|n| match n { AltName::Ip(b) => Some(address_text(b)), _ => None }),
        "san_other": names(|n| match n {
            AltName::Email(t) => Some(format!("email:{t}")),
            AltName::Uri(t) => Some(format!("URI:{t}")),
            AltName::Other(kind) => Some((*kind).to_owned()),
            AltName::Dns(_) | AltName::Ip(_) => None,
        }),
        "key": c.key.as_ref().map(|k| json!({
            "type": k.kind,
            "bits": k.bits,
            "curve": k.curve,
            "exponent": k.exponent,
        })),
        "spki_sha256": c.key.as_ref().map(|k| &k.spki_sha256),
        "signature_algorithm": c.signature_algorithm,
        "is_ca": c.is_ca(),
        "path_len": extensions.path_len,
        "key_usage": extensions.key_usage,
        "ext_key_usage": extensions.ext_key_usage,
        "extensions": extensions.list.iter().map(|e| json!({
            "name": e.name,
            "oid": e.oid,
            "critical": e.critical,
            "bytes": e.bytes,
        })).collect::<Vec<_>>(),
        "self_signed": c.self_issued(),
        "sha256": c.sha256,
        "size_map": size_map,
        "size_tree": tree(&c.size_tree),
        "lints": lints(c).into_iter().map(|lint| json!({
            "id": lint.id,
            "severity": lint.severity.as_str(),
            "sentence": lint.sentence,
            "why": lint.why,
            "source": lint.source,
            "refused_by": lint.refuses.iter().map(|p| p.as_str()).collect::<Vec<_>>(),
            "der_offset": lint.der_offset,
        })).collect::<Vec<_>>(),
        "names_that_fit": limit(answer).and_then(|n| crate::cert::names_that_fit(c, n)),
    })
}

/// The limit for one certificate, by its smallest reading.
fn limit(answer: &Answer<'_>) -> Option<usize> {
    answer
        .question
        .profile?
        .limits_of(crate::device::LimitKind::PeerCertificateBytes)
        .filter_map(|l| l.at_most.first())
        .min()
        .and_then(|n| usize::try_from(*n).ok())
}

fn tree(node: &SizeNode) -> Value {
    json!({
        "name": node.name,
        "offset": node.offset,
        "bytes": node.bytes,
        "children": node.children.iter().map(tree).collect::<Vec<_>>(),
    })
}

fn keys(answer: &Answer<'_>) -> Vec<Value> {
    answer
        .files
        .iter()
        .flat_map(|file| {
            file.objects
                .iter()
                .enumerate()
                .filter_map(move |(index, object)| match &object.content {
                    Content::PrivateKey(key) => Some(json!({
                        "file": file.name,
                        "index": index,
                        "format": key.format,
                        "encrypted": key.encrypted,
                        "type": key.kind,
                        "bits": key.bits,
                        "curve": key.curve,
                    })),
                    _ => None,
                })
        })
        .collect()
}

fn chain(answer: &Answer<'_>) -> Value {
    let inspection = answer.inspection;
    let Some(chain) = &inspection.chain else {
        return json!({ "sent": [], "found": [], "missing": [], "extra": [] });
    };
    json!({
        "sent": inspection.sent,
        "found": chain.found,
        "missing": inspection.missing.iter().map(|m| json!({
            "name": m.name,
            "at_hand": m.at_hand,
            "from": m.from,
        })).collect::<Vec<_>>(),
        "extra": inspection.extra,
        "duplicates": chain.duplicates,
        "alternatives": chain.alternatives,
        "order": inspection.order.as_str(),
        "ends_in_root": chain.ends_in_root,
        "issuer_not_at_hand": chain.missing.as_ref().map(|m| &m.name),
        "signatures": {
            "engine": SIGNATURE_ENGINE,
            "links": chain.links.iter().map(|link| json!({
                "verdict": link.as_str(),
                "why": match link {
                    SignatureCheck::NotChecked(why) => json!(why),
                    SignatureCheck::Good | SignatureCheck::Bad => Value::Null,
                },
            })).collect::<Vec<_>>(),
        },
    })
}

fn sizes(answer: &Answer<'_>) -> Value {
    let sent = answer.inspection.sent_bytes();
    let message = certificate_message_bytes(&sent);
    json!({
        "chain_der_bytes": sent.iter().sum::<usize>(),
        "certificate_message_bytes": message,
        "certificate_message_tls13_bytes": certificate_message_13_bytes(&sent),
        "record_bytes": record_bytes(message, RECORD_PAYLOAD),
        "segments": record_bytes(message, RECORD_PAYLOAD).div_ceil(SEGMENT),
    })
}

fn device(answer: &Answer<'_>) -> Value {
    answer.question.profile.map_or(Value::Null, |profile| {
        json!({
            "id": profile.id,
            "name": profile.name,
            "abilities": profile.abilities,
            "hints": profile.hints,
            "traps": answer.config.map_or_else(Vec::new, |config| config
                .traps
                .iter()
                .map(|t| json!({
                    "id": t.id,
                    "macro": t.name,
                    "line": if t.line > 0 { json!(t.line) } else { Value::Null },
                    "sentence": t.sentence,
                    "source": t.source,
                }))
                .collect()),
        })
    })
}

fn fit(fit: &Fit) -> Value {
    json!({
        "limit": fit.kind.as_str(),
        "what": fit.kind.text(),
        "of": fit.of,
        "value": match (&fit.value, &fit.text) {
            (Some(n), _) => json!(n),
            (None, Some(text)) => json!(text),
            (None, None) => Value::Null,
        },
        "limit_bytes": fit.limits.last(),
        "readings": fit.limits,
        "one_of": fit.one_of,
        "verdict": fit.verdict.as_str(),
        "over_by": match fit.verdict { FitVerdict::Over(n) => json!(n), _ => Value::Null },
        "over_by_readings": fit.value.map(|value| fit
            .limits
            .iter()
            .map(|limit| value.saturating_sub(*limit))
            .collect::<Vec<_>>()),
        "says": fit.says,
        "source": fit.source,
    })
}

fn findings(answer: &Answer<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = answer
        .inspection
        .statements
        .iter()
        .map(|s| {
            json!({
                "id": s.id,
                "severity": s.severity.as_str(),
                "sentence": s.sentence,
                "certificate": s.certificate,
            })
        })
        .collect();
    if let Some(config) = answer.config {
        out.extend(
            config
                .traps
                .iter()
                .filter(|t| t.id == "config.zero_means_on")
                .map(|t| {
                    json!({
                        "id": t.id,
                        "severity": "warning",
                        "sentence": t.sentence,
                        "certificate": Value::Null,
                    })
                }),
        );
    }
    out
}
