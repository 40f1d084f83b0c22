//! Does the device offer any suite that the server accepts? A fact that no single input proves.

use super::Case;
use crate::evidence::{Fact, FactSet, FactState, FactValue, Origin};
use crate::server::{Order, Overlap, SideSuites};
use crate::session::server_seen::suites_of_names;
use crate::tls::CipherSuite;

impl Case {
    /// Adds `suites.in_common`, where the suites of both sides are known: the device's from its
    /// `ClientHello`, else from what a document says of it.
    pub(super) fn add_overlap(&self, known: &mut FactSet) {
        let Some((server, mut origins)) = suites(known, "server.suites") else {
            return;
        };
        let server = SideSuites::complete(&server);
        let both = if let Some((device, by)) = suites(known, "client.suites") {
            origins.extend(by);
            let device = SideSuites::complete(&device);
            Overlap::of(Some(device), Some(server), Order::Unknown)
        } else {
            let Some(device) = self.named_device(known) else {
                return;
            };
            let Some(offers) = &device.offers else {
                return;
            };
            let source = format!("device profile {}: {}", device.id, offers.source);
            origins.push(Origin::Derived(source));
            let side = SideSuites {
                has: &suites_of_names(&offers.names),
                not: &suites_of_names(&offers.not),
                complete: offers.complete,
            };
            Overlap::of(Some(side), Some(server), Order::Unknown)
        };
        // With a list that may not be complete, nothing in common is not known.
        if both.common == 0 && !both.is_known() {
            return;
        }
        let count = i64::try_from(both.common).unwrap_or(i64::MAX);
        known.insert(Fact {
            name: "suites.in_common".into(),
            state: FactState::Known(FactValue::Int(count)),
            origins,
        });
    }
}

fn suites(known: &FactSet, name: &str) -> Option<(Vec<CipherSuite>, Vec<Origin>)> {
    let fact = known.get(name)?;
    let FactState::Known(FactValue::List(names)) = &fact.state else {
        return None;
    };
    let suites = suites_of_names(names);
    (!suites.is_empty()).then(|| (suites, fact.origins.clone()))
}
