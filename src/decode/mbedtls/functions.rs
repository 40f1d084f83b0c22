//! Function traces that stand for a handshake message: `=> write client hello`.

use crate::evidence::{CCS, Direction, Role};

/// The message that a traced function writes or parses: type, direction, "skip" was said.
#[must_use]
pub fn message(name: &[u8], role: Option<Role>) -> Option<(u16, Direction, bool)> {
    let (skipped, name) = match name.strip_prefix(b"skip ") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    if let Some(what) = name.strip_prefix(b"write ") {
        return Some((message_type(what)?, Direction::Sent, skipped));
    }
    if let Some(what) = name.strip_prefix(b"parse ") {
        return Some((message_type(what)?, Direction::Received, skipped));
    }
    if name.starts_with(b"ssl_tls13_process_server_hello") && role != Some(Role::Server) {
        return Some((2, Direction::Received, skipped));
    }
    None
}

fn message_type(what: &[u8]) -> Option<u16> {
    const NAMES: [(&[u8], u16); 17] = [
        (b"client hello", 1),
        (b"server hello done", 14),
        (b"server hello", 2),
        (b"hello verify request", 3),
        (b"hello retry request", 2),
        (b"hello request", 0),
        (b"new session ticket", 4),
        (b"encrypted extensions", 8),
        (b"certificate request", 13),
        (b"certificate verify", 15),
        (b"certificate", 11),
        (b"server key exchange", 12),
        (b"client key exchange", 16),
        (b"finished", 20),
        (b"client finished", 20),
        (b"server finished", 20),
        (b"change cipher spec", CCS),
    ];
    NAMES
        .iter()
        .find(|(n, _)| what.starts_with(n))
        .map(|(_, t)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_name_messages() {
        assert_eq!(
            message(b"write client hello", None),
            Some((1, Direction::Sent, false))
        );
        assert_eq!(
            message(b"skip write certificate verify", None),
            Some((15, Direction::Sent, true))
        );
        assert_eq!(
            message(b"parse server hello done", None),
            Some((14, Direction::Received, false))
        );
        assert_eq!(
            message(b"write change cipher spec", None),
            Some((CCS, Direction::Sent, false))
        );
        assert_eq!(message(b"calc  finished tls sha384", None), None);
        assert_eq!(message(b"write", None), None);
    }
}
