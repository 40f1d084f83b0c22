//! Whose order decided, told from what was chosen of which lists; and lists in an order that makes a
//! server show what it has not shown yet.
//!
//! In: picks. Out: [`Order`], lists. Pure.

use crate::server::offer::Order;
use crate::tls::SignatureScheme;

/// A list that was offered, in its order, and what was chosen of it.
#[derive(Clone, Debug)]
pub(super) struct Pick<T> {
    pub offered: Vec<T>,
    pub chosen: T,
}

/// Whose order explains all choices: the first accepted one of each list (the client's), or one fixed
/// ranking (the server's)? Both, or neither: not known. `rivals` says whether a value could have been
/// chosen in the place of the other.
pub(super) fn whose<T: PartialEq + Copy>(
    picks: &[Pick<T>],
    accepted: &[T],
    rivals: impl Fn(T, T) -> bool,
) -> Order {
    let open = |pick: &Pick<T>| -> Vec<T> {
        let list = pick.offered.iter().copied();
        list.filter(|x| accepted.contains(x) && rivals(pick.chosen, *x))
            .collect()
    };
    let real: Vec<(T, Vec<T>)> = picks
        .iter()
        .map(|p| (p.chosen, open(p)))
        .filter(|(_, list)| list.len() > 1)
        .collect();
    let client = real
        .iter()
        .all(|(chosen, list)| list.first() == Some(chosen));
    let server = real.iter().enumerate().all(|(i, (a, of_a))| {
        let rest = real.get(i + 1..).unwrap_or_default();
        rest.iter()
            .all(|(b, of_b)| a == b || !(of_a.contains(b) && of_b.contains(a)))
    });
    match (client, server) {
        _ if real.is_empty() => Order::Unknown,
        (true, false) => Order::Client,
        (false, true) => Order::Server,
        _ => Order::Unknown,
    }
}

/// The same values, those that were not seen yet in front of their kind. The set is the same, so that
/// nothing else about the answer changes; a server that follows the client shows a new one.
pub(super) fn unseen_first<T: PartialEq + Copy, K: PartialEq>(
    list: &[T],
    seen: &[T],
    kind: impl Fn(T) -> K,
) -> Vec<T> {
    let mut out = list.to_vec();
    let mut kinds: Vec<K> = Vec::new();
    for &one in list {
        let kind_of = kind(one);
        if kinds.contains(&kind_of) {
            continue;
        }
        let members: Vec<T> = list
            .iter()
            .copied()
            .filter(|x| kind(*x) == kind_of)
            .collect();
        let (known, fresh): (Vec<T>, Vec<T>) = members.iter().partition(|x| seen.contains(x));
        let mut turned = fresh.into_iter().chain(known);
        for (place, of) in out.iter_mut().zip(list) {
            if kind(*of) == kind_of
                && let Some(next) = turned.next()
            {
                *place = next;
            }
        }
        kinds.push(kind_of);
    }
    out
}

/// Which key makes this signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SigningKey {
    Rsa,
    Dsa,
    Ecdsa,
    Other,
}

/// RFC 8446 section 4.2.3, RFC 5246 section 7.4.1.4.1. PSS with an RSASSA-PSS key needs another
/// certificate than PSS with a plain RSA key.
pub(super) fn signing_key(scheme: SignatureScheme) -> SigningKey {
    match scheme.0 {
        0x0804..=0x0806 => SigningKey::Rsa,
        0x081A..=0x081C => SigningKey::Ecdsa,
        n => match n & 0xFF {
            1 if n >> 8 <= 6 => SigningKey::Rsa,
            2 if n >> 8 <= 6 => SigningKey::Dsa,
            3 if n >> 8 <= 6 => SigningKey::Ecdsa,
            _ => SigningKey::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(offered: &[u8], chosen: u8) -> Pick<u8> {
        Pick {
            offered: offered.to_vec(),
            chosen,
        }
    }

    #[test]
    fn one_list_asked_again_in_reverse_tells_whose_order() {
        let accepted = [1, 2, 3];
        let any = |_, _| true;
        let reversed = |chosen| [pick(&[9, 1, 2, 3], 1), pick(&[3, 2, 1], chosen)];
        assert_eq!(whose(&reversed(3), &accepted, any), Order::Client);
        assert_eq!(whose(&reversed(1), &accepted, any), Order::Server);
        // Neither: a server that makes an exception.
        assert_eq!(whose(&reversed(2), &accepted, any), Order::Unknown);
        // Taking away what was chosen tells nothing: both explain it.
        let removed = [pick(&[1, 2, 3], 1), pick(&[2, 3], 2), pick(&[3], 3)];
        assert_eq!(whose(&removed, &accepted, any), Order::Unknown);
        assert_eq!(whose(&[pick(&[1, 2], 1)], &[1], any), Order::Unknown);
    }

    #[test]
    fn what_another_certificate_would_sign_is_no_rival() {
        let same = |a: u8, b: u8| a % 2 == b % 2;
        let picks = [pick(&[2, 1, 3], 1), pick(&[3, 2, 1], 3)];
        assert_eq!(whose(&picks, &[1, 2, 3], same), Order::Client);
    }

    #[test]
    fn kinds_keep_their_places() {
        let kind = |x: u8| x % 2;
        assert_eq!(
            unseen_first(&[1, 2, 3, 4, 5], &[1, 2], kind),
            [3, 4, 5, 2, 1]
        );
        assert_eq!(unseen_first(&[1, 2], &[], kind), [1, 2]);
    }

    #[test]
    fn keys_of_algorithms() {
        for (number, key) in [
            (0x0401, SigningKey::Rsa),
            (0x0804, SigningKey::Rsa),
            (0x0809, SigningKey::Other),
            (0x0403, SigningKey::Ecdsa),
            (0x081A, SigningKey::Ecdsa),
            (0x0202, SigningKey::Dsa),
            (0x0807, SigningKey::Other),
        ] {
            assert_eq!(signing_key(SignatureScheme(number)), key, "{number:04X}");
        }
    }
}
