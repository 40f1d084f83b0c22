//! Sentences of the assets, filled with the values of facts; and what proves them.

use crate::evidence::{Fact, FactSet, FactState, FactValue, Origin, grouped};
use crate::knowledge::{Predicate, Registry};

/// Most origins that one sentence carries.
const ORIGINS: usize = 6;

/// Replaces `{fact}` by the value of the fact; "unknown" and "none" where there is no value. A part
/// in `[…]` is left out unless every fact in it has a value.
pub(super) fn fill(template: &str, registry: &Registry, facts: &FactSet) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let Some(close) = rest[open..].find(']').map(|n| open + n) else {
            break;
        };
        fill_part(&rest[..open], registry, facts, &mut text);
        let part = &rest[open + 1..close];
        let told =
            names(part).all(|name| facts.value(name).is_some_and(|v| !v.display().is_empty()));
        if told {
            fill_part(part, registry, facts, &mut text);
        }
        rest = &rest[close + 1..];
    }
    fill_part(rest, registry, facts, &mut text);
    text
}

fn names(part: &str) -> impl Iterator<Item = &str> {
    part.split('{').skip(1).filter_map(|p| p.split('}').next())
}

fn fill_part(part: &str, registry: &Registry, facts: &FactSet, text: &mut String) {
    let mut rest = part;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let Some(close) = after.find('}') else {
            rest = &rest[open..];
            break;
        };
        text.push_str(&show(&after[..close], registry, facts));
        rest = &after[close + 1..];
    }
    text.push_str(rest);
}

fn show(name: &str, registry: &Registry, facts: &FactSet) -> String {
    match facts.get(name).map(|f| &f.state) {
        None => "unknown".into(),
        Some(FactState::Absent) => "none".into(),
        Some(FactState::Known(FactValue::Int(n))) => {
            match registry.get(name).map(|d| d.unit.as_str()) {
                Some("ms") => duration(*n),
                Some("Unix s") => date(*n),
                Some("bytes" | "bits") => grouped(*n),
                _ => n.to_string(),
            }
        }
        Some(FactState::Known(FactValue::Text(phase))) if name == "phase" => {
            super::eliminate::spoken_phase(phase).to_owned()
        }
        Some(FactState::Known(value)) => value.display(),
    }
}

fn duration(ms: i64) -> String {
    if ms.abs() < 10_000 {
        format!("{} ms", grouped(ms))
    } else {
        format!("{} s", grouped(ms / 1000))
    }
}

fn date(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|t| {
            t.format(&time::format_description::well_known::Rfc3339)
                .ok()
        })
        .unwrap_or_else(|| format!("{seconds} s since 1970"))
}

/// What proves that the predicate holds.
pub(super) fn origins(predicate: &Predicate, facts: &FactSet) -> Vec<Origin> {
    let mut found: Vec<Origin> = Vec::new();
    for name in predicate.proofs(facts) {
        for origin in facts
            .get(name)
            .map(|f: &Fact| f.origins.as_slice())
            .unwrap_or_default()
        {
            if found.len() < ORIGINS && !found.contains(origin) {
                found.push(origin.clone());
            }
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    #[test]
    fn values_are_shown_as_people_write_them() {
        let knowledge = Knowledge::embedded();
        let mut facts = FactSet::default();
        facts.know("record.max_len_bytes", FactValue::Int(4703), Origin::Stated);
        facts.know("silence_ms", FactValue::Int(65_000), Origin::Stated);
        facts.know("device.clock", FactValue::Int(0), Origin::Stated);
        facts.absent("client.sni", Origin::Stated);
        let text = fill(
            "{record.max_len_bytes} bytes, {silence_ms}, {device.clock}, {client.sni}, {phase}",
            &knowledge.facts,
            &facts,
        );
        assert_eq!(
            text,
            "4,703 bytes, 65 s, 1970-01-01T00:00:00Z, none, unknown"
        );
        assert_eq!(
            fill("an open { stays", &knowledge.facts, &facts),
            "an open { stays"
        );
    }
}
