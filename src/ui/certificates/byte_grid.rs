//! Where the bytes of a certificate lie in the byte map.
//!
//! In: offsets of bytes, points of the screen. Out: the other of the two. Must not know fields.

use egui::{Pos2, Rect, vec2};

/// Rows at most, before a row takes twice as many bytes.
const MOST_ROWS: usize = 60;

/// Bytes of a row for a certificate of this size.
#[must_use]
pub fn bytes_per_row(bytes: usize) -> usize {
    let mut row = 100;
    while bytes.div_ceil(row) > MOST_ROWS {
        row *= 2;
    }
    row
}

/// Where bytes lie on the screen.
pub struct Grid {
    /// Top left corner of the first byte.
    pub min: Pos2,
    /// Bytes of a row.
    pub per_row: usize,
    /// Points of a byte.
    pub per_byte: f32,
    /// From one row to the next, in points.
    pub pitch: f32,
}

impl Grid {
    /// The top left corner of a byte.
    #[expect(clippy::cast_precision_loss, reason = "sizes of certificates")]
    #[must_use]
    pub fn place(&self, byte: usize) -> Pos2 {
        let (row, column) = (byte / self.per_row, byte % self.per_row);
        self.min + vec2(column as f32 * self.per_byte, row as f32 * self.pitch)
    }

    /// The byte at a point, which may lie behind the last one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "points of a screen"
    )]
    #[must_use]
    pub fn byte(&self, at: Pos2) -> usize {
        let row = ((at.y - self.min.y) / self.pitch).max(0.0) as usize;
        let column = ((at.x - self.min.x) / self.per_byte).max(0.0);
        row * self.per_row + (column as usize).min(self.per_row - 1)
    }

    /// The right end of a row.
    #[must_use]
    pub fn right(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let width = self.per_row as f32 * self.per_byte;
        self.min.x + width
    }

    /// Height of a row.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.pitch - 1.0
    }
}

/// Pieces of a run of bytes, one for each row it touches; the last is marked.
#[must_use]
pub fn pieces(grid: &Grid, from: usize, to: usize) -> Vec<(Rect, bool)> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        let end = ((at / grid.per_row + 1) * grid.per_row).min(to);
        let min = grid.place(at);
        #[expect(clippy::cast_precision_loss, reason = "a row of bytes")]
        let width = (end - at) as f32 * grid.per_byte;
        out.push((
            Rect::from_min_size(min, vec2(width, grid.height())),
            end == to,
        ));
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::bytes_per_row;

    #[test]
    fn rows_grow_with_the_certificate() {
        assert_eq!(bytes_per_row(3_813), 100);
        assert_eq!(bytes_per_row(6_000), 100);
        assert_eq!(bytes_per_row(6_001), 200);
        assert_eq!(bytes_per_row(65_536), 1_600);
    }
}
