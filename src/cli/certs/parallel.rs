//! Work on many things at once.
//!
//! In: a list and what to do with each. Out: the results in the order of the list.

use std::num::NonZeroUsize;
use std::thread;

/// More threads gain nothing: what is left is the disk.
const MOST_THREADS: usize = 8;
/// Fewer things than this are done by one thread.
const FEWEST: usize = 32;

/// Does `work` with each of `items`, on as many threads as the machine runs at once.
pub(super) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MOST_THREADS);
    if threads < 2 || items.len() < FEWEST {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(threads))
            .map(|part| {
                let thread = scope.spawn(move || part.iter().map(work).collect::<Vec<R>>());
                (part, thread)
            })
            .collect();
        parts
            .into_iter()
            .flat_map(|(part, thread)| {
                // A thread that ended by a fault has lost its part: it is done once more, here.
                thread
                    .join()
                    .unwrap_or_else(|_| part.iter().map(work).collect())
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays() {
        let items: Vec<usize> = (0..1_000).collect();
        assert_eq!(each(&items, |n| n * 2)[..3], [0, 2, 4]);
        assert_eq!(each(&items, |n| n * 2).len(), 1_000);
        assert_eq!(each(&items[..5], |n| n + 1), [1, 2, 3, 4, 5]);
    }
}
