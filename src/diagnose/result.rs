//! What diagnosis hands on to the window, the report and the command line.

use crate::evidence::Origin;

/// How strongly a piece of evidence speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceLevel {
    /// Makes the cause impossible.
    Excludes,
    /// Speaks against it.
    Against,
    /// Fits it.
    Weak,
    /// Fits it and little else.
    Strong,
    /// Names it.
    Decisive,
}

impl EvidenceLevel {
    /// The word of the JSON contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Excludes => "excludes",
            Self::Against => "against",
            Self::Weak => "weak",
            Self::Strong => "strong",
            Self::Decisive => "decisive",
        }
    }

    /// Does it speak for the cause?
    #[must_use]
    pub fn is_for(self) -> bool {
        self >= Self::Weak
    }
}

/// One line of evidence for or against a cause.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceLine {
    /// How strongly.
    pub level: EvidenceLevel,
    /// One sentence in words.
    pub sentence: String,
    /// What proves it.
    pub origins: Vec<Origin>,
}

/// A cause with its share of the probability.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedCause {
    /// Id of the catalogue.
    pub id: String,
    /// Short number that can be said on a phone, such as `C31`.
    pub number: String,
    /// Title in a few words.
    pub title: String,
    /// Probability, 0 to 1.
    pub score: f64,
    /// Bars to show, 0 to 5.
    pub strength: u8,
    /// Evidence, strongest first.
    pub evidence: Vec<EvidenceLine>,
    /// What happens when this is the cause.
    pub explanation: String,
    /// How to confirm it: the next check.
    pub next_check: String,
    /// How to mend it.
    pub fix: String,
    /// Where the rule comes from.
    pub source: String,
}

/// A cause that a fact rules out.
#[derive(Clone, Debug, PartialEq)]
pub struct Eliminated {
    /// Id of the catalogue.
    pub id: String,
    /// Short number.
    pub number: String,
    /// Title.
    pub title: String,
    /// Why it cannot be.
    pub reason: EvidenceLine,
}

/// A true statement worth showing that is not a cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Id, such as `alerts.same_fault`.
    pub id: String,
    /// The statement.
    pub sentence: String,
    /// What proves it.
    pub origins: Vec<Origin>,
}

/// How a question of the tree was answered.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeAnswer {
    /// By evidence; where it contradicts what the user said, `TreeNode::contradicted` is set.
    Evidence(Vec<Origin>),
    /// By the user.
    User,
}

/// Where a node stands.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeNodeState {
    /// Answered; the option's label.
    Done {
        /// Label of the option taken.
        answer: String,
        /// By whom.
        by: TreeAnswer,
    },
    /// Not on the path any more.
    Closed {
        /// Why.
        reason: String,
    },
    /// Not reached yet.
    Open,
    /// The question to answer now.
    Current,
}

/// One possible answer of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeOption {
    /// What it says, such as `yes`.
    pub label: String,
    /// Node or leaf (cause id) that it leads to.
    pub to: String,
    /// `to` is a cause, not a question.
    pub is_leaf: bool,
}

/// One question of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct TreeNode {
    /// Spoken number, such as `Q14`.
    pub id: String,
    /// Few words for the map.
    pub short: String,
    /// The question.
    pub question: String,
    /// How a technician finds the answer.
    pub how: String,
    /// Column in the map, from 0.
    pub depth: u8,
    /// Question it hangs on, if any.
    pub parent: Option<String>,
    /// Answers.
    pub options: Vec<TreeOption>,
    /// State.
    pub state: TreeNodeState,
    /// Evidence says otherwise than the user.
    pub contradicted: bool,
}

/// State of the whole tree, nodes in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TreeState {
    /// Nodes.
    pub nodes: Vec<TreeNode>,
    /// Ids of the answered questions on the path, first to last.
    pub path: Vec<String>,
    /// Question to answer now.
    pub open: Option<String>,
    /// Causes that the path leads to, when it has reached a leaf.
    pub leaves: Vec<String>,
}

/// The whole judgement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnosis {
    /// Phase reached, a word of the registry (`phase`).
    pub phase: String,
    /// Causes, most probable first. Empty after a clean success and where nothing is known.
    pub causes: Vec<RankedCause>,
    /// Probability that none of them is it.
    pub other: f64,
    /// Causes ruled out.
    pub eliminated: Vec<Eliminated>,
    /// Findings.
    pub findings: Vec<Finding>,
    /// The guided tree.
    pub tree: TreeState,
    /// What separates the first two causes, or the cheapest check that tells most.
    pub next_check: Option<String>,
    /// A letter to the owner of the other side, where the leading cause is theirs to mend.
    pub letter: Option<super::Letter>,
    /// How to get a better log from this stack, if that would help.
    pub better_log: Option<String>,
}
