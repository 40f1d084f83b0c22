//! Private keys: kind, size, format and public half. Nothing else of them is kept.
//!
//! In: DER. Out: [`PrivateKey`]. The numbers are read in place and never copied into a value that
//! lives on; a public half that is not told is computed, for it pairs the key.

use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::cert::file::PrivateKey;
use crate::cert::oids;
use crate::cert::public_key::{
    PublicKey, bit_length, compressed_sha256, ec_spki, element, rsa_spki,
};
use crate::cert::tlv::{self, Tlv, tag};

/// Recognises a private key: PKCS#1 (RFC 8017), SEC1 (RFC 5915), PKCS#8 (RFC 5958), encrypted
/// PKCS#8, and OpenSSL's form of DSA.
#[must_use]
pub fn read_private_key(der: &[u8]) -> Option<PrivateKey> {
    let outer = tlv::read(der, 0, der.len()).ok()?;
    if outer.tag != tag::SEQUENCE {
        return None;
    }
    let (parts, _) = tlv::children(der, &outer);
    match parts.as_slice() {
        [version, algorithm, octets, ..]
            if version.tag == tag::INTEGER
                && algorithm.tag == tag::SEQUENCE
                && octets.tag == tag::OCTET_STRING =>
        {
            pkcs8(der, algorithm, octets, parts.get(3..).unwrap_or_default())
        }
        [algorithm, octets]
            if algorithm.tag == tag::SEQUENCE
                && octets.tag == tag::OCTET_STRING
                && starts_with_oid(der, algorithm) =>
        {
            Some(PrivateKey {
                encrypted: true,
                ..blank("PKCS#8")
            })
        }
        [version, secret, ..] if version.tag == tag::INTEGER && secret.tag == tag::OCTET_STRING => {
            Some(sec1(der, &parts, None))
        }
        [version, n, e, rest @ ..]
            if rest.len() >= 5 && parts.iter().take(6).all(|p| p.tag == tag::INTEGER) =>
        {
            (version.value(der) == [0] || version.value(der) == [1])
                .then(|| rsa(n.value(der), e.value(der), "PKCS#1"))
        }
        [_, p, ..] if parts.len() == 6 && parts.iter().all(|p| p.tag == tag::INTEGER) => {
            Some(PrivateKey {
                kind: Some("DSA".into()),
                bits: Some(bit_length(p.value(der))),
                ..blank("DSA")
            })
        }
        _ => None,
    }
}

fn blank(format: &'static str) -> PrivateKey {
    PrivateKey {
        format,
        encrypted: false,
        kind: None,
        bits: None,
        curve: None,
        spki_sha256: None,
        compressed_sha256: None,
    }
}

fn starts_with_oid(der: &[u8], sequence: &Tlv) -> bool {
    tlv::children(der, sequence)
        .0
        .first()
        .is_some_and(|e| e.tag == tag::OID)
}

fn rsa(modulus: &[u8], exponent: &[u8], format: &'static str) -> PrivateKey {
    let spki = rsa_spki(modulus, exponent);
    PrivateKey {
        kind: Some("RSA".into()),
        bits: Some(bit_length(modulus)),
        spki_sha256: Some(data_encoding::HEXLOWER.encode(&Sha256::digest(&spki))),
        ..blank(format)
    }
}

fn sec1(der: &[u8], parts: &[Tlv], curve: Option<&[u8]>) -> PrivateKey {
    let inner = |context: u8| {
        let wrapper = parts.iter().find(|p| p.tag == context)?;
        tlv::children(der, wrapper).0.first().copied()
    };
    let own_curve = inner(0xA0).filter(|c| c.tag == tag::OID);
    let curve = own_curve.map(|c| c.value(der)).or(curve);
    let named = curve.and_then(|c| oids::curve(&oids::dotted(c)));
    let told = inner(0xA1)
        .filter(|p| p.tag == tag::BIT_STRING)
        .and_then(|p| p.value(der).get(1..));
    // Java and others leave the public half out.
    let computed = match (told, named, parts.get(1)) {
        (None, Some((curve, _)), Some(secret)) => public_point(curve, secret.value(der)),
        _ => None,
    };
    let point = told.or(computed.as_deref());
    // A compressed point would give another hash than the certificate's full one.
    let full = point.filter(|p| p.first() == Some(&4));
    PrivateKey {
        kind: Some("EC".into()),
        bits: named.map(|(_, bits)| bits),
        curve: named.map(|(name, _)| name.to_owned()),
        compressed_sha256: curve.zip(point).and_then(|(c, p)| compressed_sha256(c, p)),
        spki_sha256: curve.zip(full).map(|(curve, point)| {
            data_encoding::HEXLOWER.encode(&Sha256::digest(ec_spki(curve, point)))
        }),
        ..blank("SEC1")
    }
}

/// The public point of a secret number on the curves that are computed with here, uncompressed.
fn public_point(curve: &str, secret: &[u8]) -> Option<Vec<u8>> {
    use p256::elliptic_curve::sec1::ToEncodedPoint;
    // The number may have lost its leading zeros, or got more.
    let start = secret.iter().position(|b| *b != 0)?;
    let number = secret.get(start..)?;
    let padded = |bytes: usize| -> Option<Zeroizing<Vec<u8>>> {
        let mut out = Zeroizing::new(vec![0; bytes.checked_sub(number.len())?]);
        out.reserve_exact(number.len());
        out.extend_from_slice(number);
        Some(out)
    };
    let point = match curve {
        "secp256r1" => {
            let key = p256::SecretKey::from_slice(&padded(32)?).ok()?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
        "secp384r1" => {
            let key = p384::SecretKey::from_slice(&padded(48)?).ok()?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
        "secp521r1" => {
            let key = p521::SecretKey::from_slice(&padded(66)?).ok()?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
        _ => return None,
    };
    Some(point)
}

/// SHA-256 of the `SubjectPublicKeyInfo` of an Ed25519 secret (RFC 8410 section 7: an OCTET STRING in
/// the OCTET STRING).
fn ed25519_spki_sha256(algorithm: &[u8], inner: &[u8]) -> Option<String> {
    let secret = tlv::read(inner, 0, inner.len())
        .ok()
        .filter(|s| s.tag == tag::OCTET_STRING)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(secret.value(inner)).ok()?;
    let bits = [&[0], pair.public_key().as_ref()].concat();
    let body = [algorithm, &element(tag::BIT_STRING, &bits)].concat();
    PublicKey::read(&element(tag::SEQUENCE, &body)).map(|k| k.spki_sha256)
}

fn pkcs8(der: &[u8], algorithm: &Tlv, octets: &Tlv, rest: &[Tlv]) -> Option<PrivateKey> {
    let (identifiers, _) = tlv::children(der, algorithm);
    let oid = identifiers.first().filter(|e| e.tag == tag::OID)?;
    let inner = octets.value(der);
    let numbers = || -> Option<Vec<Tlv>> {
        let outer = tlv::read(inner, 0, inner.len()).ok()?;
        Some(tlv::children(inner, &outer).0)
    };
    let mut key = match oids::dotted(oid.value(der)).as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let parts = numbers()?;
            match parts.as_slice() {
                [_, n, e, ..] => rsa(n.value(inner), e.value(inner), "PKCS#8"),
                _ => blank("PKCS#8"),
            }
        }
        "1.2.840.10045.2.1" => {
            let curve = identifiers
                .get(1)
                .filter(|c| c.tag == tag::OID)
                .map(|c| c.value(der));
            sec1(inner, &numbers()?, curve)
        }
        oid => {
            let (kind, bits) = match oid {
                "1.3.101.112" => ("Ed25519", Some(256)),
                "1.3.101.113" => ("Ed448", Some(456)),
                "1.3.101.110" => ("X25519", Some(256)),
                "1.2.840.10040.4.1" => ("DSA", None),
                _ => (oid, None),
            };
            PrivateKey {
                kind: Some(kind.to_owned()),
                bits,
                spki_sha256: (kind == "Ed25519")
                    .then(|| ed25519_spki_sha256(algorithm.bytes(der), inner))
                    .flatten(),
                ..blank("PKCS#8")
            }
        }
    };
    key.format = "PKCS#8";
    // Version 2 (RFC 5958) may carry the public half behind the attributes.
    if key.spki_sha256.is_none()
        && let Some(public) = rest.iter().find(|p| p.tag == 0x81)
    {
        let body = [
            algorithm.bytes(der),
            &element(tag::BIT_STRING, public.value(der)),
        ]
        .concat();
        let spki = element(tag::SEQUENCE, &body);
        key.spki_sha256 = PublicKey::read(&spki).map(|k| k.spki_sha256);
    }
    Some(key)
}
