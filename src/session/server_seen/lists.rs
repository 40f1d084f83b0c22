//! Suites of both sides and who says so: of a probe, of the evidence, of a document.
//!
//! In: a snapshot and what is looked at. Out: [`SuiteList`]s.

use super::{ServerLook, SuiteList};
use crate::evidence::{FactState, FactValue, InputId, Origin};
use crate::server::{DeviceHello, Order, Probe};
use crate::session::probe_run::ProbeRun;
use crate::session::probe_wish::AskAs;
use crate::session::snapshot::Snapshot;
use crate::tls::{CipherSuite, ProtocolVersion, StepName};

/// The chosen hello, else that of the probe, else the one that the case knows best.
pub(super) fn shown_hello(
    snap: &Snapshot,
    look: &ServerLook,
    probe: Option<&Probe>,
) -> Option<DeviceHello> {
    let of_probe = || probe.and_then(|p| p.device.as_ref().map(|d| d.device.clone()));
    match &look.ask_as {
        AskAs::Best => of_probe().or_else(|| look.ask_as.hello(snap)),
        AskAs::Nobody => None,
        AskAs::File(_) => of_probe(),
        chosen => chosen.hello(snap),
    }
}

pub(super) fn device_list(snap: &Snapshot, hello: &DeviceHello) -> SuiteList {
    let profile = snap
        .named_device
        .as_ref()
        .filter(|d| d.id == hello.id)
        .and_then(|d| d.offers.as_ref());
    let attempt = hello
        .id
        .strip_prefix("attempt-")
        .and_then(|n| n.parse::<usize>().ok())
        .and_then(|n| snap.attempts.get(n.checked_sub(1)?));
    let spot = attempt.map(|a| {
        let sent = a
            .steps
            .iter()
            .find(|s| s.name == StepName::ClientHello && s.line > 0);
        (a.input, sent.map_or(a.first_line, |s| s.line))
    });
    let chip = match (profile, attempt) {
        (Some(offers), _) => offers.by.clone(),
        (None, Some(a)) => format!("attempt {}", a.index + 1),
        (None, None) => hello.id.clone(),
    };
    SuiteList {
        suites: hello.cipher_suites(),
        not: profile.map_or_else(Vec::new, |o| suites_of_names(&o.not)),
        complete: profile.is_none_or(|o| o.complete),
        of: hello.name.clone(),
        chip,
        source: hello.source.clone(),
        spot,
    }
}

type Side = (Option<SuiteList>, Order, Vec<(ProtocolVersion, bool)>);

/// Of the probe, else of the facts.
pub(super) fn server_list(snap: &Snapshot, run: Option<&ProbeRun>, probe: Option<&Probe>) -> Side {
    if let (Some(run), Some(probe)) = (run, probe)
        && !probe.offer.suites.is_empty()
    {
        let mut suites = Vec::new();
        for (_, suite) in &probe.offer.suites {
            if !suites.contains(suite) {
                suites.push(*suite);
            }
        }
        let list = SuiteList {
            suites,
            not: Vec::new(),
            complete: true,
            of: format!("{} port {}", run.target.host, run.target.port),
            chip: format!("probe {}", run.number),
            source: format!(
                "Measured by probe {} with {} connections, own ClientHello.",
                run.number, probe.connections
            ),
            spot: None,
        };
        return (Some(list), probe.offer.order, probe.offer.versions.clone());
    }
    let Some(fact) = snap.facts.get("server.suites") else {
        return (None, Order::Unknown, Vec::new());
    };
    let FactState::Known(FactValue::List(names)) = &fact.state else {
        return (None, Order::Unknown, Vec::new());
    };
    let suites = suites_of_names(names);
    let (chip, spot) = place_of_fact(snap, &fact.origins);
    let list = SuiteList {
        suites,
        not: Vec::new(),
        complete: true,
        of: snap.facts.text("host").unwrap_or("the server").to_owned(),
        source: "As the evidence lists them.".to_owned(),
        chip,
        spot,
    };
    let order = match snap.facts.text("server.suite_order") {
        Some("server") => Order::Server,
        Some("client") => Order::Client,
        _ => Order::Unknown,
    };
    (Some(list), order, Vec::new())
}

pub(in crate::session) fn suites_of_names(names: &[String]) -> Vec<CipherSuite> {
    names
        .iter()
        .filter_map(|n| CipherSuite::from_name(n))
        .collect()
}

/// Short name of the place that proves a fact, and its line where there is one.
#[must_use]
pub fn place_of_fact(snap: &Snapshot, origins: &[Origin]) -> (String, Option<(InputId, u32)>) {
    match origins.first() {
        Some(origin @ Origin::Read { input, .. }) => {
            let of = snap.inputs.iter().find(|i| i.id == *input);
            let name = of.map_or_else(|| "closed input".to_owned(), |i| i.name.clone());
            match origin.line_number() {
                Some(line) => (format!("{name}, line {line}"), Some((*input, line))),
                None => (name, None),
            }
        }
        Some(Origin::Stated) => ("stated".to_owned(), None),
        Some(Origin::Derived(rule)) => (rule.clone(), None),
        None => ("not known".to_owned(), None),
    }
}
