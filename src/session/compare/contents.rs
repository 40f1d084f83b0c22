//! What a difference in the size or in the bytes of one message means.
//!
//! In: a message of both runs. Out: its class, both in words, why. What is random by design, or made of
//! keys, is expected to differ; what one peer sends alike each time is not.

use super::Class;
use crate::session::figures::{count, grouped};
use crate::tls::{ClientHello, ServerHello, StepName};

/// A DER signature of ECDSA holds two integers without leading zeros: its length varies by a few bytes
/// (RFC 3279, 2.2.3; X.690, 8.3).
const ECDSA_SLACK: u32 = 9;

/// What a difference in size means.
pub(super) fn size_class(name: StepName, by: u32) -> (Class, &'static str) {
    match name {
        StepName::NewSessionTicket => (Class::Expected, "a ticket is the server's own"),
        StepName::ServerKeyExchange | StepName::CertificateVerify if by <= ECDSA_SLACK => {
            (Class::Expected, "an ECDSA signature varies by a few bytes")
        }
        StepName::ClientKeyExchange if by <= 1 => (
            Class::Expected,
            "a Diffie-Hellman value may begin with a zero",
        ),
        StepName::ApplicationData | StepName::TcpConnect | StepName::Dns => {
            (Class::Expected, "not part of the handshake")
        }
        _ => (Class::Suspicious, "the same peers send the same size"),
    }
}

/// Two messages whose bytes are known and differ.
pub(super) fn contents(
    name: StepName,
    good: &[u8],
    bad: &[u8],
) -> (Class, String, String, &'static str) {
    let (good, bad) = (body(good), body(bad));
    let at = first_difference(good, bad);
    let told = |x: &[u8]| match x.get(at) {
        Some(byte) => format!(
            "{byte:02x} at byte {} of {}",
            at_words(at),
            at_words(x.len())
        ),
        None => format!("ends after {}", count(x.len() as u64, "byte")),
    };
    let (x, y) = (told(good), told(bad));
    match name {
        StepName::Certificate | StepName::CertificateRequest | StepName::ServerHelloDone => (
            Class::Suspicious,
            x,
            y,
            "one peer sends this alike each time",
        ),
        StepName::ServerHello | StepName::HelloRetryRequest => match choice(good, bad) {
            Some((x, y)) => (Class::Suspicious, x, y, "the server chose otherwise"),
            None => (Class::Expected, x, y, "random, session and key share"),
        },
        StepName::ClientHello => match offer(good, bad) {
            Some((x, y)) => (Class::Suspicious, x, y, "the device offers otherwise"),
            None => (Class::Expected, x, y, "random, session and key share"),
        },
        StepName::ChangeCipherSpec => (Class::Suspicious, x, y, "it has one byte, always 1"),
        _ => {
            let by = u32::try_from(good.len().abs_diff(bad.len())).unwrap_or(u32::MAX);
            match by {
                0 => (Class::Expected, x, y, "random, keys and signatures"),
                by => {
                    let (class, why) = size_class(name, by);
                    (class, x, y, why)
                }
            }
        }
    }
}

fn at_words(n: usize) -> String {
    grouped(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The body of a message: some dumps carry its header of four bytes.
fn body(bytes: &[u8]) -> &[u8] {
    match bytes {
        [_, a, b, c, rest @ ..]
            if rest.len() == (usize::from(*a) << 16) | (usize::from(*b) << 8) | usize::from(*c) =>
        {
            rest
        }
        whole => whole,
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// What differs in the fixed part of two `ServerHello`s.
fn choice(good: &[u8], bad: &[u8]) -> Option<(String, String)> {
    let (g, b) = (
        ServerHello::parse(good).ok()?,
        ServerHello::parse(bad).ok()?,
    );
    let numbers = |h: &ServerHello| -> Vec<u16> { h.extensions.iter().map(|e| e.number).collect() };
    if g.version() != b.version() {
        return Some((g.version().to_string(), b.version().to_string()));
    }
    if g.cipher_suite != b.cipher_suite {
        return Some((g.cipher_suite.to_string(), b.cipher_suite.to_string()));
    }
    (numbers(&g) != numbers(&b)).then(|| (listed(&numbers(&g)), listed(&numbers(&b))))
}

/// What differs in two `ClientHello`s beside random, session and keys.
fn offer(good: &[u8], bad: &[u8]) -> Option<(String, String)> {
    let parse = |x: &[u8]| ClientHello::parse(x, false).ok();
    let (g, b) = (parse(good)?, parse(bad)?);
    if g.cipher_suites != b.cipher_suites {
        let suites = |h: &ClientHello| format!("{} suites", h.cipher_suites.len());
        return Some((suites(&g), suites(&b)));
    }
    let numbers = |h: &ClientHello| -> Vec<u16> { h.extensions.iter().map(|e| e.number).collect() };
    (numbers(&g) != numbers(&b)).then(|| (listed(&numbers(&g)), listed(&numbers(&b))))
}

fn listed(extensions: &[u16]) -> String {
    let all: Vec<String> = extensions.iter().map(u16::to_string).collect();
    format!("extensions {}", all.join(" "))
}
