//! What follows from statements of the user alone.
//!
//! In: the stated facts. Out: facts that they imply. Must not know the attempt.

use super::reads::ladder_facts;
use crate::evidence::{FactSet, FactValue, Origin};
use crate::timeline::names;

/// What follows from statements of the user alone.
pub(super) fn stated_parts(stated: &FactSet, out: &mut FactSet) {
    if let Some(host) = stated.text("host") {
        let kind = if names::is_ip(host) { "ip" } else { "dns" };
        out.know("host.kind", FactValue::Text(kind.into()), Origin::Stated);
    }
    if out.get("reads").is_none()
        && let Some(text) = stated.text("device.reads")
    {
        let sizes: Vec<u32> = text
            .split([',', ' '])
            .filter_map(|n| n.trim().parse().ok())
            .collect();
        for (name, value) in ladder_facts(&sizes) {
            out.know(name, value, Origin::Stated);
        }
    }
}
