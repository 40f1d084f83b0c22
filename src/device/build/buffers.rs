//! Sizes: the record buffers, and what limits messages, numbers and chains.
//!
//! In: the options. Out: [`Buffers`] in bytes. Sources: `include/mbedtls/ssl_internal.h` of Mbed TLS
//! 2.16 and 2.28, `library/ssl_misc.h` of 3.6 (`MBEDTLS_SSL_IN_BUFFER_LEN` and its parts).

use super::generation::Generation;
use super::macros::Macros;

/// Sizes of a build, in bytes unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// Largest payload of an incoming record.
    pub in_content: u64,
    /// Largest payload of an outgoing record.
    pub out_content: u64,
    /// What the library allocates for incoming records of one connection.
    pub in_buffer: u64,
    /// What the library allocates for outgoing records of one connection.
    pub out_buffer: u64,
    /// Largest number, `MBEDTLS_MPI_MAX_SIZE`.
    pub largest_number: u64,
    /// Most certificates between leaf and root.
    pub intermediates: u64,
    /// A handshake message may come in several records.
    pub joins_fragments: bool,
    /// The buffers shrink when smaller records are agreed.
    pub shrinks: bool,
}

impl Buffers {
    pub(super) fn of(macros: &Macros, generation: &Generation) -> Self {
        let on = |name: &str| macros.is_on(name);
        let is_3 = generation.since_3();
        let whole = macros.number("SSL_MAX_CONTENT_LEN");
        let content = |name: &str| macros.number(name).or(whole).unwrap_or(16_384);
        let in_content = content("SSL_IN_CONTENT_LEN");
        let out_content = content("SSL_OUT_CONTENT_LEN");
        let extra = overhead(macros, is_3);
        // The connection ID of DTLS has a place in the header, where it is built in.
        let cid = if on("SSL_DTLS_CONNECTION_ID") {
            let of = |name: &str| macros.number(name).unwrap_or(32);
            (of("SSL_CID_IN_LEN_MAX"), of("SSL_CID_OUT_LEN_MAX"))
        } else {
            (0, 0)
        };
        Self {
            in_content,
            out_content,
            in_buffer: HEADER + in_content + extra + cid.0,
            out_buffer: HEADER + out_content + extra + cid.1,
            largest_number: macros.number("MPI_MAX_SIZE").unwrap_or(1_024),
            intermediates: macros.number("X509_MAX_INTERMEDIATE_CA").unwrap_or(8),
            // ChangeLog of Mbed TLS 3.6.3.
            joins_fragments: is_3,
            shrinks: on("SSL_VARIABLE_BUFFER_LENGTH"),
        }
    }
}

/// Record header of five bytes and the implicit sequence number of eight.
const HEADER: u64 = 13;

/// `MBEDTLS_SSL_PAYLOAD_OVERHEAD`: initialisation vector, MAC or tag, padding, compression, CID.
fn overhead(macros: &Macros, is_3: bool) -> u64 {
    let on = |name: &str| macros.is_on(name);
    let cbc =
        on("CIPHER_MODE_CBC") && (on("AES_C") || on("CAMELLIA_C") || on("ARIA_C") || on("DES_C"));
    // MBEDTLS_SSL_SOME_MODES_USE_MAC: a stream cipher, or CBC.
    let uses_mac = cbc || on("ARC4_C") || on("CIPHER_NULL_CIPHER");
    let sha384 = if is_3 { on("SHA384_C") } else { on("SHA512_C") };
    let mac = if !uses_mac {
        16
    } else if sha384 {
        48
    } else if on("SHA256_C") {
        32
    } else {
        20
    };
    let padding = if on("CIPHER_MODE_CBC") { 256 } else { 0 };
    let compression = if !is_3 && on("ZLIB_SUPPORT") {
        1_024
    } else {
        0
    };
    let cid = if on("SSL_DTLS_CONNECTION_ID") { 16 } else { 0 };
    // MBEDTLS_MAX_IV_LENGTH.
    16 + mac + padding + compression + cid
}
