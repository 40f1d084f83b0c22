//! Wildcards, as three families of stacks understand them.
//!
//! In: a pattern and a host. Out: whether the one stands for the other.

/// How a wildcard may stand for a name.
#[derive(Clone, Copy)]
pub(super) enum Wildcard {
    /// `*.` and one whole label, whatever follows (Mbed TLS).
    FirstLabel,
    /// As [`Wildcard::FirstLabel`], part of the label allowed, two more labels behind it (OpenSSL).
    OpenSsl,
    /// Anywhere, never across a dot (wolfSSL).
    Anywhere,
}

pub(super) fn wildcard_matches(pattern: &str, host: &str, rule: Wildcard) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    match rule {
        Wildcard::FirstLabel => {
            let (Some(rest), Some(dot)) = (pattern.strip_prefix('*'), host.find('.')) else {
                return false;
            };
            rest.starts_with('.') && dot > 0 && host.get(dot..) == Some(rest)
        }
        Wildcard::OpenSsl => openssl_wildcard(&pattern, &host),
        Wildcard::Anywhere => glob(pattern.as_bytes(), host.as_bytes()),
    }
}

/// `valid_star` and `wildcard_match` of OpenSSL: one star in the first label, no star beside
/// `xn--`, at least two labels behind it.
fn openssl_wildcard(pattern: &str, host: &str) -> bool {
    let Some((label, rest)) = pattern.split_once('.') else {
        return false;
    };
    let Some((before, after)) = label.split_once('*') else {
        return false;
    };
    if after.contains('*')
        || rest.contains('*')
        || label.starts_with("xn--")
        || !rest.contains('.')
        || rest.split('.').any(str::is_empty)
    {
        return false;
    }
    let Some((host_label, host_rest)) = host.split_once('.') else {
        return false;
    };
    let whole = before.is_empty() && after.is_empty();
    host_rest == rest
        && host_label.len() > before.len() + after.len()
        && host_label.starts_with(before)
        && host_label.ends_with(after)
        && (whole || !host_label.starts_with("xn--"))
}

/// A star stands for characters of one label.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => {
            let stars = rest.iter().take_while(|b| **b == b'*').count();
            let rest = rest.get(stars..).unwrap_or_default();
            let next = rest.first().copied();
            // The star takes as little as possible: it stops at the next character of the pattern.
            let mut at = 0;
            while let Some(c) = text.get(at).copied() {
                if Some(c) == next {
                    break;
                }
                if c == b'.' {
                    return false;
                }
                at += 1;
            }
            glob(rest, text.get(at..).unwrap_or_default())
        }
        Some((p, rest)) => match text.split_first() {
            Some((t, text)) if t == p => glob(rest, text),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_differ_by_stack() {
        let table = [
            ("*.example.com", "a.example.com", true, true, true),
            ("*.example.com", "a.b.example.com", false, false, false),
            ("*.example.com", "example.com", false, false, false),
            ("*.com", "example.com", true, false, true),
            ("w*.example.com", "www.example.com", false, true, true),
            ("a.*.com", "a.b.com", false, false, true),
        ];
        for (pattern, host, first, openssl, anywhere) in table {
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::FirstLabel),
                first,
                "{pattern} {host}"
            );
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::OpenSsl),
                openssl,
                "{pattern} {host}"
            );
            assert_eq!(
                wildcard_matches(pattern, host, Wildcard::Anywhere),
                anywhere,
                "{pattern} {host}"
            );
        }
    }
}
