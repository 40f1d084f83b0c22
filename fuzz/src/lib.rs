//! Any bytes through every way into the product: see [`kinds`].

pub mod kinds;
pub mod mutate;

#[path = "../../tests/capture/handshake.rs"]
mod handshake;
// The tests of captures use the rest of it.
#[allow(dead_code)]
#[path = "../../tests/capture/packets.rs"]
mod packets;

/// Runs the way of this kind.
///
/// # Panics
/// When there is no such kind, and as the way does.
pub fn run(kind: &str, bytes: &[u8]) {
    let kind = kinds::find(kind).expect("a kind of this name");
    (kind.run)(bytes);
}
