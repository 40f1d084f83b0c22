//! Inputs of the JSON contract.

use serde::Serialize;

use super::super::source::ReportSource;
use crate::cert::{CertFile, Content};
use crate::evidence::Input;
use crate::session::FileContent;

/// An input.
#[derive(Clone, Debug, Serialize)]
pub struct InputJson {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: &'static str,
    /// Dialects recognised.
    pub dialects: Vec<String>,
    /// Why each of them was recognised.
    pub readings: Vec<ReadingJson>,
    /// The dialect that was asked for; absent where each line was read as what it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
    /// Lines.
    pub lines: u32,
    /// Bytes.
    pub bytes: u64,
    /// Whose words: `device` or `peer`.
    pub lane: &'static str,
    /// Milliseconds that were added to its times; absent where none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// What a file of certificates holds; absent for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<ObjectJson>>,
    /// Settings that a configuration defines; absent for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defines: Option<usize>,
}

/// A dialect that lines were recognised as.
#[derive(Clone, Debug, Serialize)]
pub struct ReadingJson {
    /// Its name.
    pub dialect: String,
    /// Lines of its form.
    pub lines: u64,
    /// The first of them.
    pub first_line: u32,
}

/// One object of a file of certificates.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectJson {
    /// `certificate`, `private_key`, `certificate_request` …
    pub kind: &'static str,
    /// Subject of a certificate or request, issuer of a revocation list.
    pub name: Option<String>,
    /// Size of its DER.
    pub der_bytes: usize,
}

/// Makes the object of one input.
pub(super) fn input_json(source: &ReportSource<'_>, input: &Input) -> InputJson {
    let snapshot = source.snapshot;
    let content = snapshot
        .files
        .iter()
        .find(|f| f.input == input.id)
        .map(|f| &f.content);
    InputJson {
        name: input.name.clone(),
        kind: input.kind.as_str(),
        dialects: input.dialects.clone(),
        readings: input
            .readings
            .iter()
            .map(|r| ReadingJson {
                dialect: r.dialect.clone(),
                lines: r.lines,
                first_line: r.first_line,
            })
            .collect(),
        read_as: input.read_as.clone(),
        lines: input.lines,
        bytes: input.bytes,
        lane: input.lane.as_str(),
        offset_ms: snapshot
            .clocks
            .iter()
            .find(|c| c.input == input.id)
            .map(|c| c.offset_ms),
        objects: match content {
            Some(FileContent::Certificates(file)) => Some(objects(file)),
            _ => None,
        },
        defines: match content {
            Some(FileContent::Config(config)) => Some(config.defines.len()),
            _ => None,
        },
    }
}

fn objects(file: &CertFile) -> Vec<ObjectJson> {
    file.objects
        .iter()
        .map(|o| ObjectJson {
            kind: o.content.kind(),
            name: match &o.content {
                Content::Certificate(c) => Some(c.subject.text()),
                Content::Request(r) => Some(r.subject.text()),
                Content::Crl(crl) => Some(crl.issuer.text()),
                _ => None,
            },
            der_bytes: o.der_bytes,
        })
        .collect()
}
