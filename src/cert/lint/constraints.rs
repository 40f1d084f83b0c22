//! The extension nameConstraints: what it holds, not what it does to a path.

use super::{Check, Hit, when};
use crate::cert::constraints::{Base, NameConstraints};
use crate::cert::view::View;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("cert.name_constraints_not_ca", |v| {
        when(!v.ca() && v.extension("name_constraints").is_some())
    }),
    ("cert.name_constraints_not_critical", |v| {
        when(v.is_critical("name_constraints") == Some(false))
    }),
    ("cert.name_constraints_critical", |v| {
        when(v.is_critical("name_constraints") == Some(true))
    }),
    ("cert.name_constraints_empty", |v| {
        let (_, parts) = v.inside("name_constraints")?;
        let nothing = |t: &crate::cert::tlv::Tlv| crate::cert::tlv::children(v.der, t).0.is_empty();
        when(parts.iter().all(nothing))
    }),
    ("cert.name_constraints_distance", |v| when(of(v)?.distances)),
    ("cert.name_constraints_bad", bad),
];

fn of(v: &View<'_>) -> Option<NameConstraints> {
    NameConstraints::of(v.c)
}

fn bad(v: &View<'_>) -> Option<Hit> {
    let constraints = of(v)?;
    let base = constraints
        .permitted
        .iter()
        .chain(&constraints.excluded)
        .find_map(Base::fault)?;
    Some(Hit::default().with("name", base.0).with("kind", base.1))
}
