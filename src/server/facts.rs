//! What a probe found, as facts for rules and tree: a server without RSA key exchange closes a branch
//! that no log could close.
//!
//! In: a [`Probe`]. Out: [`FactSet`]. What was not asked, or not answered, stays unknown.

use super::library::LibraryEnding;
use super::naming::NameKind;
use super::offer::Order;
use super::probe::Probe;
use crate::evidence::{FactSet, FactValue, Origin};

/// The facts of the registry that this probe proves; `number` is that of the probe in its session.
#[must_use]
pub fn probe_facts(found: &Probe, number: u32) -> FactSet {
    let mut facts = FactSet::default();
    let origin = || {
        Origin::Derived(format!(
            "measured by probe {number} of {} port {}",
            found.target.host, found.target.port
        ))
    };
    let mut know = |name: &str, value| facts.know(name, value, origin());
    if found.not_tls.is_some() {
        know("server.is_tls", FactValue::Bool(false));
    } else if found.reached_tls() {
        know("server.is_tls", FactValue::Bool(true));
    }
    let offer = &found.offer;
    if offer.stopped.is_none() && !offer.suites.is_empty() {
        let mut suites: Vec<String> = Vec::new();
        for (_, suite) in &offer.suites {
            let name = suite.to_string();
            if !suites.contains(&name) {
                suites.push(name);
            }
        }
        let rsa = suites.iter().any(|s| s.starts_with("TLS_RSA_WITH_"));
        know("server.rsa_key_exchange", FactValue::Bool(rsa));
        know("server.suites", FactValue::List(suites));
        let versions = offer.versions.iter().rev().filter(|(_, yes)| *yes);
        let versions = versions.map(|(v, _)| v.to_string()).collect();
        know("server.versions", FactValue::List(versions));
        if offer.order != Order::Unknown {
            let order = FactValue::Text(offer.order.as_str().to_owned());
            know("server.suite_order", order);
        }
        let lowest = offer
            .versions
            .iter()
            .filter(|(_, yes)| *yes)
            .map(|(v, _)| *v)
            .min();
        if let Some(lowest) = lowest {
            know("server.min_version", FactValue::Text(lowest.to_string()));
        }
    }
    let library = found.library.as_ref();
    let chain = offer
        .chain_reply
        .as_ref()
        .map(|r| &r.certificates)
        .or(library.map(|l| &l.certificates));
    let names = ["server.leaf_bytes", "server.intermediate_bytes"];
    for (name, der) in names.into_iter().zip(chain.into_iter().flatten()) {
        know(
            name,
            FactValue::Int(i64::try_from(der.len()).unwrap_or(i64::MAX)),
        );
    }
    if let (Some(own), Some(none)) = (
        found.names.first(),
        found.names.iter().find(|t| t.kind == NameKind::None),
    ) && own.kind == NameKind::Own
        && own.agreed
    {
        know("server.needs_sni", FactValue::Bool(none.differs_from(own)));
    }
    if let Some(library) = library {
        let demanded = library.demand.is_some() || offer.request.is_some();
        match library.ending {
            // Some servers ask and take none: only a refusal shows that they want one.
            Some(LibraryEnding::Completed) if !demanded => {
                know("server.needs_client_cert", FactValue::Bool(false));
            }
            Some(LibraryEnding::Alert(_) | LibraryEnding::AlertAfter(_)) if demanded => {
                know("server.needs_client_cert", FactValue::Bool(true));
            }
            _ => {}
        }
    }
    facts
}
