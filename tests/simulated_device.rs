//! A recorded session is played and comes out as it went in.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use handlens::evidence::{Chunk, ChunkDirection};
use handlens::recording::{Recorder, encode_recording, open_recording, read_recording};
use handlens::transport::{
    Pace, ResetPulse, Simulation, SourceEvent, SourceHandle, Wake, simulate, simulate_device,
};

fn quiet() -> Wake {
    Arc::new(|| {})
}

/// A recording with the given distances in milliseconds between its chunks.
fn session(distances_ms: &[i64], text: impl Fn(usize) -> Vec<u8>) -> Vec<Chunk> {
    let mut at = 5_000_000;
    let mut chunks = Vec::new();
    for (n, ms) in distances_ms.iter().enumerate() {
        at += ms * 1000;
        chunks.push(Chunk {
            at,
            received_us: 1_772_460_333_000_000 + at,
            live: true,
            direction: ChunkDirection::FromDevice,
            bytes: text(n),
        });
    }
    // Through the file format, as it is used.
    let read = read_recording(&encode_recording("demo", "", &chunks)).unwrap();
    assert_eq!(read.chunks, chunks);
    read.chunks
}

fn line(n: usize) -> Vec<u8> {
    format!("ssl_tls.c:4003: |2| client state: {n}\r\n").into_bytes()
}

fn simulation(chunks: &[Chunk], pace: Pace) -> Simulation {
    Simulation {
        name: "demo".into(),
        chunks: chunks.to_vec().into(),
        pace,
    }
}

/// Plays to the end; each chunk with the moment at which it came.
fn play(source: &SourceHandle) -> Vec<(Instant, Chunk)> {
    let mut got = Vec::new();
    loop {
        match source
            .events()
            .recv_timeout(Duration::from_mins(1))
            .unwrap()
        {
            SourceEvent::Chunk(chunk) => got.push((Instant::now(), chunk)),
            SourceEvent::Ended => return got,
            SourceEvent::Opened(about) => {
                assert_eq!(about.name, "demo");
                assert!(about.sentence.starts_with("demo is a simulated device"));
            }
            other => panic!("{other:?}"),
        }
    }
}

fn bytes(got: &[(Instant, Chunk)]) -> Vec<u8> {
    got.iter().flat_map(|(_, c)| c.bytes.clone()).collect()
}

fn all(chunks: &[Chunk]) -> Vec<u8> {
    chunks.iter().flat_map(|c| c.bytes.clone()).collect()
}

const PAUSES: [i64; 6] = [0, 30, 600, 5, 200, 400];

/// Does it up to five times, until it is quick enough: a machine may be busy with other things.
/// Gives the last result and its milliseconds.
fn quickest<T>(enough: impl Fn(u128) -> bool, mut act: impl FnMut() -> T) -> (T, u128) {
    let mut tries = 0;
    loop {
        let begin = Instant::now();
        let result = act();
        let took = begin.elapsed().as_millis();
        tries += 1;
        if enough(took) || tries == 5 {
            return (result, took);
        }
    }
}

#[test]
fn in_process_the_bytes_and_the_pauses_are_the_recorded_ones() {
    let chunks = session(&PAUSES, line);
    for (pace, least, most) in [
        (Pace::Times(1), 1_235, 6_000),
        (Pace::Times(10), 123, 1_000),
        (Pace::Max, 0, 800),
    ] {
        let (got, took) = quickest(
            |took| took < most,
            || play(&simulate(simulation(&chunks, pace), None, &quiet())),
        );
        assert!((least..most).contains(&took), "{pace:?}: {took} ms");
        assert_eq!(bytes(&got), all(&chunks));
        // The device's own distances, at any pace.
        for (pair, ms) in got.windows(2).zip(&PAUSES[1..]) {
            assert_eq!(pair[1].1.at - pair[0].1.at, ms * 1000);
            assert_eq!(pair[1].1.received_us - pair[0].1.received_us, ms * 1000);
        }
    }
}

#[test]
fn over_the_best_way_of_this_system_the_ordinary_port_reads_it() {
    let chunks = session(&PAUSES, line);
    let (got, took) = quickest(
        |took| took < 6_000,
        || {
            play(&simulate_device(
                simulation(&chunks, Pace::Times(1)),
                None,
                &quiet(),
            ))
        },
    );
    assert!((1_235..6_000).contains(&took), "{took} ms");
    assert_eq!(bytes(&got), all(&chunks));
    // Real pauses stay real: the long one of 600 ms is between the second and the third line.
    let third = got
        .iter()
        .position(|(_, c)| c.bytes.starts_with(&line(2)))
        .unwrap();
    let pause = got[third].1.at - got[third - 1].1.at;
    assert!((570_000..2_000_000).contains(&pause), "{pause}");
}

#[test]
fn reset_plays_it_again_from_the_first_byte() {
    let chunks = session(&[0, 20, 20], line);
    for start in [simulate, simulate_device] {
        let source = start(simulation(&chunks, Pace::Times(1)), None, &quiet());
        for _ in 0..3 {
            assert_eq!(bytes(&play(&source)), all(&chunks));
            assert!(source.reset(ResetPulse::Dtr));
        }
    }
}

#[test]
fn only_what_the_device_wrote_is_played() {
    let mut chunks = session(&[0, 1, 1], line);
    chunks[1].direction = ChunkDirection::ToDevice;
    let source = simulate(simulation(&chunks, Pace::Max), None, &quiet());
    let got = bytes(&play(&source));
    assert_eq!(got, [line(0), line(2)].concat());
    assert!(source.set_dtr(true));
    let SourceEvent::Problem(notice) = source
        .events()
        .recv_timeout(Duration::from_mins(1))
        .unwrap()
    else {
        panic!("no problem")
    };
    assert!(notice.sentence.contains("is simulated"));
}

#[test]
fn a_played_session_can_be_recorded_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.pcapng");
    let chunks = session(&[0, 3, 7, 2000, 1], line);
    let recorder = Recorder::create(&path, "demo", "").unwrap();
    let source = simulate(
        simulation(&chunks, Pace::Max),
        Some(Box::new(recorder)),
        &quiet(),
    );
    play(&source);
    assert!(source.note("seen"));
    std::thread::sleep(Duration::from_millis(150));
    drop(source);
    let read = open_recording(&path).unwrap();
    assert_eq!(read.plain_bytes(), all(&chunks));
    assert_eq!(read.chunks[3].at - read.chunks[2].at, 2_000_000);
    assert_eq!(read.notes[0].text, "seen");
    assert_eq!(read.torn_tail, None);
}

/// Without pauses the player is not what limits: as fast as the channel, many megabytes a second
/// in process, and over the pseudo-terminal far above the fastest serial line (3 Mbaud, 0.3 MB/s).
#[test]
fn without_pauses_it_is_fast() {
    let big = |n: usize| vec![u8::try_from(n % 251).unwrap(); 1000];
    let chunks = session(&vec![60_000; 4000], big);
    for (start, at_least) in [
        (simulate as fn(_, _, &Wake) -> SourceHandle, 10.0),
        (simulate_device, 1.5),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a test")]
        let rate = |took: u128| 4_000.0 / took.max(1) as f64;
        let play_all = || {
            let source = start(simulation(&chunks, Pace::Max), None, &quiet());
            let mut count = 0;
            loop {
                match source
                    .events()
                    .recv_timeout(Duration::from_mins(1))
                    .unwrap()
                {
                    SourceEvent::Chunk(chunk) => count += chunk.bytes.len(),
                    SourceEvent::Ended => break count,
                    _ => {}
                }
            }
        };
        let (count, took) = quickest(|took| rate(took) > at_least, play_all);
        assert_eq!(count, 4_000_000);
        println!("{:.1} MB/s", rate(took));
        assert!(rate(took) > at_least, "{took} ms");
    }
}
