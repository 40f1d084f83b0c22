//! Codes of Mbed TLS that say by themselves how an attempt stands.
//!
//! In: a code, a function's name. Out: what follows from it alone. Must not know an attempt.

/// Codes that mean "call again", not an end: `WANT_READ`, `WANT_WRITE`, in progress, and the internal
/// ones that never leave the library; a DTLS server that asked for a cookie (`HELLO_VERIFY_REQUIRED`)
/// waits for the same client again (`ssl.h`, 2.16 to 3.6).
#[must_use]
pub fn is_pending(code: i64) -> bool {
    matches!(
        code,
        -0x6900 | -0x6880 | -0x6500 | -0x7000 | -0x6580 | -0x6480 | -0x4B00 | -0x6680 | -0x6A80
    ) || code >= 0
}

pub(super) const CONN_EOF: i64 = -0x7280;
pub(super) const CLOSE_NOTIFY: i64 = -0x7880;
pub(super) const FATAL_ALERT: i64 = -0x7780;
pub(super) const TIMEOUT: i64 = -0x6800;
pub(super) const CONN_RESET: i64 = -0x0050;
pub(super) const UNKNOWN_HOST: i64 = -0x0052;
pub(super) const CONNECT_FAILED: i64 = -0x0044;
pub(super) const VERIFY_FAILED: i64 = -0x2700;

/// The function whose failure the trace of the library prints for a signature over the handshake
/// itself: in a client that is the one in the server's `ServerKeyExchange` (`ssl_cli.c`,
/// `ssl_tls12_client.c`). The check of certificates goes another way.
pub(super) fn is_signature_check(function: &str) -> bool {
    function == "mbedtls_pk_verify" || function == "mbedtls_pk_verify_ext"
}
