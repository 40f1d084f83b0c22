//! A session as one file: a ZIP archive with `session.json` first and the bytes of each input.
//!
//! In: inputs with their bytes and what was stated. Out: the file, and all of that back from it; the
//! timeline is always rebuilt from the bytes. Private keys that a device printed are blanked before
//! anything is written; offsets and lines stay.

use std::io::{Cursor, Read, Write};

use serde::{Deserialize, Serialize};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::case::{Case, NewInput};
use super::file_seen::{KeptKey, read_again};
use super::log_store::LogStore;
use super::private_keys::blank_private_keys;
use super::probe_run::SavedProbe;
use super::saved_key::KeyFile;
use super::snapshot::{Gap, Problem};
use crate::capture::DeviceSide;
use crate::decode::dialect_name;
use crate::diagnose::Trial;
use crate::evidence::{ChunkDirection, Fact, FactState, InputId, InputKind, Lane, Micros};
use crate::recording::Recording;

const SCHEMA: &str = "handlens.session/1";

/// Inputs above this size are refused when a session is opened: a damaged length must not fill the
/// memory.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Why a session cannot be saved or opened.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The archive is damaged or cannot be written.
    #[error("the archive cannot be used ({0}).")]
    Archive(#[from] zip::result::ZipError),
    /// Reading or writing failed.
    #[error("it cannot be read or written ({0}).")]
    Io(#[from] std::io::Error),
    /// `session.json` says something else than it should.
    #[error("its contents are not those of a session ({0}).")]
    Contents(#[from] serde_json::Error),
    /// A newer version wrote it.
    #[error("it was saved in a form that this version does not know ({0}).")]
    Version(String),
    /// An input is larger than any that was saved.
    #[error("the input {0} is larger than any session can hold.")]
    TooLarge(String),
}

/// What a session file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedSession {
    /// Title: the verdict's sentence.
    pub title: String,
    /// Inputs in order.
    pub inputs: Vec<SavedInput>,
    /// Facts as `NAME=VALUE`.
    pub stated: Vec<String>,
    /// Answers of the tree: question, label.
    pub answers: Vec<(String, String)>,
    /// Experiments, each as `ID=RESULT; NOTE`.
    pub trials: Vec<String>,
    /// Attempt chosen by hand.
    pub judged: Option<usize>,
    /// Moment of judgement that was given.
    pub at: Option<Micros>,
    /// Id of the device that was chosen.
    pub device: Option<String>,
    /// Probes of servers that are over.
    pub probes: Vec<SavedProbe>,
}

/// One input with its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedInput {
    /// Name to show.
    pub name: String,
    /// What it was.
    pub kind: InputKind,
    /// Whose words it holds.
    pub lane: Lane,
    /// When the file was last written.
    pub file_time: Option<Micros>,
    /// Time of the read for the bytes from this offset on.
    pub times: Vec<(u64, Micros)>,
    /// Missing pieces: before this offset, how long, one sentence.
    pub gaps: Vec<(u64, Option<i64>, String)>,
    /// What was said about it.
    pub remarks: Vec<String>,
    /// Bytes that were seen and neither decoded nor kept.
    pub not_kept: u64,
    /// Whose words it holds, where a person said so.
    pub lane_by_hand: Option<Lane>,
    /// Of a capture: which end is the device, where a person said so.
    pub side_by_hand: Option<DeviceSide>,
    /// What a person added to its times, milliseconds.
    pub offset_ms: Option<i64>,
    /// The dialect that a person chose to read it as.
    pub read_as: Option<String>,
    /// What is known of private keys whose bytes are blanked.
    pub keys: Vec<KeptKey>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct SessionFile {
    schema: String,
    program: String,
    title: String,
    inputs: Vec<InputFile>,
    stated: Vec<String>,
    answers: Vec<(String, String)>,
    #[serde(default)]
    trials: Vec<String>,
    judged: Option<usize>,
    at: Option<Micros>,
    #[serde(default)]
    device: Option<String>,
    #[serde(default)]
    probes: Vec<SavedProbe>,
}

#[derive(Serialize, Deserialize)]
struct InputFile {
    name: String,
    kind: String,
    lane: String,
    file_time: Option<Micros>,
    times: Vec<(u64, Micros)>,
    gaps: Vec<(u64, Option<i64>, String)>,
    remarks: Vec<String>,
    #[serde(default)]
    not_kept: u64,
    #[serde(default)]
    lane_by_hand: Option<String>,
    #[serde(default)]
    side_by_hand: Option<String>,
    #[serde(default)]
    offset_ms: Option<i64>,
    #[serde(default)]
    read_as: Option<String>,
    #[serde(default)]
    keys: Vec<KeyFile>,
    file: String,
}

impl SavedSession {
    /// Writes the file.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(mut self, out: &mut (impl Write + std::io::Seek)) -> Result<(), SaveError> {
        for input in &mut self.inputs {
            blank_private_keys(&mut input.bytes);
        }
        let file = SessionFile {
            schema: SCHEMA.into(),
            program: concat!("handlens ", env!("CARGO_PKG_VERSION")).into(),
            title: self.title,
            inputs: self
                .inputs
                .iter()
                .enumerate()
                .map(|(i, input)| InputFile {
                    name: input.name.clone(),
                    kind: input.kind.as_str().into(),
                    lane: lane_word(input.lane).into(),
                    file_time: input.file_time,
                    times: input.times.clone(),
                    gaps: input.gaps.clone(),
                    remarks: input.remarks.clone(),
                    not_kept: input.not_kept,
                    lane_by_hand: input.lane_by_hand.map(|l| lane_word(l).into()),
                    side_by_hand: input.side_by_hand.as_ref().map(ToString::to_string),
                    offset_ms: input.offset_ms,
                    read_as: input.read_as.clone(),
                    keys: input.keys.iter().map(KeyFile::of).collect(),
                    file: format!("inputs/{i}.bin"),
                })
                .collect(),
            stated: self.stated,
            answers: self.answers,
            trials: self.trials,
            judged: self.judged,
            at: self.at,
            device: self.device,
            probes: self.probes,
        };
        let mut archive = ZipWriter::new(out);
        let options = SimpleFileOptions::default().large_file(true);
        // First and so named: by this the file is recognised.
        archive.start_file("session.json", SimpleFileOptions::default())?;
        archive.write_all(&serde_json::to_vec_pretty(&file)?)?;
        for (input, described) in self.inputs.iter().zip(&file.inputs) {
            archive.start_file(&described.file, options)?;
            archive.write_all(&input.bytes)?;
        }
        archive.finish()?.flush()?;
        Ok(())
    }

    /// Reads a file back.
    ///
    /// # Errors
    /// When it is damaged or was written by a later version.
    pub fn read(bytes: &[u8]) -> Result<Self, SaveError> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let mut text = String::new();
        archive
            .by_name("session.json")?
            .take(64 * 1024 * 1024)
            .read_to_string(&mut text)?;
        let file: SessionFile = serde_json::from_str(&text)?;
        if file.schema != SCHEMA {
            return Err(SaveError::Version(file.schema));
        }
        let mut inputs = Vec::new();
        for described in file.inputs {
            let entry = archive.by_name(&described.file)?;
            if entry.size() > MOST_BYTES {
                return Err(SaveError::TooLarge(described.name));
            }
            let mut bytes = Vec::new();
            entry.take(MOST_BYTES).read_to_end(&mut bytes)?;
            inputs.push(SavedInput {
                name: described.name,
                kind: kind_of(&described.kind),
                lane: lane_of(&described.lane),
                file_time: described.file_time,
                times: described.times,
                gaps: described.gaps,
                remarks: described.remarks,
                not_kept: described.not_kept,
                lane_by_hand: described.lane_by_hand.as_deref().map(lane_of),
                side_by_hand: described.side_by_hand.and_then(|s| s.parse().ok()),
                offset_ms: described.offset_ms,
                read_as: described.read_as,
                keys: described
                    .keys
                    .into_iter()
                    .filter_map(KeyFile::key)
                    .collect(),
                bytes,
            });
        }
        Ok(Self {
            title: file.title,
            inputs,
            stated: file.stated,
            answers: file.answers,
            trials: file.trials,
            judged: file.judged,
            at: file.at,
            device: file.device,
            probes: file.probes,
        })
    }

    /// Puts what was stated, answered and chosen back into a case.
    pub fn restore_statements(&self, case: &mut Case) {
        for text in &self.stated {
            match case.knowledge().parse_stated(text) {
                Ok(fact) => case.state(fact),
                Err(sentence) => case.add_problem(Problem {
                    input: None,
                    sentence: format!(
                        "A stated fact of the saved session is not known any more: {sentence}"
                    ),
                    details: String::new(),
                }),
            }
        }
        for text in &self.trials {
            match Trial::parse(text, case.knowledge()) {
                Ok(trial) => case.try_out(trial),
                Err(sentence) => case.add_problem(Problem {
                    input: None,
                    sentence: format!(
                        "An experiment of the saved session is not known any more: {sentence}"
                    ),
                    details: String::new(),
                }),
            }
        }
        for (node, label) in &self.answers {
            case.answer(node, label);
        }
        if let Some(id) = &self.device
            && let Err(sentence) = case.choose_device(Some(id))
        {
            case.add_problem(Problem {
                input: None,
                sentence: format!("The device of the saved session cannot be used: {sentence}"),
                details: String::new(),
            });
        }
        if self.at.is_some() {
            case.set_at(self.at);
        }
        for probe in &self.probes {
            case.add_probe(probe.run());
        }
        case.set_judged(self.judged);
    }
}

impl SavedInput {
    /// A recording as an input of this name.
    #[must_use]
    pub fn from_recording(name: &str, recording: &Recording) -> Self {
        let mut bytes = Vec::new();
        let mut times = Vec::new();
        let mut gaps = Vec::new();
        let mut gap_at = recording.gaps.iter().peekable();
        for (i, chunk) in recording.chunks.iter().enumerate() {
            while let Some(gap) = gap_at.next_if(|g| g.before_chunk <= i) {
                gaps.push((bytes.len() as u64, gap.ms, gap.sentence.clone()));
            }
            if chunk.direction == ChunkDirection::FromDevice {
                times.push((bytes.len() as u64, chunk.received_us));
                bytes.extend_from_slice(&chunk.bytes);
            }
        }
        gaps.extend(gap_at.map(|g| (bytes.len() as u64, g.ms, g.sentence.clone())));
        let mut remarks: Vec<String> = recording
            .damage
            .iter()
            .map(|d| d.sentence.clone())
            .collect();
        remarks.extend(recording.torn_tail.iter().map(|t| t.sentence.clone()));
        Self {
            name: name.to_owned(),
            kind: InputKind::Recording,
            lane: Lane::Device,
            file_time: None,
            times,
            gaps,
            remarks,
            not_kept: 0,
            lane_by_hand: None,
            side_by_hand: None,
            offset_ms: None,
            read_as: None,
            keys: Vec::new(),
            bytes,
        }
    }

    /// Puts the input into a case as if it came in again.
    pub fn replay(&self, id: InputId, case: &mut Case, store: &mut LogStore) {
        let kind = match self.kind {
            InputKind::Serial | InputKind::Simulated => InputKind::Recording,
            other => other,
        };
        case.add_input(NewInput {
            id,
            name: self.name.clone(),
            kind,
            lane: Lane::Device,
            file_time: self.file_time,
        });
        case.set_lane(id, self.lane_by_hand);
        case.set_side(id, self.side_by_hand.clone());
        case.read_again_as(id, self.read_as.as_deref().and_then(dialect_name));
        case.set_offset(id, self.offset_ms);
        if let Some(content) = read_again(&self.name, kind, &self.bytes, &self.keys) {
            case.set_content(id, content);
        }
        for remark in &self.remarks {
            case.add_problem(Problem {
                input: Some(id),
                sentence: remark.clone(),
                details: String::new(),
            });
        }
        let mut gaps = self.gaps.iter().peekable();
        let mut ends: Vec<u64> = self.times.iter().map(|(at, _)| *at).collect();
        ends.push(self.bytes.len() as u64);
        let mut at = 0;
        let mut received = None;
        for (i, end) in ends.iter().enumerate() {
            let piece = range(&self.bytes, at, *end);
            case.push(id, piece, received);
            // A full temporary folder keeps the bytes in memory: nothing to do here.
            let _ = store.push(piece, received);
            while let Some((_, ms, sentence)) = gaps.next_if(|(before, _, _)| before <= end) {
                case.add_gap(Gap {
                    input: id,
                    before_line: store.line_count().saturating_add(1),
                    ms: *ms,
                    sentence: sentence.clone(),
                });
            }
            at = *end;
            received = self.times.get(i).map(|(_, at)| *at);
        }
        case.add_bytes(id, self.not_kept);
        case.finish(id);
    }
}

/// A stated fact as a person would type it.
#[must_use]
pub fn typed(fact: &Fact) -> String {
    let value = match &fact.state {
        FactState::Known(value) => value.display(),
        FactState::Absent => "none".into(),
    };
    format!("{}={value}", fact.name)
}

fn range(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
    bytes.get(at(from)..at(to)).unwrap_or_default()
}

fn lane_word(lane: Lane) -> &'static str {
    match lane {
        Lane::Device => "device",
        Lane::Peer => "peer",
    }
}

fn lane_of(word: &str) -> Lane {
    if word == "peer" {
        Lane::Peer
    } else {
        Lane::Device
    }
}

fn kind_of(word: &str) -> InputKind {
    [
        InputKind::Serial,
        InputKind::Simulated,
        InputKind::Recording,
        InputKind::Capture,
        InputKind::Certificate,
        InputKind::Config,
        InputKind::KeyLog,
        InputKind::Binary,
    ]
    .into_iter()
    .find(|k| k.as_str() == word)
    .unwrap_or(InputKind::Log)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn saved() -> SavedSession {
        SavedSession {
            title: "The device waits.".into(),
            inputs: vec![SavedInput {
                name: "COM4".into(),
                kind: InputKind::Serial,
                lane: Lane::Device,
                file_time: None,
                times: vec![(0, 1_000_000), (4, 2_000_000)],
                gaps: vec![(4, Some(300), "COM4 was gone for 0.3 s.".into())],
                remarks: vec![],
                not_kept: 0,
                lane_by_hand: Some(Lane::Peer),
                side_by_hand: Some(DeviceSide::Server),
                offset_ms: Some(-250),
                read_as: Some("wolfssl".into()),
                keys: vec![],
                bytes: b"one\ntwo\n".to_vec(),
            }],
            stated: vec!["device.rx_buffer_bytes=1024".into()],
            answers: vec![("Q2".into(), "yes".into())],
            trials: vec!["link=works; at the office".into()],
            judged: Some(1),
            at: None,
            device: Some("spwf04sx".into()),
            probes: vec![],
        }
    }

    fn written(session: SavedSession) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        session.write(&mut out).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_session_comes_back_as_it_was() {
        let bytes = written(saved());
        assert_eq!(
            super::super::recognise(&bytes, bytes.len() as u64),
            super::super::Content::Session
        );
        assert_eq!(SavedSession::read(&bytes).unwrap(), saved());
    }

    #[test]
    fn private_keys_are_never_written() {
        let mut session = saved();
        let key =
            b"-----BEGIN PRIVATE KEY-----\nMIIEPLANTEDPLANTEDPLANTED\n-----END PRIVATE KEY-----\n";
        session.inputs[0].bytes = key.to_vec();
        let back = SavedSession::read(&written(session)).unwrap();
        let bytes = &back.inputs[0].bytes;
        assert_eq!(bytes.len(), key.len());
        assert!(!String::from_utf8_lossy(bytes).contains("PLANTED"));
    }

    #[test]
    fn damage_is_an_error_at_every_length() {
        let bytes = written(saved());
        for cut in (0..bytes.len() - 1).step_by(7) {
            assert!(SavedSession::read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
