//! The steps of an attempt as short words.

use handlens::evidence::Direction;
use handlens::timeline::Attempt;

/// Names and directions of the steps: `>client_hello` is sent by the device, `<server_hello` received.
pub fn steps(attempt: &Attempt) -> Vec<String> {
    let word = |s: &handlens::timeline::Step| {
        let mark = if s.direction == Direction::Sent {
            '>'
        } else {
            '<'
        };
        format!("{mark}{}", s.name.as_str())
    };
    attempt.steps.iter().map(word).collect()
}
