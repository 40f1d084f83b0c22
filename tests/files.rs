//! Files, growing files, streams and pasted text.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use handlens::evidence::StreamGap;
use handlens::transport::{
    SourceEvent, SourceHandle, Wake, follow_file, pasted, read_file, read_stream,
};

fn quiet() -> Wake {
    Arc::new(|| {})
}

fn next(source: &SourceHandle) -> SourceEvent {
    source
        .events()
        .recv_timeout(Duration::from_mins(1))
        .expect("an event within 5 s")
}

/// Bytes read and bytes in all.
type Progress = (u64, Option<u64>);

/// Everything up to the end: bytes, problems, last progress.
fn whole(source: &SourceHandle) -> (Vec<u8>, Vec<String>, Option<Progress>) {
    let (mut bytes, mut problems, mut progress) = (Vec::new(), Vec::new(), None);
    loop {
        match next(source) {
            SourceEvent::Chunk(chunk) => {
                assert!(!chunk.live);
                bytes.extend(chunk.bytes);
            }
            SourceEvent::Problem(notice) => problems.push(notice.sentence),
            SourceEvent::Progress { done, total } => {
                assert_eq!(done, bytes.len() as u64);
                progress = Some((done, total));
            }
            SourceEvent::Ended => return (bytes, problems, progress),
            SourceEvent::Opened(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn any_bytes_come_out_as_they_are_several_files_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let contents: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"no line end".to_vec(),
        b"CR\rCRLF\r\nLF\n\0\0\xff\xfe\x1b[31mred\x1b[0m".to_vec(),
        vec![b'x'; 1_500_000],
        (0..3_500_000_u32).map(|n| n.to_le_bytes()[0]).collect(),
    ];
    let sources: Vec<_> = contents
        .iter()
        .enumerate()
        .map(|(n, content)| {
            let path = folder.path().join(format!("{n}.log"));
            fs::write(&path, content).unwrap();
            read_file(&path, &quiet())
        })
        .collect();
    for (source, content) in sources.iter().zip(&contents) {
        let (bytes, problems, progress) = whole(source);
        assert!(bytes == *content);
        assert_eq!(problems, [""; 0]);
        let size = content.len() as u64;
        let expected = (size > 0).then_some((size, Some(size)));
        assert_eq!(progress, expected);
    }
}

#[test]
fn what_cannot_be_read_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for (path, words) in [
        (folder.path().join("none.log"), "There is no file"),
        (folder.path().to_owned(), "is a folder"),
    ] {
        for source in [read_file(&path, &quiet()), follow_file(&path, &quiet())] {
            let (bytes, problems, _) = whole(&source);
            assert!(bytes.is_empty());
            assert_eq!(problems.len(), 1);
            assert!(problems[0].contains(words), "{problems:?}");
        }
    }
}

#[test]
fn pasted_text_and_streams() {
    let source = pasted("pasted text", b"one\ntwo".to_vec(), &quiet());
    assert_eq!(source.name(), "pasted text");
    assert_eq!(whole(&source).0, b"one\ntwo");
    let source = read_stream("pipe", &b"three"[..], false, None, &quiet());
    assert_eq!(whole(&source).0, b"three");
}

#[test]
fn a_long_read_is_cancelled_at_once() {
    let source = read_stream("endless", std::io::repeat(b'x'), false, None, &quiet());
    assert!(matches!(next(&source), SourceEvent::Opened(_)));
    let begin = Instant::now();
    source.cancel();
    while !source.is_finished() {
        assert!(begin.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

/// Reads chunks up to this text and nothing more.
fn expect_text(source: &SourceHandle, text: &str, live: bool) {
    let mut got = Vec::new();
    while got.len() < text.len() {
        match next(source) {
            SourceEvent::Chunk(chunk) => {
                assert_eq!(chunk.live, live);
                got.extend(chunk.bytes);
            }
            SourceEvent::Opened(_) | SourceEvent::Progress { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(String::from_utf8(got).unwrap(), text);
}

fn expect_gap(source: &SourceHandle) -> StreamGap {
    loop {
        match next(source) {
            SourceEvent::Gap(gap) => return gap,
            SourceEvent::Progress { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_growing_file_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.log");
    append(&path, "before\n");
    let source = follow_file(&path, &quiet());
    expect_text(&source, "before\n", false);
    // The end of the file must have been seen once before what is new is live.
    std::thread::sleep(Duration::from_millis(120));
    for n in 0..5 {
        let line = format!("line {n}\n");
        let begin = Instant::now();
        append(&path, &line);
        loop {
            match next(&source) {
                SourceEvent::Chunk(chunk) => {
                    assert!(chunk.live);
                    assert_eq!(chunk.bytes, line.as_bytes());
                    break;
                }
                SourceEvent::Progress { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn a_file_that_is_started_anew_is_read_from_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.log");
    append(&path, "a long first run\n");
    let source = follow_file(&path, &quiet());
    expect_text(&source, "a long first run\n", false);
    std::thread::sleep(Duration::from_millis(120));
    fs::write(&path, "second\n").unwrap();
    let gap = expect_gap(&source);
    assert!(
        gap.sentence.contains("became shorter, from 17 to"),
        "{}",
        gap.sentence
    );
    expect_text(&source, "second\n", true);
}

#[test]
fn a_rotated_file_is_read_to_its_end_and_then_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.log");
    append(&path, "one\n");
    let source = follow_file(&path, &quiet());
    expect_text(&source, "one\n", false);
    std::thread::sleep(Duration::from_millis(120));
    let new = folder.path().join("new");
    append(&new, "three\n");
    append(&path, "two\n");
    fs::rename(&new, &path).unwrap();
    expect_text(&source, "two\n", true);
    let gap = expect_gap(&source);
    assert!(gap.sentence.contains("was rotated"), "{}", gap.sentence);
    expect_text(&source, "three\n", true);
}

#[test]
fn a_deleted_file_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("device.log");
    append(&path, "one\n");
    let source = follow_file(&path, &quiet());
    expect_text(&source, "one\n", false);
    fs::remove_file(&path).unwrap();
    let notice = loop {
        match next(&source) {
            SourceEvent::Closed(notice) => break notice,
            SourceEvent::Progress { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(
        notice
            .sentence
            .contains("was deleted. 4 bytes of it are safe."),
        "{}",
        notice.sentence
    );
    append(&path, "again\n");
    let gap = expect_gap(&source);
    assert!(gap.ms.is_some());
    expect_text(&source, "again\n", true);
}
