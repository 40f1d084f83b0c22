//! What a profile or a configuration states for the diagnosis.
//!
//! In: [`DeviceProfile`], and the [`ConfigReading`] where there is one. Out: a [`FactSet`] with
//! origins. Names and types stand in `assets/facts.toml`.

use super::{ConfigReading, DeviceProfile, LimitKind};
use crate::evidence::{FactSet, FactValue, InputId, Origin, Place};

/// The facts of a profile. Where a limit has several readings the largest counts, so that what lies
/// above it is too large by every reading.
#[must_use]
pub fn facts(profile: &DeviceProfile) -> FactSet {
    let mut out = FactSet::default();
    let origin = |what: &str| Origin::Derived(format!("device profile {}: {what}", profile.id));
    if !profile.id.is_empty() && profile.id != "unknown" {
        out.know(
            "device.id",
            FactValue::Text(profile.id.clone()),
            origin("id"),
        );
        out.know(
            "device.name",
            FactValue::Text(profile.name.clone()),
            origin("name"),
        );
    }
    for (kind, name) in [
        (
            LimitKind::PeerCertificateBytes,
            "device.certificate_limit_bytes",
        ),
        (LimitKind::RecordBytes, "device.content_len_bytes"),
    ] {
        let most = profile
            .limits_of(kind)
            .filter_map(|l| l.at_most.last().map(|n| (*n, &l.source)))
            .min_by_key(|(n, _)| *n);
        if let Some((most, source)) = most
            && let Ok(value) = i64::try_from(most)
        {
            out.know(name, FactValue::Int(value), origin(source));
        }
    }
    out
}

impl ConfigReading {
    /// The facts of a configuration that is the input `input`.
    #[must_use]
    pub fn facts(&self, input: InputId) -> FactSet {
        let mut out = FactSet::default();
        let at = |line: u32| Origin::line(input, line);
        let whole = Origin::Read {
            input,
            place: Place::Whole,
        };
        let mut names: Vec<String> = self.defines.iter().map(|d| d.name.clone()).collect();
        names.sort();
        names.dedup();
        out.know("config.defined", FactValue::List(names), whole);
        for trap in self.traps.iter().filter(|t| t.id == "config.zero_means_on") {
            out.add_to_list("config.zero_means_on", &trap.name, at(trap.line));
        }
        if let Some((bytes, line)) = self.in_content_len
            && let Ok(value) = i64::try_from(bytes)
        {
            out.know(
                "device.content_len_bytes",
                FactValue::Int(value),
                at(line.unwrap_or(1)),
            );
        }
        out
    }
}
