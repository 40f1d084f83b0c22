//! The recording: what was read is in it, whatever happens to the program, the disk or the file.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handlens::evidence::{Chunk, ChunkDirection, ChunkSink, StreamGap};
use handlens::recording::{
    RecordError, Recorder, convert_timed, encode_recording, is_recording, open_recording,
    read_recording, read_timed,
};

fn chunk(n: usize, bytes: Vec<u8>) -> Chunk {
    let us = i64::try_from(n).unwrap() * 1_500;
    Chunk {
        at: 70_000 + us,
        received_us: 1_772_460_333_000_000 + us,
        live: true,
        direction: if n % 5 == 4 {
            ChunkDirection::ToDevice
        } else {
            ChunkDirection::FromDevice
        },
        bytes,
    }
}

/// Chunks of all sizes from 1 to 40 bytes, with all values.
fn session(count: usize) -> Vec<Chunk> {
    (0..count)
        .map(|n| {
            let bytes = (0..=n % 40).map(|k| u8::try_from((n * 31 + k * 7) % 256).unwrap());
            chunk(n, bytes.collect())
        })
        .collect()
}

fn gap() -> StreamGap {
    StreamGap {
        at: 90_000,
        received_us: 1_772_460_333_020_000,
        ms: Some(3_200),
        sentence: "COM4 was gone for 3.2 s. What the device printed meanwhile is missing.".into(),
    }
}

#[test]
fn everything_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.pcapng");
    let chunks = session(60);
    let mut recorder = Recorder::create(&path, "COM4", "115200 8N1").unwrap();
    for c in &chunks[..30] {
        assert_eq!(recorder.write(c), None);
        // In the file before the next thing happens, not in a buffer.
        let so_far = open_recording(&path).unwrap();
        assert_eq!(so_far.chunks.last(), Some(c));
        assert_eq!(so_far.torn_tail, None);
    }
    assert_eq!(recorder.write_gap(&gap()), None);
    assert_eq!(
        recorder.write_note(91_000, 1_772_460_333_021_000, "Antenne gewechselt ✓"),
        None
    );
    for c in &chunks[30..] {
        assert_eq!(recorder.write(c), None);
    }
    drop(recorder);

    let read = open_recording(&path).unwrap();
    assert_eq!(read.port, "COM4");
    assert_eq!(read.line, "115200 8N1");
    assert_eq!(read.chunks, chunks);
    assert_eq!(read.damage, []);
    assert_eq!(read.gaps.len(), 1);
    assert_eq!(read.gaps[0].before_chunk, 30);
    assert_eq!(read.gaps[0].ms, Some(3_200));
    assert_eq!(read.gaps[0].sentence, gap().sentence);
    assert_eq!(read.notes.len(), 1);
    assert_eq!(read.notes[0].text, "Antenne gewechselt ✓");
    assert_eq!(read.notes[0].received_us, 1_772_460_333_021_000);
    let from_device: Vec<u8> = chunks
        .iter()
        .filter(|c| c.direction == ChunkDirection::FromDevice)
        .flat_map(|c| c.bytes.clone())
        .collect();
    assert_eq!(read.plain_bytes(), from_device);
}

/// The reader of the pcap-parser crate walks the file as any other program would.
#[test]
fn the_file_is_plain_pcapng() {
    use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
    use pcap_parser::{Block, PcapBlockOwned, PcapError, PcapNGReader};
    let chunks = session(40);
    let bytes = encode_recording("/dev/ttyUSB0", "9600 7E1", &chunks);
    let mut reader = PcapNGReader::new(1 << 20, &bytes[..]).unwrap();
    let mut payload = Vec::new();
    let mut used = 0;
    loop {
        match reader.next() {
            Ok((len, PcapBlockOwned::NG(block))) => {
                match block {
                    Block::SectionHeader(s) => {
                        assert_eq!((s.major_version, s.minor_version), (1, 0));
                    }
                    Block::InterfaceDescription(i) => {
                        assert_eq!(i.linktype.0, 147);
                        assert_eq!(i.ts_resolution(), Some(1_000_000));
                    }
                    Block::EnhancedPacket(p) => {
                        let (seconds, micros) = p.decode_ts(0, 1_000_000);
                        let n = payload.len();
                        let us = i64::from(seconds) * 1_000_000 + i64::from(micros);
                        assert_eq!(us, chunks[n].received_us);
                        payload.push(p.packet_data().to_vec());
                    }
                    other => panic!("{other:?}"),
                }
                used += len;
                reader.consume(len);
            }
            Err(PcapError::Eof) => break,
            Ok(_) => panic!("a block of the old format"),
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(e) => panic!("{e:?}"),
        }
    }
    assert_eq!(used, bytes.len());
    assert!(payload.iter().eq(chunks.iter().map(|c| &c.bytes)));
}

#[test]
fn a_large_chunk_becomes_packets_that_other_programs_take() {
    let large = chunk(0, vec![0xa5; 300_000]);
    let read = read_recording(&encode_recording("p", "", &[large])).unwrap();
    assert!(read.chunks.iter().all(|c| c.bytes.len() <= 65_536));
    assert_eq!(read.plain_bytes().len(), 300_000);
}

#[test]
fn only_our_recordings_are_taken_for_recordings() {
    let ours = encode_recording("COM4", "", &session(3));
    assert!(is_recording(&ours));
    assert!(is_recording(&ours[..120]));
    assert!(!is_recording(b""));
    assert!(!is_recording(b"I (312) boot: hello\r\n"));
    let mut ethernet = ours.clone();
    let link_type = ethernet
        .windows(4)
        .position(|w| w == [147, 0, 0, 0])
        .unwrap();
    ethernet[link_type] = 1;
    assert!(!is_recording(&ethernet));
    let mut other = ours;
    let name = other.windows(8).position(|w| w == b"Handlens").unwrap();
    other[name..name + 8].copy_from_slice(b"dumpcap ");
    assert!(!is_recording(&other));
    for bytes in [&ethernet[..], &other, b"text", &[0x0a, 0x0d, 0x0d, 0x0b]] {
        assert!(read_recording(bytes).is_err());
    }
}

#[test]
fn cut_anywhere_in_the_last_4_kilobytes_it_opens_with_the_right_start() {
    let chunks = session(200);
    let whole = encode_recording("COM4", "115200 8N1", &chunks);
    let all: Vec<u8> = chunks.iter().flat_map(|c| c.bytes.clone()).collect();
    let mut torn = 0;
    for cut in whole.len() - 4096..whole.len() {
        let read = read_recording(&whole[..cut]).unwrap();
        let got: Vec<u8> = read.chunks.iter().flat_map(|c| c.bytes.clone()).collect();
        assert!(all.starts_with(&got), "cut at {cut}");
        assert_eq!(read.chunks, chunks[..read.chunks.len()]);
        assert_eq!(read.damage, []);
        if let Some(tail) = read.torn_tail {
            torn += 1;
            // Nothing but the packet that was cut is missing.
            assert_eq!(tail.offset + tail.bytes, cut as u64);
            assert!(tail.bytes < 150, "{}", tail.bytes);
            let mended = read_recording(&whole[..usize::try_from(tail.offset).unwrap()]).unwrap();
            assert_eq!(mended.torn_tail, None);
            assert_eq!(mended.chunks.len(), read.chunks.len());
        }
    }
    assert!(torn > 4000, "{torn}");
}

/// After a power loss a file can have its length but not its last pages.
#[test]
fn an_end_of_zeros_is_a_torn_tail() {
    let chunks = session(200);
    let mut bytes = encode_recording("COM4", "", &chunks);
    let from = bytes.len() - 4096;
    bytes[from..].fill(0);
    let read = read_recording(&bytes).unwrap();
    let count = read.chunks.len();
    assert!((120..200).contains(&count), "{count}");
    assert_eq!(read.chunks, chunks[..count]);
    let tail = read.torn_tail.unwrap();
    assert!((4096..4300).contains(&tail.bytes), "{}", tail.bytes);
    assert!(tail.sentence.contains("Everything before is whole."));
}

#[test]
fn cut_in_the_header_it_still_opens() {
    let whole = encode_recording("COM4", "115200 8N1", &[]);
    for cut in 0..=whole.len() {
        let read = read_recording(&whole[..cut]).unwrap_or_else(|e| panic!("{cut}: {e}"));
        assert_eq!(read.chunks, []);
    }
}

#[test]
fn changed_bytes_are_told() {
    let chunks = session(50);
    let mut bytes = encode_recording("COM4", "", &chunks);
    let needle = &chunks[37].bytes;
    let at = bytes
        .windows(needle.len())
        .position(|w| w == &needle[..])
        .unwrap();
    bytes[at + 2] ^= 0x10;
    let read = read_recording(&bytes).unwrap();
    assert_eq!(read.chunks.len(), 50);
    assert_eq!(read.damage.len(), 1);
    assert_eq!(read.damage[0].chunk, 37);
    assert!(
        read.damage[0]
            .sentence
            .starts_with("Packet 38 (38 bytes) was changed"),
        "{}",
        read.damage[0].sentence
    );
}

#[test]
fn what_follows_a_lost_sector_is_found_again() {
    let chunks = session(200);
    let whole = encode_recording("COM4", "", &chunks);
    for filling in [0x00, 0xff, 0x06] {
        let mut bytes = whole.clone();
        let from = bytes.len() / 2;
        bytes[from..from + 512].fill(filling);
        let read = read_recording(&bytes).unwrap();
        assert!(read.chunks.len() > 185, "{}", read.chunks.len());
        assert_eq!(read.chunks.last(), chunks.last());
        assert!(!read.damage.is_empty());
        assert_eq!(read.torn_tail, None);
    }
}

#[test]
fn no_bytes_make_the_reader_fail() {
    let whole = encode_recording("COM4", "115200 8N1", &session(40));
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=random() % 4 {
            let at = random() as usize % bytes.len();
            bytes[at] = u8::try_from(random() % 256).unwrap();
        }
        if let Ok(read) = read_recording(&bytes) {
            assert!(read.chunks.len() <= 41);
        }
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("precious.log");
    std::fs::write(&path, "precious").unwrap();
    let error = Recorder::create(&path, "COM4", "").unwrap_err();
    assert!(matches!(error, RecordError::Exists(_)));
    assert!(error.to_string().contains("never overwritten"));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");

    let made: Vec<_> = (0..3)
        .map(|_| Recorder::create_in(&folder.path().join("new"), "/dev/ttyUSB0", "").unwrap())
        .collect();
    let names: Vec<_> = made.iter().map(|r| r.path().unwrap().to_owned()).collect();
    assert_eq!(
        std::fs::read_dir(folder.path().join("new"))
            .unwrap()
            .count(),
        3
    );
    assert!(
        names
            .iter()
            .all(|n| n.to_str().unwrap().contains("ttyUSB0"))
    );

    let error = Recorder::create(Path::new("/nowhere/at/all.pcapng"), "COM4", "").unwrap_err();
    assert!(matches!(error, RecordError::Create { .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_the_program_goes_on() {
    let full = std::fs::OpenOptions::new()
        .append(true)
        .open("/dev/full")
        .unwrap();
    let mut recorder = Recorder::on_writer("night.pcapng", Box::new(full), "COM4", "");
    let mut notices = Vec::new();
    for c in session(100) {
        notices.extend(recorder.write(&c));
    }
    std::thread::sleep(Duration::from_millis(300));
    notices.extend(recorder.retry());
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(
        notices[0].sentence,
        "The recording night.pcapng cannot be written: the disk is full. Nothing is lost yet, up to 64 MB wait in memory. Free some space; it goes on by itself."
    );
    assert!(notices[0].details.contains("No space left"));
    assert!(recorder.waiting_bytes() > 2000);
}

/// A disk that does as a script says, call by call: `Some(n)` takes at most n bytes, `None` fails.
#[derive(Clone)]
struct Disk {
    script: Arc<Mutex<Vec<Option<usize>>>>,
    file: Arc<Mutex<Vec<u8>>>,
}

impl Disk {
    fn new(script: impl IntoIterator<Item = Option<usize>>) -> Self {
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        Self {
            script: Arc::new(Mutex::new(script)),
            file: Arc::default(),
        }
    }

    fn content(&self) -> Vec<u8> {
        self.file.lock().unwrap().clone()
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = match self.script.lock().unwrap().pop() {
            Some(None) => return Err(ErrorKind::StorageFull.into()),
            Some(Some(n)) => n.min(bytes.len()),
            None => bytes.len(),
        };
        self.file.lock().unwrap().extend(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until a failed disk is tried again.
fn retry(recorder: &mut Recorder) -> Option<String> {
    std::thread::sleep(Duration::from_millis(260));
    recorder.idle().map(|n| n.sentence)
}

#[test]
fn whichever_write_fails_nothing_is_lost() {
    let chunks = session(12);
    let threads: Vec<_> = (0..14)
        .map(|nth| {
            let chunks = chunks.clone();
            std::thread::spawn(move || {
                // Half a block goes through, then the disk is full, then 3 bytes at a time.
                let script = (0..nth)
                    .map(|_| Some(usize::MAX))
                    .chain([Some(5), None])
                    .chain([Some(3); 200]);
                let disk = Disk::new(script);
                let mut recorder =
                    Recorder::on_writer("r", Box::new(disk.clone()), "COM4", "115200 8N1");
                let mut said: Vec<String> = Vec::new();
                for c in &chunks {
                    said.extend(recorder.write(c).map(|n| n.sentence));
                }
                said.extend(retry(&mut recorder));
                drop(recorder);
                assert_eq!(
                    disk.content(),
                    encode_recording("COM4", "115200 8N1", &chunks),
                    "call {nth}"
                );
                said
            })
        })
        .collect();
    for (nth, thread) in threads.into_iter().enumerate() {
        let said = thread.join().unwrap();
        // The header's failure (0) is over before anyone could be told; the last calls never come.
        if (1..12).contains(&nth) {
            assert_eq!(said.len(), 2, "call {nth}: {said:?}");
            assert!(said[0].contains("the disk is full"), "{said:?}");
            assert!(said[1].contains("is complete again"), "{said:?}");
        }
    }
}

#[test]
fn when_memory_is_used_up_the_hole_is_in_the_recording() {
    let chunks = session(100);
    let disk = Disk::new([Some(usize::MAX), None, None]);
    let mut recorder =
        Recorder::on_writer("r", Box::new(disk.clone()), "COM4", "").with_limit(2_000);
    let mut said = Vec::new();
    for c in &chunks[..60] {
        said.extend(recorder.write(c).map(|n| n.sentence));
    }
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].contains("has a hole from now on"), "{said:?}");
    assert_eq!(retry(&mut recorder), None);
    let over = retry(&mut recorder).unwrap();
    assert!(over.contains("goes on after a hole of about"), "{over}");
    for c in &chunks[60..] {
        assert_eq!(recorder.write(c), None);
    }
    let read = read_recording(&disk.content()).unwrap();
    assert_eq!(read.gaps.len(), 1);
    let kept = read.gaps[0].before_chunk;
    assert!((10..40).contains(&kept), "{kept}");
    assert_eq!(read.chunks[..kept], chunks[..kept]);
    assert_eq!(read.chunks[kept..], chunks[60..]);
    assert!(read.gaps[0].sentence.contains("were not recorded"));
}

#[test]
fn timed_entries_become_a_recording() {
    let mut timed = Vec::new();
    for (us, bytes) in [
        (0_u64, &b"=> handshake\r\n"[..]),
        (65_000_000, b"timeout\r\n"),
    ] {
        timed.extend(us.to_le_bytes());
        timed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        timed.extend(bytes);
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo.pcapng");
    let started = 1_772_460_333_000_000;
    assert_eq!(
        convert_timed(&timed, started, "demo", "115200 8N1", &out).unwrap(),
        2
    );
    let read = open_recording(&out).unwrap();
    assert_eq!(read.plain_bytes(), b"=> handshake\r\ntimeout\r\n");
    assert_eq!(read.chunks[1].at - read.chunks[0].at, 65_000_000);
    assert_eq!(read.chunks[1].received_us, started + 65_000_000);
    assert!(convert_timed(&timed, started, "demo", "", &out).is_err());
    for cut in 1..timed.len() {
        let result = read_timed(&timed[..cut], started);
        assert_eq!(result.is_ok(), cut == 26, "cut at {cut}");
    }
}
