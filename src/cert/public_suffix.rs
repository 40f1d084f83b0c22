//! Names under which anybody may register: the public suffix list, as the `psl` crate holds it.
//!
//! In: a name. Out: whether it is one of them as a whole. The list is as old as the program: a
//! registry that is younger is not known.

use psl::Psl;

/// The name in small letters, where it is as a whole a suffix of a registry of IANA's root: the part
/// of the public suffix list that domain owners did not add themselves. Top-level domains, which
/// have a rule of their own, are left out.
pub(super) fn registry(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    if !name.contains('.') {
        return None;
    }
    let suffix = psl::List.suffix(name.as_bytes())?;
    let whole = suffix.as_bytes().len() == name.len();
    (whole && suffix.typ() == Some(psl::Type::Icann)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_known_and_domains_of_their_owners_are_not() {
        assert_eq!(registry("co.UK").as_deref(), Some("co.uk"));
        for name in [
            "example.co.uk",
            "uk",
            "github.io",
            "no-such-suffix.invalid",
            "",
        ] {
            assert_eq!(registry(name), None, "{name}");
        }
    }
}
