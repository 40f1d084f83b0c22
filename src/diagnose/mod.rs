//! Facts → phase, eliminations, ranked causes with evidence, findings, state of the guided tree and
//! the next check. Must not know logs, decoders or the window: it reads facts and knowledge only.

mod result;

pub use result::{
    Diagnosis, Eliminated, EvidenceLevel, EvidenceLine, Finding, RankedCause, TreeAnswer, TreeNode,
    TreeNodeState, TreeOption, TreeState,
};
