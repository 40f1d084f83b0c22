//! What an application alone says of the handshake, and how far that lets it be placed.
//!
//! In: an attempt. Out: whether TLS began, whether it was still loading, the phase of the condition
//! told. Must not know who ended it.

use super::codes::{CONNECT_FAILED, UNKNOWN_HOST, VERIFY_FAILED, is_signature_check};
use crate::timeline::attempt::Attempt;

/// The step that a condition stands for, said by an application alone: no message, no state and no
/// trace tells how far the handshake came.
pub(super) fn said(a: &Attempt) -> Option<(&'static str, u32)> {
    let bare =
        !a.seen.traced && a.states.is_empty() && a.steps.iter().all(|s| !s.name.is_handshake());
    if !bare || a.seen.established.is_some() {
        return None;
    }
    // Where a line says why, the one that only says that it failed adds nothing.
    let mut told: Vec<_> = a.seen.conditions.iter().collect();
    told.sort_by_key(|(name, ..)| {
        matches!(
            *name,
            "tls_failed" | "mac_bad" | "client_left_unnamed" | "client_left_handshake"
        )
    });
    told.into_iter().find_map(|(name, _, line)| {
        let phase = match *name {
            "no_cipher_in_common"
            | "no_shared_group"
            | "no_shared_sigalg"
            | "version_refused"
            | "alpn_refused"
            | "illegal_sni"
            | "non_tls_data"
            | "unknown_record_type"
            | "no_cipher_usable"
            | "http_answer" => "server_hello",
            "name_mismatch"
            | "ip_mismatch"
            | "issuer_unknown"
            | "self_signed_in_chain"
            | "date_expired"
            | "date_future"
            | "revoked"
            | "usage_wrong"
            | "chain_too_long"
            | "digest_refused"
            | "certificate_refused"
            | "certificate_dates_refused"
            | "signature_bad" => "server_certificate",
            "client_certificate_missing" | "client_cert_refused" => "peer_finished",
            // It failed; how far it came is not said.
            "tls_failed"
            | "connection_ended"
            | "mac_bad"
            | "psk_unknown"
            | "extension_refused"
            | "client_left_unnamed"
            | "client_left_handshake"
            | "connection_lost_after_connect" => "",
            _ => return None,
        };
        Some((phase, *line))
    })
}

/// Codes of the library's SSL module (`ssl.h`) and of the check of the peer's certificate come from a
/// handshake only.
pub(super) fn of_handshake(c: i64) -> bool {
    c == VERIFY_FAILED || (-0x7F80..=-0x5E00).contains(&c) && c != -0x7F00 && c % 0x80 == 0
}

pub(super) fn tls_began(a: &Attempt) -> bool {
    said(a).is_some()
        || !a.states.is_empty()
        || a.steps.iter().any(|s| s.name.is_handshake())
        || !a.alerts.is_empty()
        || a.seen
            .reached
            .is_some_and(|(w, _)| !matches!(w, "setup" | "dns" | "tcp_connect"))
        || a.codes.iter().any(|(f, c, _)| {
            of_handshake(*c)
                || is_signature_check(f)
                || f.contains("ssl_") && !matches!(*c, UNKNOWN_HOST | CONNECT_FAILED)
        })
}

/// Did it stop while loading keys, certificates or random numbers?
pub(super) fn loads(a: &Attempt) -> bool {
    let of_loading = |f: &str| {
        ["parse", "seed", "load", "_file", "own_cert"]
            .iter()
            .any(|w| f.contains(w))
    };
    let named = [
        "cert_parse_failed",
        "key_parse_failed",
        "ca_load_failed",
        "file_missing",
        "rng_seed_failed",
        "no_ca_chain",
    ];
    a.codes
        .iter()
        .any(|(f, c, _)| of_loading(f) || (-0x3FFF..=-0x1080).contains(c) && *c != VERIFY_FAILED)
        || a.seen.conditions.iter().any(|(n, ..)| named.contains(n))
}
