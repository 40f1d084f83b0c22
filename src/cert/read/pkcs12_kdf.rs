//! How PKCS#12 makes keys from passwords (RFC 7292 appendix B).

use ring::digest;
use zeroize::Zeroizing;

/// The password as PKCS#12 hashes it (RFC 7292 appendix B.1): big-endian UTF-16 with two zeros at
/// the end. Of the empty one some programs hash nothing at all.
pub(super) fn wide(password: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let text = Zeroizing::new(String::from_utf8_lossy(password).into_owned());
    let mut out: Vec<u8> = Vec::with_capacity(text.len() * 2 + 2);
    for unit in text.encode_utf16() {
        out.extend(unit.to_be_bytes());
    }
    out.extend([0, 0]);
    let mut all = vec![Zeroizing::new(out)];
    if password.is_empty() {
        all.push(Zeroizing::new(Vec::new()));
    }
    all
}

/// The key derivation of RFC 7292 appendix B.2.
pub(super) struct Kdf<'a> {
    pub hash: &'static digest::Algorithm,
    pub salt: &'a [u8],
    pub rounds: u64,
}

impl Kdf<'_> {
    /// So many bytes for a purpose: 1 a key, 2 a first block, 3 a MAC.
    pub fn derive(&self, secret: &[u8], purpose: u8, bytes: usize) -> Zeroizing<Vec<u8>> {
        let block = self.hash.block_len();
        let filled = |data: &[u8]| -> Vec<u8> {
            let len = data.len().div_ceil(block) * block;
            data.iter().copied().cycle().take(len).collect()
        };
        let mut input = Zeroizing::new([filled(self.salt), filled(secret)].concat());
        let mut out = Zeroizing::new(Vec::with_capacity(bytes + 64));
        while out.len() < bytes {
            let mut context = digest::Context::new(self.hash);
            context.update(&vec![purpose; block]);
            context.update(&input);
            let mut a = context.finish();
            for _ in 1..self.rounds {
                a = digest::digest(self.hash, a.as_ref());
            }
            out.extend_from_slice(a.as_ref());
            let b: Vec<u8> = a.as_ref().iter().copied().cycle().take(block).collect();
            for chunk in input.chunks_mut(block) {
                let mut carry = 1_u16;
                for (x, y) in chunk.iter_mut().zip(&b).rev() {
                    let sum = u16::from(*x) + u16::from(*y) + carry;
                    *x = sum.to_be_bytes()[1];
                    carry = sum >> 8;
                }
            }
        }
        out.truncate(bytes);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_derivation_gives_the_known_key() {
        // Worked example that PKCS#12 libraries share: password "smeg", 1 round.
        let kdf = Kdf {
            hash: &digest::SHA1_FOR_LEGACY_USE_ONLY,
            salt: &[0x0A, 0x58, 0xCF, 0x64, 0x53, 0x0D, 0x82, 0x3F],
            rounds: 1,
        };
        let secret = wide(b"smeg");
        let key = kdf.derive(&secret[0], 1, 24);
        assert_eq!(
            data_encoding::HEXUPPER.encode(&key),
            "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3"
        );
    }
}
