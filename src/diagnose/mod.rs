//! Facts → phase, eliminations, ranked causes with evidence, findings, state of the guided tree and
//! the next check. Must not know logs, decoders or the window: it reads facts and knowledge only.
//!
//! The order of work is that of a careful technician: *locate* (the facts `phase`, `outcome`,
//! `ended_by`), *eliminate* (phases, endings, rules that exclude, branches of the tree that are
//! closed), *score* (prior and evidence on named levels, one vote per event), *explain away*
//! (a proved root takes the votes of its symptoms), *separate* (what to check next).

mod eliminate;
mod experiments;
mod guided_tree;
mod letter;
mod result;
mod score;
mod sentence;

use std::collections::BTreeMap;

pub use experiments::{Experiments, Planned, Trial, TrialResult, Tried, experiments, trial_facts};
pub use letter::Letter;
pub use result::{
    Diagnosis, Eliminated, EvidenceLevel, EvidenceLine, Finding, RankedCause, TreeAnswer, TreeNode,
    TreeNodeState, TreeOption, TreeState,
};

use crate::evidence::FactSet;
use crate::knowledge::{Knowledge, Truth};

/// Judges one case. `answers` are what the user said in the guided tree: question → label.
///
/// The same facts always give the same judgement; nothing is kept between calls.
#[must_use]
pub fn diagnose(
    knowledge: &Knowledge,
    facts: &FactSet,
    answers: &BTreeMap<String, String>,
) -> Diagnosis {
    let walked = guided_tree::walk(knowledge, facts, answers);
    let findings = findings(knowledge, facts);
    let phase = facts.text("phase").unwrap_or_default().to_owned();
    if clean_success(facts) {
        return Diagnosis {
            phase,
            findings,
            tree: walked.state,
            ..Diagnosis::default()
        };
    }
    let eliminated = eliminate::eliminate(knowledge, facts, &walked);
    let ranking = score::rank(knowledge, facts, &eliminated, &walked);
    Diagnosis {
        phase,
        letter: letter::letter(knowledge, facts, &ranking.causes, &eliminated),
        next_check: score::next_check(knowledge, facts, &ranking.causes),
        causes: ranking.causes,
        other: ranking.other,
        eliminated,
        findings,
        tree: walked.state,
        better_log: better_log(knowledge, facts),
    }
}

/// Codes that an orderly end of a connection brings after a completed handshake.
const ORDERLY: &[&str] = &[
    "SSL_PEER_CLOSE_NOTIFY",
    "SSL_CONN_EOF",
    "NET_CONN_RESET",
    "NET_RECV_FAILED",
    "SSL_TIMEOUT",
    "SSL_WANT_READ",
    "SSL_WANT_WRITE",
    "SSL_RECEIVED_NEW_SESSION_TICKET",
    "SSL_NON_FATAL",
];

/// Conditions that name a problem although the handshake completed: the peer says them afterwards.
const AFTERWARDS: &[&str] = &[
    "connection_lost_after_connect",
    "client_certificate_missing",
    "client_cert_refused",
];

/// The handshake completed, and nothing speaks of a problem before or after. A resumption that the
/// device asked for and did not get is a problem.
fn clean_success(facts: &FactSet) -> bool {
    facts.text("outcome") == Some("completed")
        && facts
            .list("errors")
            .iter()
            .all(|e| ORDERLY.contains(&e.as_str()))
        && facts.list("verify.flags").is_empty()
        && facts.int("alert.received").is_none()
        && facts.int("alert.sent").is_none()
        && !facts.bool("application.no_answer").unwrap_or(false)
        && !facts
            .list("conditions")
            .iter()
            .any(|c| AFTERWARDS.contains(&c.as_str()))
        && !(facts.bool("session.offered") == Some(true)
            && facts.bool("session.resumed") == Some(false))
}

fn findings(knowledge: &Knowledge, facts: &FactSet) -> Vec<Finding> {
    knowledge
        .findings
        .iter()
        .filter(|f| f.when.holds(facts) == Truth::True)
        .map(|f| Finding {
            id: f.id.clone(),
            sentence: sentence::fill(&f.says, &knowledge.facts, facts),
            origins: sentence::origins(&f.when, facts),
        })
        .collect()
}

/// The entry for this family of stacks, else the one for any.
fn better_log(knowledge: &Knowledge, facts: &FactSet) -> Option<String> {
    let family = facts.text("stack.family").unwrap_or("any");
    let applies = |stack: &str| {
        knowledge.better_logs.iter().find(|b| {
            b.stack == stack
                && b.when
                    .as_ref()
                    .is_none_or(|w| w.holds(facts) == Truth::True)
        })
    };
    applies(family)
        .or_else(|| applies("any"))
        .map(|b| b.says.clone())
}
