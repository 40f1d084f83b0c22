//! Suites of a device against suites of a server: what both have, and which would be taken.
//!
//! In: two lists with their orders. Out: [`Overlap`]. Must not know where the lists come from.

use super::offer::Order;
use crate::tls::{CipherSuite, ProtocolVersion};

/// What is known of the suites of a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideSuites<'a> {
    /// Those that it has, in its order.
    pub has: &'a [CipherSuite],
    /// Those that it surely has not, where the list above may not be complete.
    pub not: &'a [CipherSuite],
    /// There are no others than those that it has.
    pub complete: bool,
}

impl<'a> SideSuites<'a> {
    /// A complete list.
    #[must_use]
    pub fn complete(has: &'a [CipherSuite]) -> Self {
        Self {
            has,
            not: &[],
            complete: true,
        }
    }

    fn state(&self, suite: CipherSuite) -> Option<bool> {
        if self.has.contains(&suite) {
            Some(true)
        } else {
            (self.complete || self.not.contains(&suite)).then_some(false)
        }
    }
}

/// One suite of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverlapRow {
    /// The suite.
    pub suite: CipherSuite,
    /// The device offers it; `None`: not known.
    pub device: Option<bool>,
    /// The server accepts it; `None`: not known.
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
    /// Compares. `None` stands for a side of which nothing is known; repetitions count once.
    #[must_use]
    pub fn of(
        device: Option<SideSuites<'_>>,
        server: Option<SideSuites<'_>>,
        order: Order,
    ) -> Self {
        let mut rows: Vec<OverlapRow> = Vec::new();
        let mut of_server = 0;
        let of_server_side = server.map_or(&[][..], |s| s.has);
        let of_device_side = device.map_or(&[][..], |d| d.has);
        for (at, &suite) in of_server_side.iter().chain(of_device_side).enumerate() {
            if rows.iter().any(|r| r.suite == suite) {
                continue;
            }
            rows.push(OverlapRow {
                suite,
                device: device.and_then(|d| d.state(suite)),
                server: server.and_then(|s| s.state(suite)),
            });
            if at < of_server_side.len() {
                of_server = rows.len();
            }
        }
        let common: Vec<CipherSuite> = rows.iter().filter(|r| r.both()).map(|r| r.suite).collect();
        let first = first_of(&common, device.map(|d| d.has), order);
        Self {
            of_server,
            common: common.len(),
            rows,
            first,
        }
    }

    /// Is every row known on both sides?
    #[must_use]
    pub fn is_known(&self) -> bool {
        let known = |r: &OverlapRow| r.device.is_some() && r.server.is_some();
        !self.rows.is_empty() && self.rows.iter().all(known)
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
        let list = SideSuites::complete;
        let none = Overlap::of(Some(list(&[C])), Some(list(&[A, B])), Order::Server);
        assert_eq!((none.common, none.first, none.of_server), (0, None, 2));
        assert!(none.is_known() && none.rows.len() == 3);
        let unknown = Overlap::of(None, Some(list(&[A, B])), Order::Server);
        assert!(!unknown.is_known());
        assert_eq!(unknown.rows.first().and_then(|r| r.device), None);
        // A document that names some suites and rules out others leaves the rest open.
        let some = SideSuites {
            has: &[C],
            not: &[A],
            complete: false,
        };
        let partly = Overlap::of(Some(some), Some(list(&[A, B])), Order::Server);
        let cells: Vec<_> = partly.rows.iter().map(|r| r.device).collect();
        assert_eq!(cells, [Some(false), None, Some(true)]);
        assert!(!partly.is_known());
        let ruled_out = Overlap::of(Some(some), Some(list(&[A])), Order::Server);
        assert!(ruled_out.is_known() && ruled_out.common == 0);
    }

    #[test]
    fn who_orders_decides() {
        let of = |device, server, order| {
            let side = SideSuites::complete;
            Overlap::of(Some(side(device)), Some(side(server)), order).first
        };
        let first = |order| of(&[B, A], &[A, B, A], order);
        assert_eq!(first(Order::Server), Some(A));
        assert_eq!(first(Order::Client), Some(B));
        assert_eq!(first(Order::Unknown), None);
        assert_eq!(of(&[B, C], &[A, B], Order::Unknown), Some(B));
        assert_eq!(of(&[A, NEW], &[A, NEW], Order::Server), Some(NEW));
    }
}
