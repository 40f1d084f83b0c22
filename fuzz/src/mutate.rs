//! Seeds damaged at random, each round made again from its number alone.
//!
//! In: seeds and the number of a round. Out: bytes. Must not know what they are.

/// A small generator (SplitMix64).
pub struct Random(u64);

impl Random {
    /// The generator of this round.
    #[must_use]
    pub fn of(round: u64) -> Self {
        Self(round)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n.max(1)).unwrap_or(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Values of length fields, tags, ends of lines and marks that readers act on.
const TELLING: [u8; 20] = [
    0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x30, 0xA3, b'\n', b'\r', b' ', b'-', b'"',
    b'\\', 0x7E, 0x7D, 0x16, 0x15,
];

/// Bytes as no seed is: one to five damages to one of them.
#[must_use]
pub fn mutant(round: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut random = Random::of(round);
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let len = bytes.len();
        if len == 0 {
            break;
        }
        let at = random.below(len);
        match random.below(11) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.byte(),
            2 => bytes.truncate(at),
            3 => {
                bytes.drain(..at);
            }
            4 => {
                let end = (at + random.below(64)).min(len);
                bytes.drain(at..end);
            }
            5 => bytes[at] = TELLING[random.below(TELLING.len())],
            6 => {
                let end = (at + random.below(256)).min(len);
                let piece = bytes[at..end].to_vec();
                let to = random.below(len);
                bytes.splice(to..to, piece);
            }
            7 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let end = (from + random.below(400)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            8 => {
                // Numbers at the ends of their range, in either byte order.
                let end = (at + [1, 2, 4, 8][random.below(4)]).min(len);
                bytes[at..end].fill([0x00, 0xFF][random.below(2)]);
                if end > at && random.below(2) == 0 {
                    let edge = if random.below(2) == 0 { at } else { end - 1 };
                    bytes[edge] = random.byte();
                }
            }
            9 => {
                // A number written out becomes another.
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    let wide = b"99999999999999999999999999";
                    let to = at + digit;
                    match random.below(3) {
                        0 => bytes[to] = b'0' + random.byte() % 10,
                        1 => drop(bytes.splice(to..to, wide[..random.below(26)].iter().copied())),
                        _ => bytes[to] = b'-',
                    }
                }
            }
            _ => {
                let end = (at + 8).min(len);
                bytes[at..end].fill(random.byte());
            }
        }
    }
    bytes
}
