//! Lines come back as they went in, whatever the split.
#![allow(clippy::unwrap_used)]

use super::*;

fn texts(store: &LogStore) -> Vec<String> {
    store
        .lines(1, u32::MAX, 10_000)
        .into_iter()
        .map(|l| String::from_utf8(l.bytes).unwrap())
        .collect()
}

#[test]
fn every_split_gives_the_same_lines() {
    let log = b"one\r\ntwo\r\r\n\r\nfour\n\nlast";
    let want = ["one", "two", "", "four", "", "last"];
    for a in 0..=log.len() {
        for b in a..=log.len() {
            let mut store = LogStore::default();
            for piece in [&log[..a], &log[a..b], &log[b..]] {
                store.push(piece, None).unwrap();
            }
            assert_eq!(texts(&store), want, "split at {a} and {b}");
            assert_eq!(store.line_count(), 6);
        }
    }
}

#[test]
fn a_line_in_the_middle_of_many_is_found() {
    let mut store = LogStore::default();
    for n in 1..=1_000 {
        store.push(format!("line {n}\n").as_bytes(), None).unwrap();
    }
    assert_eq!(store.line(777, 100).unwrap().bytes, b"line 777");
    assert_eq!(store.lines(64, 66, 100).len(), 3);
    assert_eq!(store.find("LINE 900", 0), Some(900));
    assert_eq!(store.find("line 900", 900), Some(900), "wraps around");
    assert_eq!(store.find("nowhere", 0), None);
}

#[test]
fn a_line_of_a_megabyte_is_cut_and_the_next_one_found() {
    let mut store = LogStore::default();
    store.push(b"first\n", None).unwrap();
    store.push(&vec![b'x'; 1_000_000], None).unwrap();
    store.push(b"\nafter\n", None).unwrap();
    let long = store.line(2, 2_000).unwrap();
    assert_eq!((long.bytes.len(), long.more), (2_000, 998_000));
    assert_eq!(store.line(3, 100).unwrap().bytes, b"after");
}

#[test]
fn what_exceeds_memory_comes_back_from_disk() {
    let mut store = LogStore::default();
    let block = b"0123456789abcde\n".repeat(64 * 1024); // 1 MiB
    for _ in 0..70 {
        store.push(&block, None).unwrap();
    }
    assert!(store.memory_at > 0 && store.memory_len <= MEMORY_BYTES);
    assert_eq!(store.line_count(), 70 * 64 * 1024);
    assert_eq!(store.line(3, 100).unwrap().bytes, b"0123456789abcde");
    let seam = usize::try_from(store.memory_at).unwrap() - 8;
    assert_eq!(store.bytes(seam as u64, 16), b"89abcde\n01234567");
    let path = store.disk.as_ref().and_then(|d| d.delete.clone()).unwrap();
    assert!(path.exists());
    drop(store);
    assert!(!path.exists(), "the temporary file goes with the store");
}

#[test]
fn a_file_is_read_where_it_lies() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"a\nb\nc").unwrap();
    let mut store = LogStore::over_file(file);
    store.index(b"a\nb");
    store.index(b"\nc");
    assert_eq!(texts(&store), ["a", "b", "c"]);
}

#[test]
fn the_time_of_the_read_is_kept() {
    let mut store = LogStore::default();
    store.push(b"one\n", Some(100)).unwrap();
    store.push(b"two\n", Some(200)).unwrap();
    assert_eq!(store.received_at(3), Some(100));
    assert_eq!(store.received_at(4), Some(200));
}
