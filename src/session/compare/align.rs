//! The steps of two runs in pairs: the longest sequence that both have, in order.

use super::Pair;
use crate::timeline::Step;

/// Steps of one run that are aligned at most: the table of the alignment has its square.
const MOST: usize = 600;

/// Longest common run of equal steps, by name and direction.
pub(super) fn align(good: &[Step], bad: &[Step]) -> Vec<Pair> {
    let (n, m) = (good.len().min(MOST), bad.len().min(MOST));
    let same =
        |i: usize, j: usize| good[i].name == bad[j].name && good[i].direction == bad[j].direction;
    // length[i][j]: of what is common from i and j on.
    let width = m + 1;
    let mut length = vec![0_u16; (n + 1) * width];
    for i in (0..n).rev() {
        for j in (0..m).rev() {
            length[i * width + j] = if same(i, j) {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let mut pairs = Vec::with_capacity(n.max(m));
    let (mut i, mut j) = (0, 0);
    while i < n || j < m {
        let common = i < n && j < m && same(i, j);
        let skip_good =
            i < n && (j >= m || length[(i + 1) * width + j] >= length[i * width + j + 1]);
        if common {
            pairs.push(Pair {
                good: Some(i),
                bad: Some(j),
            });
            i += 1;
            j += 1;
        } else if skip_good {
            pairs.push(Pair {
                good: Some(i),
                bad: None,
            });
            i += 1;
        } else {
            pairs.push(Pair {
                good: None,
                bad: Some(j),
            });
            j += 1;
        }
    }
    pairs
}
