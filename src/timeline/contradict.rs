//! Where two sources tell the same handshake differently.
//!
//! In: the attempt in the device's words and the same in another source (a capture, the peer's log).
//! Out: facts that say what each of them says, with both places. Only what both state is compared:
//! what one of them does not show contradicts nothing. Which of them is right is not decided here.

use super::attempt::{Attempt, Outcome};
use crate::evidence::{Direction, FactSet, FactValue, Origin};
use crate::tls::StepName;

/// Compares the two; `of` and `other` are the names of their inputs.
#[must_use]
pub fn contradictions(a: &Attempt, b: &Attempt, of: &str, other: &str) -> FactSet {
    let mut out = FactSet::default();
    let mut differ = |name: &str, here: &str, there: &str| {
        let text = format!("{here} in {of}, {there} in {other}");
        out.know(
            name,
            FactValue::Text(text),
            Origin::line(a.input, a.first_line),
        );
    };
    let numbers = |x: &Attempt, direction: Direction| -> Vec<u8> {
        x.alerts
            .iter()
            .filter(|l| l.fatal && l.direction == direction)
            .map(|l| l.alert.0)
            .collect()
    };
    for (direction, opposite) in [
        (Direction::Sent, Direction::Received),
        (Direction::Received, Direction::Sent),
    ] {
        let (here, there) = (numbers(a, direction), numbers(b, direction));
        // The same alert, told once as sent and once as received.
        if let Some(x) = here.first()
            && there.is_empty()
            && numbers(a, opposite).is_empty()
            && numbers(b, opposite).contains(x)
        {
            let (here, there) = (direction.as_str(), opposite.as_str());
            differ(
                "contradiction.alert",
                &format!("alert {x} {here}"),
                &format!("alert {x} {there}"),
            );
        }
        if let (Some(x), Some(y)) = (here.first(), there.first())
            && here.iter().all(|n| !there.contains(n))
        {
            let way = direction.as_str();
            differ(
                "contradiction.alert",
                &format!("alert {x} {way}"),
                &format!("alert {y} {way}"),
            );
        }
    }
    if let (Some(x), Some(y)) = (a.version, b.version)
        && x != y
    {
        differ("contradiction.version", &x.to_string(), &y.to_string());
    }
    if let (Some(x), Some(y)) = (a.cipher_suite, b.cipher_suite)
        && x != y
    {
        differ("contradiction.cipher_suite", &x.to_string(), &y.to_string());
    }
    if let (Some((x, _)), Some((y, _))) = (&a.seen.server_name, &b.seen.server_name)
        && !x.eq_ignore_ascii_case(y)
    {
        differ("contradiction.server_name", x, y);
    }
    // A second handshake on one connection ends for itself.
    let again = |x: &Attempt| x.seen.conditions.iter().any(|c| c.0 == "renegotiation");
    let once = !again(a) && !again(b);
    if once && a.outcome == Outcome::Completed && b.outcome == Outcome::Failed {
        differ("contradiction.outcome", "completed", "failed");
    }
    if once
        && a.outcome == Outcome::Failed
        && b.outcome == Outcome::Completed
        && !b.seen.application_data
    {
        differ("contradiction.outcome", "failed", "completed");
    }
    out.extend(&same_bytes(a, b));
    out
}

/// Bytes at the start of two dumps that must be equal for them to be of the same message.
const ALIGNED: usize = 4;

/// Messages of the server whose bytes both have: did the device read what was on the wire?
fn same_bytes(a: &Attempt, wire: &Attempt) -> FactSet {
    let mut out = FactSet::default();
    if !wire.seen.from_wire {
        return out;
    }
    let read = |x: &Attempt, name: StepName| {
        x.steps
            .iter()
            .find(|s| s.name == name && s.direction == Direction::Received)
            .and_then(|s| Some((s.bytes.clone()?, s.line)))
    };
    for name in [
        StepName::ServerHello,
        StepName::Certificate,
        StepName::ServerKeyExchange,
    ] {
        let (Some((here, line)), Some((there, frame))) = (read(a, name), read(wire, name)) else {
            continue;
        };
        // A log may dump the message without its header of four bytes.
        let there = match (here.first(), there.first()) {
            (Some(x), Some(y)) if x == y && here.get(1..4) == there.get(1..4) => &there[..],
            _ => there.get(4..).unwrap_or_default(),
        };
        if here.get(..ALIGNED) != there.get(..ALIGNED) {
            continue; // another part of the message: nothing can be compared
        }
        let origin = Origin::line(a.input, line);
        // A dump may be cut by the console: only what is there is compared.
        let common = here.len().min(there.len());
        let at = (0..common).find(|i| here.get(*i) != there.get(*i));
        if let Some(at) = at {
            let text = format!(
                "{} differs from byte {at} on between line {line} and frame {frame}",
                name.title()
            );
            out.know("contradiction.bytes", FactValue::Text(text), origin.clone());
            out.know("bytes.same_as_sent", FactValue::Bool(false), origin);
            return out;
        }
        if here.len() == there.len() {
            out.know("bytes.same_as_sent", FactValue::Bool(true), origin);
        }
    }
    out
}
