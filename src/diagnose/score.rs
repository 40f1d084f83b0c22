//! Ranking: prior and evidence become shares of one probability.

use std::collections::BTreeMap;

use super::guided_tree::Walk;
use super::sentence;
use super::{Eliminated, EvidenceLevel, EvidenceLine, RankedCause};
use crate::evidence::FactSet;
use crate::knowledge::{CauseDef, Knowledge, RuleLevel, Truth};

/// Causes with their shares; `other` is the rest to 1 (0 where nothing is known).
pub(super) struct Ranking {
    pub(super) causes: Vec<RankedCause>,
    pub(super) other: f64,
}

struct Candidate<'a> {
    cause: &'a CauseDef,
    sum: f64,
    /// A strong or decisive rule speaks for it.
    proved: bool,
    evidence: Vec<EvidenceLine>,
}

/// Ranks all causes that are not ruled out and that something speaks for.
pub(super) fn rank(
    knowledge: &Knowledge,
    facts: &FactSet,
    eliminated: &[Eliminated],
    walk: &Walk,
) -> Ranking {
    let mut candidates: Vec<Candidate> = knowledge
        .causes
        .iter()
        .filter(|c| !eliminated.iter().any(|e| e.id == c.id))
        .filter_map(|c| weigh(knowledge, facts, c, walk))
        .collect();
    explain_away(knowledge, &mut candidates);
    if !candidates.iter().any(|c| c.proved) {
        add_usual(knowledge, facts, eliminated, &mut candidates);
    }
    if candidates.is_empty() {
        return Ranking {
            causes: Vec::new(),
            other: 0.0,
        };
    }
    shares(knowledge, facts, candidates)
}

/// Nothing names a cause: what is usual behind such an ending, the most frequent first.
fn add_usual<'a>(
    knowledge: &'a Knowledge,
    facts: &FactSet,
    eliminated: &[Eliminated],
    candidates: &mut Vec<Candidate<'a>>,
) {
    let nothing = candidates.is_empty();
    // An entry whose causes are all ruled out says nothing: the next one is asked. Not so where the
    // handshake completed, which rules out most: what is left there is no suspect for that alone.
    let completed = facts.text("outcome") == Some("completed");
    let ruled_out = |id: &String| eliminated.iter().any(|e| &e.id == id);
    let holds = |u: &&crate::knowledge::UsualDef| {
        (nothing || !u.last_resort)
            && u.when.holds(facts) == Truth::True
            && (completed || !u.causes.iter().all(ruled_out))
    };
    let Some(usual) = knowledge.usual.iter().find(holds) else {
        return;
    };
    let scoring = &knowledge.scoring;
    let mut next = scoring.usual;
    for id in &usual.causes {
        // What is ruled out leaves its place empty: the others do not become likelier by it.
        let sum = next;
        next += scoring.usual_next;
        if ruled_out(id) {
            continue;
        }
        let Some(cause) = knowledge.cause(id) else {
            continue;
        };
        let line = EvidenceLine {
            level: EvidenceLevel::Weak,
            sentence: sentence::fill(&usual.says, &knowledge.facts, facts),
            origins: sentence::origins(&usual.when, facts),
        };
        match candidates.iter_mut().find(|c| &c.cause.id == id) {
            Some(known) => {
                known.sum = known.sum.max(sum);
                known.evidence.push(line);
            }
            None => candidates.push(Candidate {
                cause,
                sum,
                proved: false,
                evidence: vec![line],
            }),
        }
    }
}

fn level(level: RuleLevel) -> EvidenceLevel {
    match level {
        RuleLevel::Decisive => EvidenceLevel::Decisive,
        RuleLevel::Strong => EvidenceLevel::Strong,
        RuleLevel::Weak => EvidenceLevel::Weak,
        RuleLevel::Against => EvidenceLevel::Against,
    }
}

fn weigh<'a>(
    knowledge: &Knowledge,
    facts: &FactSet,
    cause: &'a CauseDef,
    walk: &Walk,
) -> Option<Candidate<'a>> {
    let scoring = &knowledge.scoring;
    // One physical event votes once: of each group only the strongest rule that holds.
    let mut votes: BTreeMap<&str, &crate::knowledge::RuleDef> = BTreeMap::new();
    for rule in cause
        .rules
        .iter()
        .filter(|r| r.when.holds(facts) == Truth::True)
    {
        let vote = votes.entry(&rule.group).or_insert(rule);
        if scoring.level(rule.level).abs() > scoring.level(vote.level).abs() {
            *vote = rule;
        }
    }
    let mut evidence: Vec<EvidenceLine> = votes
        .values()
        .map(|rule| EvidenceLine {
            level: level(rule.level),
            sentence: sentence::fill(&rule.says, &knowledge.facts, facts),
            origins: sentence::origins(&rule.when, facts),
        })
        .collect();
    let mut sum: f64 = votes.values().map(|r| scoring.level(r.level)).sum();
    if let Some((sentence, origins)) = walk.stated_leaves.get(&cause.id) {
        sum += scoring.strong;
        evidence.push(EvidenceLine {
            level: EvidenceLevel::Strong,
            sentence: sentence.clone(),
            origins: origins.clone(),
        });
    }
    if !evidence.iter().any(|e| e.level.is_for()) {
        return None;
    }
    evidence.sort_by(|a, b| {
        b.level
            .is_for()
            .cmp(&a.level.is_for())
            .then(b.level.cmp(&a.level))
    });
    let family = facts.text("stack.family").unwrap_or_default();
    let commonness = cause
        .commonness_for
        .get(family)
        .copied()
        .unwrap_or(cause.commonness);
    sum += scoring.prior(commonness);
    if facts
        .text("phase")
        .is_some_and(|p| cause.rare_phases.iter().any(|r| r == p))
    {
        sum += scoring.rare_phase;
    }
    let proved = evidence.iter().any(|e| e.level >= EvidenceLevel::Strong);
    Some(Candidate {
        cause,
        sum,
        proved,
        evidence,
    })
}

/// A proved root takes the weight of what are only its symptoms.
fn explain_away(knowledge: &Knowledge, candidates: &mut [Candidate]) {
    let roots: Vec<(&CauseDef, f64)> = candidates
        .iter()
        .filter(|c| c.proved && !c.cause.explains.is_empty())
        .map(|c| (c.cause, c.sum))
        .collect();
    for candidate in candidates.iter_mut() {
        let root = roots.iter().find(|(root, _)| {
            root.explains.contains(&candidate.cause.id) && root.id != candidate.cause.id
        });
        if let Some((root, _)) = root {
            candidate.sum += knowledge.scoring.explained;
            candidate.evidence.push(EvidenceLine {
                level: EvidenceLevel::Against,
                sentence: format!(
                    "{} ({}) explains this as its symptom.",
                    root.title,
                    root.spoken()
                ),
                origins: Vec::new(),
            });
        }
    }
}

fn shares(knowledge: &Knowledge, facts: &FactSet, mut candidates: Vec<Candidate>) -> Ranking {
    let scoring = &knowledge.scoring;
    let temperature = scoring.temperature.max(0.1);
    candidates.sort_by(|a, b| {
        b.sum
            .total_cmp(&a.sum)
            .then(a.cause.number.cmp(&b.cause.number))
    });
    let top = candidates
        .first()
        .map_or(scoring.other, |c| c.sum.max(scoring.other));
    let weight = |sum: f64| ((sum - top) / temperature).exp();
    let total: f64 = candidates.iter().map(|c| weight(c.sum)).sum::<f64>() + weight(scoring.other);
    let causes: Vec<RankedCause> = candidates
        .into_iter()
        .map(|c| (weight(c.sum) / total, c))
        .filter(|(share, _)| *share >= scoring.list_from)
        .map(|(share, c)| ranked(facts, c, share))
        .collect();
    let listed: f64 = causes.iter().map(|c| c.score).sum();
    Ranking {
        causes,
        other: (1.0 - listed).max(0.0),
    }
}

fn ranked(facts: &FactSet, candidate: Candidate, share: f64) -> RankedCause {
    let cause = candidate.cause;
    let next_check = facts
        .text("stack.family")
        .and_then(|family| cause.next_check_for.get(family))
        .unwrap_or(&cause.next_check);
    RankedCause {
        id: cause.id.clone(),
        number: cause.spoken(),
        title: cause.title.clone(),
        score: share,
        strength: bars(share),
        evidence: candidate.evidence,
        explanation: cause.explanation.clone(),
        next_check: next_check.clone(),
        fix: cause.fix.clone(),
        source: cause.source.clone(),
    }
}

fn bars(share: f64) -> u8 {
    match share {
        s if s >= 0.8 => 5,
        s if s >= 0.55 => 4,
        s if s >= 0.35 => 3,
        s if s >= 0.15 => 2,
        _ => 1,
    }
}

/// What separates the first two causes where a fact is missing for that, else how to confirm the first.
pub(super) fn next_check(
    knowledge: &Knowledge,
    facts: &FactSet,
    causes: &[RankedCause],
) -> Option<String> {
    let first = causes.first()?;
    let separating = causes.iter().skip(1).take(2).find_map(|rival| {
        // A rival far behind needs no separating.
        if rival.score * 4.0 < first.score {
            return None;
        }
        knowledge.separations.iter().find(|s| {
            s.between.contains(&first.id)
                && s.between.contains(&rival.id)
                && facts.get(&s.fact).is_none()
        })
    });
    Some(separating.map_or_else(|| first.next_check.clone(), |s| s.check.clone()))
}
