//! How large a certificate or chain is in every form that a device meets.
//!
//! In: DER sizes. Out: bytes as PEM and on the wire, exact. Must not know limits.

/// Largest payload of a TLS record in bytes (RFC 8446 section 5.1).
pub const RECORD_PAYLOAD: usize = 16_384;

/// Payload of a TCP segment on Ethernet in bytes (RFC 9293 section 3.7.1, MTU 1,500).
pub const SEGMENT: usize = 1_460;

/// Bytes of a certificate as PEM by RFC 7468: lines of 64 digits, each line and the last ended by
/// `line_end` bytes (1 for LF, 2 for CR LF).
#[must_use]
pub fn pem_bytes(der_bytes: usize, line_end: usize) -> usize {
    const BEGIN: usize = "-----BEGIN CERTIFICATE-----".len();
    const END: usize = "-----END CERTIFICATE-----".len();
    let digits = der_bytes.div_ceil(3) * 4;
    BEGIN + END + digits + (digits.div_ceil(64) + 2) * line_end
}

/// Bytes of a TLS 1.2 Certificate message with these certificates, handshake header included
/// (RFC 5246 section 7.4.2).
#[must_use]
pub fn certificate_message_bytes(der_bytes: &[usize]) -> usize {
    4 + 3 + der_bytes.iter().map(|n| 3 + n).sum::<usize>()
}

/// The same in TLS 1.3, without certificate extensions (RFC 8446 section 4.4.2).
#[must_use]
pub fn certificate_message_13_bytes(der_bytes: &[usize]) -> usize {
    4 + 1 + 3 + der_bytes.iter().map(|n| 3 + n + 2).sum::<usize>()
}

/// Bytes of the unencrypted records that carry a message of `message` bytes, with at most
/// `payload` bytes in each.
#[must_use]
pub fn record_bytes(message: usize, payload: usize) -> usize {
    message + message.div_ceil(payload.max(1)) * 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_the_founding_certificates() {
        assert_eq!(pem_bytes(1_034, 1), 1_456);
        assert_eq!(pem_bytes(1_034, 2), 1_480);
        assert_eq!(certificate_message_bytes(&[1_034]), 1_044);
        assert_eq!(record_bytes(1_044, RECORD_PAYLOAD), 1_049);
        assert_eq!(certificate_message_bytes(&[3_813, 1_464]), 5_290);
    }
}
