//! The public key, and the algorithm of the signature.

use super::{Check, Hit, when};
use crate::cert::public_key::{bit_length, rsa_numbers};
use crate::cert::tlv::tag;
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.key_rsa_short", |v| {
        let bits = rsa_bits(v)?;
        when(bits < 2_048).map(|h| h.with("bits", bits.to_string()))
    }),
    ("cert.key_rsa_size_odd", |v| {
        let bits = rsa_bits(v)?;
        when(bits % 8 != 0).map(|h| h.with("bits", bits.to_string()))
    }),
    ("cert.key_rsa_large", |v| {
        let bits = rsa_bits(v)?;
        when(bits > 4_096).map(|h| h.with("bits", bits.to_string()))
    }),
    ("cert.key_rsa_exponent_bad", |v| {
        let (_, exponent) = numbers(v)?;
        let even = exponent.last().is_none_or(|b| b & 1 == 0);
        when(even || bit_length(exponent) < 2).map(|h| h.with("exponent", shown(v)))
    }),
    ("cert.key_rsa_exponent_small", |v| {
        let exponent = v.c.key.as_ref()?.exponent?;
        when((3..65_537).contains(&exponent) && exponent % 2 == 1)
            .map(|h| h.with("exponent", exponent.to_string()))
    }),
    ("cert.key_rsa_exponent_large", |v| {
        let (_, exponent) = numbers(v)?;
        let bits = bit_length(exponent);
        when(bits > 31).map(|h| h.with("bits", bits.to_string()))
    }),
    ("cert.key_rsa_modulus_bad", |v| {
        let (modulus, _) = numbers(v)?;
        let factor = small_factor(modulus)?;
        Some(Hit::default().with("factor", factor.to_string()))
    }),
    ("cert.key_rsa_parameters", |v| {
        let (algorithm, _) = v.key?;
        when(
            v.c.key.as_ref()?.kind == "RSA"
                && v.parameters(&algorithm).is_none_or(|p| p.tag != 0x05),
        )
    }),
    ("cert.key_rsa_pss", |v| {
        when(v.c.key.as_ref()?.kind == "RSA-PSS")
    }),
    ("cert.key_p521", |v| {
        when(v.c.key.as_ref()?.curve.as_deref() == Some("secp521r1"))
    }),
    ("cert.key_curve_rare", |v| {
        let curve = v.c.key.as_ref()?.curve.as_deref()?;
        when(!matches!(curve, "secp256r1" | "secp384r1" | "secp521r1"))
            .map(|h| h.with("curve", curve))
    }),
    ("cert.key_curve_explicit", |v| {
        let (algorithm, _) = v.key?;
        when(
            v.c.key.as_ref()?.kind == "EC"
                && v.parameters(&algorithm)
                    .is_some_and(|p| p.tag == tag::SEQUENCE),
        )
    }),
    ("cert.key_point_compressed", |v| {
        let (_, bits) = v.key?;
        when(v.c.key.as_ref()?.kind == "EC" && matches!(v.value(&bits).get(1), Some(2 | 3)))
    }),
    ("cert.key_dsa", |v| when(v.c.key.as_ref()?.kind == "DSA")),
    ("cert.signature_md5", |v| {
        signed_with(v, |a| a.starts_with("md"))
    }),
    ("cert.signature_sha1", |v| {
        // The signature of a root is never checked.
        if v.root() {
            return None;
        }
        signed_with(v, |a| {
            a.starts_with("sha1") || a.ends_with("SHA1") || a.ends_with("sha1")
        })
    }),
    ("cert.signature_pss", |v| {
        when(v.c.signature_algorithm.as_deref()? == "rsassaPss")
    }),
    ("cert.signature_dsa", |v| {
        signed_with(v, |a| a.starts_with("dsa"))
    }),
    ("cert.signature_algorithms_differ", |v| {
        let [Some(inner), Some(outer)] = v.algorithms else {
            return None;
        };
        when(inner.bytes(v.der) != outer.bytes(v.der)).map(|h| h.at(outer.start))
    }),
    ("cert.signature_parameters", |v| {
        let algorithm = v.algorithms[0]?;
        let name = v.c.signature_algorithm.as_deref()?;
        when(
            name.ends_with("WithRSAEncryption")
                && v.parameters(&algorithm).is_none_or(|p| p.tag != 0x05),
        )
    }),
];

fn rsa_bits(v: &View<'_>) -> Option<u32> {
    let key = v.c.key.as_ref()?;
    matches!(key.kind.as_str(), "RSA" | "RSA-PSS").then_some(key.bits)
}

/// Modulus and exponent of an RSA key.
fn numbers<'a>(v: &View<'a>) -> Option<(&'a [u8], &'a [u8])> {
    rsa_bits(v)?;
    let (_, bits) = v.key?;
    rsa_numbers(v.value(&bits).get(1..)?)
}

fn shown(v: &View<'_>) -> String {
    match v.c.key.as_ref().and_then(|k| k.exponent) {
        Some(exponent) => exponent.to_string(),
        None => "even".into(),
    }
}

/// A factor below 54 of a number that should have none. One division by the product of all these
/// primes gives a rest that answers for each.
fn small_factor(modulus: &[u8]) -> Option<u64> {
    const PRIMES: [u64; 16] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];
    // 3 · 5 · … · 53 just fits; 2 is asked of the last bit.
    let product: u64 = PRIMES.iter().skip(1).product();
    if modulus.last().is_some_and(|b| b & 1 == 0) {
        return Some(2);
    }
    let rest = modulus.chunks(8).fold(0_u64, |rest, chunk| {
        let value = chunk.iter().fold(0_u128, |n, b| n << 8 | u128::from(*b));
        let wide = (u128::from(rest) << (8 * chunk.len()) | value) % u128::from(product);
        u64::try_from(wide).unwrap_or(0)
    });
    PRIMES.into_iter().skip(1).find(|p| rest % p == 0)
}

fn signed_with(v: &View<'_>, bad: impl Fn(&str) -> bool) -> Option<Hit> {
    let name = v.c.signature_algorithm.as_deref()?;
    when(bad(name)).map(|h| h.with("algorithm", name))
}

#[cfg(test)]
mod tests {
    use super::small_factor;

    #[test]
    fn small_factors_are_found() {
        assert_eq!(small_factor(&[0x0F]), Some(3));
        assert_eq!(small_factor(&[0x01, 0x00]), Some(2));
        // 59 · 61 = 3599
        assert_eq!(small_factor(&[0x0E, 0x0F]), None);
        // 53 · 59 = 3127, behind leading zeros
        assert_eq!(
            small_factor(&[0, 0, 0, 0, 0, 0, 0, 0, 0x0C, 0x37]),
            Some(53)
        );
    }
}
