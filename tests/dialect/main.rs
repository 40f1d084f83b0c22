//! The dialects of TLS stacks and servers: what each session of lines gives, the same at every
//! split of its bytes.
#![allow(clippy::must_use_candidate, clippy::missing_panics_doc)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod gnutls;
mod openssl;
mod rustls;
mod scanners;
mod servers;
mod wolfssl;

use std::sync::Arc;

use handlens::decode::LogDecoder;
use handlens::evidence::{InputId, Lane, Observation};
use handlens::timeline::{Attempt, TimelineBuilder};

/// What a log gives.
pub struct Read {
    /// Attempts in order.
    pub attempts: Vec<Arc<Attempt>>,
    /// Whose words they are.
    pub lane: Lane,
    /// Family of the stack.
    pub stack: Option<&'static str>,
    /// Dialects, the one with most lines first.
    pub dialects: Vec<String>,
}

impl Read {
    /// Steps of the handshake of one attempt, `>` sent and `<` received.
    pub fn steps(&self, attempt: usize) -> Vec<String> {
        self.attempts[attempt]
            .steps
            .iter()
            .filter(|s| s.name.is_handshake())
            .map(|s| {
                let way = if s.direction.as_str() == "sent" {
                    ">"
                } else {
                    "<"
                };
                format!("{way}{}", s.name.as_str())
            })
            .collect()
    }

    /// Fatal alerts of one attempt, with their direction.
    pub fn alerts(&self, attempt: usize) -> Vec<(u8, &'static str)> {
        self.attempts[attempt]
            .alerts
            .iter()
            .filter(|a| a.fatal)
            .map(|a| (a.alert.0, a.direction.as_str()))
            .collect()
    }

    /// Names of the conditions of one attempt.
    pub fn conditions(&self, attempt: usize) -> Vec<&'static str> {
        self.attempts[attempt]
            .seen
            .conditions
            .iter()
            .map(|c| c.0)
            .collect()
    }
}

fn observe(decoder: &mut LogDecoder, parts: &[&[u8]]) -> Vec<Observation> {
    let mut all = Vec::new();
    for part in parts {
        decoder.push(part, None, &mut |o| all.push(o));
    }
    decoder.finish(&mut |o| all.push(o));
    all
}

/// Reads a log whole, and checks that every split of its bytes in two gives the same observations.
pub fn read(log: &str) -> Read {
    let mut decoder = LogDecoder::new(&[]);
    let whole = observe(&mut decoder, &[log.as_bytes()]);
    for at in 0..=log.len() {
        let (head, tail) = log.as_bytes().split_at(at);
        let split = observe(&mut LogDecoder::new(&[]), &[head, tail]);
        assert!(
            split == whole,
            "split at byte {at} gives other observations"
        );
    }
    let single: Vec<&[u8]> = log.as_bytes().chunks(1).collect();
    assert!(
        observe(&mut LogDecoder::new(&[]), &single) == whole,
        "byte by byte"
    );
    let mut builder = TimelineBuilder::new(InputId(0));
    for o in &whole {
        builder.observe(o);
    }
    Read {
        attempts: builder.attempts(),
        lane: decoder.lane(),
        stack: decoder.stack(),
        dialects: decoder.dialects(),
    }
}
