//! The result of `certs` as JSON; the schema is `assets/schema/certs.json`.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use super::Answer;
use super::parallel;
use crate::cert::{
    CertFile, Content, Fit, FitVerdict, PairVerdict, PathCheck, Problem, RECORD_PAYLOAD, SEGMENT,
    SIGNATURE_ENGINE, SignatureCheck, Strand, Takes, certificate_message_13_bytes,
    certificate_message_bytes, record_bytes,
};
use crate::report::{CertificateJson, Place};
use crate::session::figures::rfc3339;

/// More certificates than this are written without line ends and indents.
const FOR_THE_EYE: usize = 100;

/// The whole result; the certificates, which can be thousands, are written from where they are.
pub(super) struct Page<'a> {
    rest: Value,
    inputs: Vec<Input<'a>>,
    certificates: Vec<CertificateJson<'a>>,
    chains: Vec<Chain<'a>>,
}

impl Page<'_> {
    /// So many certificates are for a program and not for the eye.
    pub fn is_large(&self) -> bool {
        self.certificates.len() > FOR_THE_EYE
    }

    /// Adds a part that only some runs have.
    pub(super) fn add(&mut self, name: &str, value: Value) {
        if let Some(map) = self.rest.as_object_mut() {
            map.insert(name.to_owned(), value);
        }
    }
}

impl Page<'_> {
    /// Writes the page on one line; its long lists are written by all processors at once.
    pub fn write_line(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut before = "{";
        for (name, value) in self.rest.as_object().into_iter().flatten() {
            out.write_all(before.as_bytes())?;
            before = ",";
            serde_json::to_writer(&mut *out, name)?;
            out.write_all(b":")?;
            match name.as_str() {
                "certificates" => write_list(&self.certificates, out)?,
                "inputs" => write_list(&self.inputs, out)?,
                "chains" => write_list(&self.chains, out)?,
                _ => serde_json::to_writer(&mut *out, value)?,
            }
        }
        out.write_all(b"}\n")?;
        out.flush()
    }
}

/// Things of a list that are written at once, and by one thread: enough to be worth a thread, and
/// few enough that their text is still at hand when it goes out.
const AT_ONCE: usize = 2_048;
const BY_ONE: usize = 32;

fn write_list<T: Serialize + Sync>(list: &[T], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    let mut before = "";
    for some in list.chunks(AT_ONCE) {
        let parts: Vec<&[T]> = some.chunks(BY_ONE).collect();
        for text in parallel::each(&parts, |part| text_of(part)) {
            out.write_all(before.as_bytes())?;
            before = ",";
            out.write_all(&text?)?;
        }
    }
    out.write_all(b"]")
}

/// The things with commas between them.
fn text_of<T: Serialize>(part: &[T]) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(part.len() * 4_096);
    for (i, one) in part.iter().enumerate() {
        if i > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, one)?;
    }
    Ok(text)
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.rest.as_object().into_iter().flatten() {
            match name.as_str() {
                "certificates" => map.serialize_entry(name, &self.certificates)?,
                "inputs" => map.serialize_entry(name, &self.inputs)?,
                "chains" => map.serialize_entry(name, &self.chains)?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

pub(super) fn page<'a>(answer: &'a Answer<'a>) -> Page<'a> {
    let mut before = (usize::MAX, 0);
    let certificates = answer
        .inspection
        .certificates
        .iter()
        .zip(answer.lints)
        .map(|((file, object, certificate), lints)| {
            let index = if before.0 == *file { before.1 + 1 } else { 0 };
            before = (*file, index);
            let of = answer.files.get(*file);
            let object = of.and_then(|f| f.objects.get(*object));
            CertificateJson {
                place: Place {
                    file: of.map_or("", |f| f.name.as_str()),
                    index,
                    encoding: object.map(|o| o.encoding.as_str()),
                    at_unix_s: answer.question.at_unix_s,
                    limit: limit(answer),
                },
                certificate,
                lints,
            }
        })
        .collect();
    Page {
        rest: object(answer),
        inputs: answer.files.iter().map(Input).collect(),
        certificates,
        chains: answer.inspection.strands.iter().map(Chain).collect(),
    }
}

fn object(answer: &Answer<'_>) -> Value {
    let inspection = answer.inspection;
    let mut object = json!({
        "schema": "handlens.certs/1",
        "judged_at": rfc3339(answer.at),
        "judged_at_from": answer.at_from,
        "inputs": Value::Null,
        "certificates": Value::Null,
        "keys": keys(answer),
        "chain": chain(answer),
        "chains": Value::Null,
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
            "of": if r.of_chain { "chain" } else { "leaf" },
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
    });
    if let (Some(map), Some(every)) = (object.as_object_mut(), &answer.every) {
        let rows = every.iter().map(|(profile, fits)| {
            json!({
                "id": profile.id,
                "name": profile.name,
                "takes": Takes::of(fits).as_str(),
                "limits": fits.len(),
                "fit": fits.iter().map(fit).collect::<Vec<_>>(),
            })
        });
        map.insert("devices".into(), Value::Array(rows.collect()));
    }
    object
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

struct Input<'a>(&'a CertFile);

impl Serialize for Input<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = self.0;
        let kind = file
            .objects
            .iter()
            .find(|o| matches!(o.content, Content::Certificate(_)))
            .or_else(|| file.objects.first())
            .map_or("unreadable", |o| o.content.kind());
        let problems: Vec<Value> = file
            .problems
            .iter()
            .chain(file.certificates().flat_map(|c| &c.problems))
            .map(|p| problem(p, file))
            .collect();
        let objects: Vec<Object<'_>> = file.objects.iter().map(Object).collect();
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("name", &file.name)?;
        map.serialize_entry("kind", kind)?;
        map.serialize_entry("bytes", &file.size_bytes)?;
        map.serialize_entry("objects", &objects)?;
        map.serialize_entry("problems", &problems)?;
        map.end()
    }
}

struct Object<'a>(&'a crate::cert::Object);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("kind", self.0.content.kind())?;
        map.serialize_entry("encoding", self.0.encoding.as_str())?;
        map.serialize_entry("label", &self.0.label)?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("file_bytes", &self.0.file_bytes)?;
        map.serialize_entry("der_bytes", &self.0.der_bytes)?;
        map.end()
    }
}

struct Chain<'a>(&'a Strand);

impl Serialize for Chain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let strand = self.0;
        let signatures: Vec<&str> = strand.links.iter().map(SignatureCheck::as_str).collect();
        let missing = strand
            .missing
            .as_ref()
            .map(|m| json!({ "name": m.name, "from": m.from }));
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("found", &strand.found)?;
        map.serialize_entry("ends_in_root", &strand.ends_in_root)?;
        map.serialize_entry("signatures", &signatures)?;
        map.serialize_entry("missing", &missing)?;
        map.serialize_entry("alternatives", &strand.alternatives)?;
        map.end()
    }
}

/// The limit for one certificate, by its smallest reading.
pub(super) fn limit(answer: &Answer<'_>) -> Option<usize> {
    answer
        .question
        .profile?
        .limits_of(crate::device::LimitKind::PeerCertificateBytes)
        .filter_map(|l| l.at_most.first())
        .min()
        .and_then(|n| usize::try_from(*n).ok())
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
