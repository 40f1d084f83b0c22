//! The bytes of a wrong speed come from a simulated UART: levels over time, sampled at another
//! rate, as the hardware does.

use super::{SpeedJudgement, SpeedWatch, judge, sentence};
use crate::transport::serial::settings::{LineSettings, Parity};

const LOG: &str = "I (312) boot: ESP-IDF v5.1 2nd stage bootloader\r\n\
I (2891) wifi: connected with lab, channel 6\r\n\
ssl_tls.c:4003: |2| client state: 0\r\n\
ssl_msg.c:2352: |2| => flush output\r\n\
ssl_client2.c:914: . Performing the SSL/TLS handshake... 4321 ms\r\n\
\x1b[0;31mE (4471) esp-tls: create_ssl_handle failed\x1b[0m\r\n";

/// Levels of a transmitter: (level, duration in seconds).
fn transmit(bytes: &[u8], baud: f64, pause_every: usize) -> Vec<(bool, f64)> {
    let bit = 1.0 / baud;
    let mut levels = vec![(true, bit * 20.0)];
    for (i, byte) in bytes.iter().enumerate() {
        levels.push((false, bit));
        levels.extend((0..8).map(|n| (byte >> n & 1 == 1, bit)));
        levels.push((true, bit));
        if pause_every > 0 && i % pause_every == pause_every - 1 {
            levels.push((true, bit * 40.0));
        }
    }
    levels.push((true, bit * 40.0));
    levels
}

/// What a receiver at another speed makes of them: it waits for a falling edge, samples in the
/// middle of its own bits, and delivers the byte even if the stop bit is wrong.
fn receive(levels: &[(bool, f64)], baud: f64) -> Vec<u8> {
    let mut edges = Vec::new();
    let mut end = 0.0;
    for &(level, length) in levels {
        edges.push((end, level));
        end += length;
    }
    let level_at = |t: f64| edges[edges.partition_point(|e| e.0 <= t) - 1].1;
    let bit = 1.0 / baud;
    let mut out = Vec::new();
    let mut ready = 0.0;
    for pair in edges.windows(2) {
        let falls = pair[0].1 && !pair[1].1;
        let start = pair[1].0;
        if !falls || start < ready || start + 10.0 * bit > end {
            continue;
        }
        out.push((0..8).fold(0_u8, |byte, n| {
            byte | u8::from(level_at(start + bit * (1.5 + f64::from(n)))) << n
        }));
        ready = start + bit * 9.5;
    }
    out
}

fn log_bytes() -> Vec<u8> {
    LOG.repeat(4).into_bytes()
}

#[test]
fn the_simulated_line_is_right_at_the_right_speed() {
    let log = log_bytes();
    for (sent, read) in [
        (115_200.0, 115_200.0),
        (115_200.0, 117_000.0),
        (9600.0, 9500.0),
    ] {
        assert_eq!(
            receive(&transmit(&log, sent, 0), read),
            log,
            "{sent} {read}"
        );
    }
}

#[test]
fn a_wrong_speed_is_suspected() {
    let log = log_bytes();
    let speeds: [u32; 9] = [
        9600, 19_200, 38_400, 57_600, 74_880, 115_200, 230_400, 460_800, 921_600,
    ];
    for sent in speeds {
        for read in speeds {
            if sent == read {
                continue;
            }
            for pause_every in [0, 1, 40] {
                let got = receive(&transmit(&log, sent.into(), pause_every), read.into());
                let line = LineSettings {
                    baud: read,
                    ..LineSettings::default()
                };
                let judgement = judge(&got, &line);
                assert!(
                    matches!(
                        judgement,
                        SpeedJudgement::Suspect { .. } | SpeedJudgement::TooShort
                    ),
                    "sent {sent} read {read} pause {pause_every}: {judgement:?} of {} bytes",
                    got.len()
                );
                if got.len() >= 512 {
                    assert!(sentence(judgement, &line).is_some());
                }
            }
        }
    }
}

#[test]
fn the_sentence_has_the_figures() {
    let got = receive(&transmit(&log_bytes(), 9600.0, 0), 115_200.0);
    let line = LineSettings::default();
    let said = sentence(judge(&got, &line), &line).unwrap();
    assert!(
        said.contains("of the last 512 bytes are not text"),
        "{said}"
    );
    assert!(said.contains("115,200 baud is probably not"), "{said}");
    assert!(
        said.ends_with("9,600, 57,600 and 921,600 are common."),
        "{said}"
    );
}

#[test]
fn text_is_never_suspected() {
    let line = LineSettings::default();
    let chinese = "连接服务器失败，正在重试……\n".repeat(20);
    let latin1: Vec<u8> = b"Verbindung unterbrochen, n\xe4chster Versuch l\xe4uft\r\n".repeat(10);
    let colours = "\x1b[0;32mI (1) a\x1b[0m\r\n".repeat(40);
    let dots = ".".repeat(400);
    for text in [
        &log_bytes()[..],
        chinese.as_bytes(),
        &latin1,
        colours.as_bytes(),
        dots.as_bytes(),
    ] {
        for from in 0..text.len().min(40) {
            assert_eq!(judge(&text[from..], &line), SpeedJudgement::Text);
        }
    }
}

#[test]
fn a_burst_of_garbage_in_a_log_is_not_a_wrong_speed() {
    let mut log = log_bytes();
    log.splice(300..300, (0..120_u8).map(|n| n.wrapping_mul(37) | 0x80));
    assert_eq!(
        judge(&log[..600], &LineSettings::default()),
        SpeedJudgement::Text
    );
}

fn xbee_frame(data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x7e];
    frame.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    frame.extend(data);
    frame.push(0xff - data.iter().fold(0_u8, |a, b| a.wrapping_add(*b)));
    frame
}

fn escaped(frame: &[u8]) -> Vec<u8> {
    let mut out = vec![frame[0]];
    for &b in &frame[1..] {
        if matches!(b, 0x7e | 0x7d | 0x11 | 0x13) {
            out.extend([0x7d, b ^ 0x20]);
        } else {
            out.push(b);
        }
    }
    out
}

#[test]
fn xbee_frames_are_not_a_wrong_speed() {
    // Transmit status, modem status and IP data frames, with bytes that need escaping.
    let data: [&[u8]; 4] = [
        &[0x89, 0x01, 0x00],
        &[0x8a, 0x02],
        &[
            0xb0, 0xc0, 0xa8, 0x00, 0x7e, 0x26, 0xac, 0x01, 0xbb, 0x7d, 0x00, 0x16, 0x03, 0x03,
        ],
        &[0x88, 0x11, b'D', b'B', 0x00, 0x13],
    ];
    for escape in [false, true] {
        let frames: Vec<u8> = (0..30)
            .flat_map(|n| {
                let frame = xbee_frame(data[n % data.len()]);
                if escape { escaped(&frame) } else { frame }
            })
            .collect();
        for from in 0..12 {
            assert_eq!(
                judge(&frames[from..], &LineSettings::default()),
                SpeedJudgement::Frames,
                "escape {escape} from {from}"
            );
        }
    }
}

#[test]
fn a_damaged_check_sum_is_no_frame() {
    let mut frame = xbee_frame(&[0xb0, 0xff, 0xfe, 0x80, 0x90, 0xa0, 0x01, 0x02]);
    *frame.last_mut().unwrap() ^= 1;
    let bytes = frame.repeat(20);
    assert!(matches!(
        judge(&bytes, &LineSettings::default()),
        SpeedJudgement::Suspect { .. }
    ));
}

#[test]
fn ppp_frames_are_not_a_wrong_speed() {
    // LCP Configure-Request with a check sum made by the bit-wise form of RFC 1662.
    let body = [
        0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x08, 0x01, 0x04, 0x05, 0xdc,
    ];
    let fcs = !super::fcs16(&body);
    let mut frame = vec![0x7e];
    for b in body.iter().copied().chain(fcs.to_le_bytes()) {
        if b < 0x20 || matches!(b, 0x7d | 0x7e) {
            frame.extend([0x7d, b ^ 0x20]);
        } else {
            frame.push(b);
        }
    }
    frame.push(0x7e);
    // The check sum's known value for "123456789" (CRC-16/X-25) ties it to the standard.
    assert_eq!(!super::fcs16(b"123456789"), 0x906e);
    assert_eq!(
        judge(&frame.repeat(10), &LineSettings::default()),
        SpeedJudgement::Frames
    );
}

#[test]
fn seven_bits_with_parity_are_named() {
    let with_parity = |odd: bool| -> Vec<u8> {
        LOG.bytes()
            .map(|b| {
                let parity = b.count_ones() % 2 == 1;
                b | u8::from(parity != odd) << 7
            })
            .collect()
    };
    let line = LineSettings::default();
    let even = judge(&with_parity(false), &line);
    assert_eq!(even, SpeedJudgement::SevenBits(Parity::Even));
    assert_eq!(
        sentence(even, &line).unwrap(),
        "The device sends 7 data bits with even parity, the port is set to 115200 8N1. Choose 7E1."
    );
    assert_eq!(
        judge(&with_parity(true), &line),
        SpeedJudgement::SevenBits(Parity::Odd)
    );
}

#[test]
fn the_watch_says_it_once_and_takes_it_back() {
    let wrong = receive(&transmit(&log_bytes(), 74_880.0, 0), 115_200.0);
    let mut watch = SpeedWatch::new(LineSettings::default());
    let mut said = Vec::new();
    for piece in wrong.chunks(7).chain(log_bytes().chunks(13)) {
        said.extend(watch.push(piece));
    }
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].is_some() && said[1].is_none());
}
