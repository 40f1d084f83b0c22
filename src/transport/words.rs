//! Figures as people read them.

use crate::evidence::grouped;

/// `1 line`, `47 lines`.
pub(super) fn counted(n: u64, one: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{} {one}s", grouped(n))
    }
}

/// Milliseconds as `0.4 s`, `12 s`, `3 min 5 s`.
pub(super) fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < 10_000 {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    } else if ms < 120_000 {
        format!("{} s", ms / 1000)
    } else {
        format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, duration};
    use crate::evidence::grouped;

    #[test]
    fn figures() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(115_200), "115,200");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(counted(1, "line"), "1 line");
        assert_eq!(counted(0, "line"), "0 lines");
        assert_eq!(duration(420), "0.4 s");
        assert_eq!(duration(65_000), "65 s");
        assert_eq!(duration(185_000), "3 min 5 s");
    }
}
