//! Blocks of pcapng (draft-ietf-opsawg-pcapng).

use super::{
    CaptureFile, Cut, Interface, Item, Kind, LARGEST_BLOCK, SECTION, size, u16_at, u32_at,
};

/// Files with more interfaces are damaged.
const MOST_INTERFACES: usize = 4096;

impl CaptureFile {
    pub(super) fn ng_block(&mut self, bytes: &[u8], each: &mut dyn FnMut(Item<'_>)) -> Cut {
        let Some(section) = u32_at(bytes, 0, true) else {
            return Cut::Needs;
        };
        if section == SECTION {
            // The byte order of a section is told by its own header.
            let big = match u32_at(bytes, 8, true) {
                Some(0x1A2B_3C4D) => true,
                Some(0x4D3C_2B1A) => false,
                Some(_) => return Cut::Stop(self.damaged()),
                None => return Cut::Needs,
            };
            self.kind = Kind::Ng {
                big,
                interfaces: Vec::new(),
            };
        }
        let big = self.big();
        let (Some(block_type), Some(len)) = (u32_at(bytes, 0, big), u32_at(bytes, 4, big)) else {
            return Cut::Needs;
        };
        let len = size(len);
        if len < 12 || !len.is_multiple_of(4) {
            return Cut::Stop(self.damaged());
        }
        if len > LARGEST_BLOCK {
            each(Item::Problem(format!(
                "A block of {len} bytes at byte {} of the capture was passed over.",
                self.offset
            )));
            return Cut::Taken(len);
        }
        let Some(body) = bytes.get(8..len - 4).filter(|_| bytes.len() >= len) else {
            return Cut::Needs;
        };
        match block_type {
            1 => self.interface(body, big),
            2 => self.packet(body, big, each),
            3 => self.simple(body, big, each),
            6 => self.packet(body, big, each),
            0x0A => {
                let text = u32_at(body, 4, big).and_then(|n| body.get(8..8 + size(n)));
                // 0x544C534B: TLS key log (pcapng, section "Decryption Secrets Block").
                if let (Some(0x544C_534B), Some(text)) = (u32_at(body, 0, big), text) {
                    each(Item::Secrets(text));
                }
            }
            _ => {}
        }
        Cut::Taken(len)
    }

    fn interface(&mut self, body: &[u8], big: bool) {
        let Kind::Ng { interfaces, .. } = &mut self.kind else {
            return;
        };
        let (Some(link), Some(snap)) = (u16_at(body, 0, big), u32_at(body, 4, big)) else {
            return;
        };
        let mut interface = Interface {
            link,
            units: 1_000_000,
            offset: 0,
            snap,
        };
        let mut at = 8;
        while let (Some(code), Some(len)) = (u16_at(body, at, big), u16_at(body, at + 2, big)) {
            let value = body.get(at + 4..at + 4 + usize::from(len));
            match (code, value) {
                (0, _) | (_, None) => break,
                (9, Some([n, ..])) => {
                    let units = if n & 0x80 != 0 {
                        1_u64.checked_shl(u32::from(n & 0x7F))
                    } else {
                        10_u64.checked_pow(u32::from(*n))
                    };
                    interface.units = units.unwrap_or(interface.units).max(1);
                }
                (14, Some(bytes)) => {
                    if let Ok(bytes) = <[u8; 8]>::try_from(bytes) {
                        interface.offset = if big {
                            i64::from_be_bytes(bytes)
                        } else {
                            i64::from_le_bytes(bytes)
                        };
                    }
                }
                _ => {}
            }
            at += 4 + usize::from(len).next_multiple_of(4);
        }
        if interfaces.len() < MOST_INTERFACES {
            interfaces.push(interface);
        }
    }

    /// Enhanced Packet Block, or the Packet Block that came before it.
    fn packet(&mut self, body: &[u8], big: bool, each: &mut dyn FnMut(Item<'_>)) {
        let at = |i| u32_at(body, i, big);
        let (Some(id), Some(high), Some(low), Some(len)) = (at(0), at(4), at(8), at(12)) else {
            return;
        };
        let Kind::Ng { interfaces, .. } = &self.kind else {
            return;
        };
        // The old block has the number in its first half and a drop count in the other.
        let Some(interface) = interfaces
            .get(size(id))
            .or_else(|| interfaces.get(usize::from(u16_at(body, 0, big)?)))
            .copied()
        else {
            return;
        };
        let Some(frame) = body.get(20..20 + size(len)) else {
            return;
        };
        let ticks = u64::from(high) << 32 | u64::from(low);
        let micros = u128::from(ticks) * 1_000_000 / u128::from(interface.units);
        let time = i64::try_from(micros)
            .ok()
            .and_then(|at| at.checked_add(interface.offset.checked_mul(1_000_000)?));
        self.frame(time, interface.link, frame, each);
    }

    fn simple(&mut self, body: &[u8], big: bool, each: &mut dyn FnMut(Item<'_>)) {
        let Kind::Ng { interfaces, .. } = &self.kind else {
            return;
        };
        let (Some(interface), Some(len)) = (interfaces.first().copied(), u32_at(body, 0, big))
        else {
            return;
        };
        let limit = if interface.snap == 0 {
            u32::MAX
        } else {
            interface.snap
        };
        let len = size(len.min(limit)).min(body.len() - 4);
        if let Some(frame) = body.get(4..4 + len) {
            self.frame(None, interface.link, frame, each);
        }
    }
}
