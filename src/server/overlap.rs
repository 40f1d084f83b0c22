//! Suites of a device against suites of a server: what both have, and which would be taken.
//!
//! In: two lists with their orders. Out: [`Overlap`]. Must not know where the lists come from.

use super::offer::Order;
use crate::tls::{CipherSuite, ProtocolVersion};

/// One suite of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverlapRow {
    /// The suite.
    pub suite: CipherSuite,
    /// The device offers it; `None`: nothing is known of the device.
    pub device: Option<bool>,
    /// The server accepts it; `None`: nothing is known of the server.
    pub server: Option<bool>,
}

impl OverlapRow {
    /// Do both have it?
    #[must_use]
    pub fn both(&self) -> bool {
        self.device == Some(true) && self.server == Some(true)
    }
}

/// The comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Those of the server in its order, then those that the device alone has, in its order.
    pub rows: Vec<OverlapRow>,
    /// How many of the rows are the server's: they come first.
    pub of_server: usize,
    /// Suites that both have.
    pub common: usize,
    /// The suite that would be chosen, where the lists and the order tell.
    pub first: Option<CipherSuite>,
}

impl Overlap {
    /// Compares. `None` stands for a list that nobody knows; repetitions count once.
    #[must_use]
    pub fn of(
        device: Option<&[CipherSuite]>,
        server: Option<&[CipherSuite]>,
        order: Order,
    ) -> Self {
        let has = |list: Option<&[CipherSuite]>, s| list.map(|l| l.contains(&s));
        let mut rows: Vec<OverlapRow> = Vec::new();
        let mut of_server = 0;
        let all = server
            .unwrap_or_default()
            .iter()
            .chain(device.unwrap_or_default());
        for (at, &suite) in all.enumerate() {
            if rows.iter().any(|r| r.suite == suite) {
                continue;
            }
            rows.push(OverlapRow {
                suite,
                device: has(device, suite),
                server: has(server, suite),
            });
            if at < server.map_or(0, <[_]>::len) {
                of_server = rows.len();
            }
        }
        let common: Vec<CipherSuite> = rows.iter().filter(|r| r.both()).map(|r| r.suite).collect();
        let first = first_of(&common, device, order);
        Self {
            of_server,
            common: common.len(),
            rows,
            first,
        }
    }

    /// Are both lists known?
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.rows
            .first()
            .is_some_and(|r| r.device.is_some() && r.server.is_some())
    }
}

/// `common` is in the server's order. A suite of TLS 1.3 goes before all others: the version is
/// settled first (RFC 8446 section 4.1.1).
fn first_of(
    common: &[CipherSuite],
    device: Option<&[CipherSuite]>,
    order: Order,
) -> Option<CipherSuite> {
    let newest: Vec<CipherSuite> = if common.iter().any(|s| s.is_tls13()) {
        common.iter().copied().filter(|s| s.is_tls13()).collect()
    } else {
        common.to_vec()
    };
    match (newest.as_slice(), order) {
        ([one], _) => Some(*one),
        (_, Order::Server) => newest.first().copied(),
        (_, Order::Client) => device?.iter().copied().find(|s| newest.contains(s)),
        (_, Order::Unknown) => None,
    }
}

/// The highest version that both speak.
#[must_use]
pub fn common_version(
    device: &[ProtocolVersion],
    server: &[(ProtocolVersion, bool)],
) -> Option<ProtocolVersion> {
    device
        .iter()
        .copied()
        .filter(|v| server.contains(&(*v, true)))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: CipherSuite = CipherSuite(0xC030);
    const B: CipherSuite = CipherSuite(0xC02F);
    const C: CipherSuite = CipherSuite(0x003D);
    const NEW: CipherSuite = CipherSuite(0x1301);

    #[test]
    fn nothing_in_common_is_told_from_nothing_known() {
        let none = Overlap::of(Some(&[C]), Some(&[A, B]), Order::Server);
        assert_eq!((none.common, none.first, none.of_server), (0, None, 2));
        assert!(none.is_known() && none.rows.len() == 3);
        let unknown = Overlap::of(None, Some(&[A, B]), Order::Server);
        assert!(!unknown.is_known());
        assert_eq!(unknown.rows.first().and_then(|r| r.device), None);
    }

    #[test]
    fn who_orders_decides() {
        let first = |order| Overlap::of(Some(&[B, A]), Some(&[A, B, A]), order).first;
        assert_eq!(first(Order::Server), Some(A));
        assert_eq!(first(Order::Client), Some(B));
        assert_eq!(first(Order::Unknown), None);
        let only = Overlap::of(Some(&[B, C]), Some(&[A, B]), Order::Unknown);
        assert_eq!(only.first, Some(B));
        let newest = Overlap::of(Some(&[A, NEW]), Some(&[A, NEW]), Order::Server);
        assert_eq!(newest.first, Some(NEW));
    }
}
