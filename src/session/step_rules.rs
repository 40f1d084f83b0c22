//! The user's own rules for step lines of applications: `dialects/*.toml` below the folder of tables.
//!
//! In: the folder. Out: the rules that can be used, and one sentence for each file that cannot.

use std::fs;
use std::path::{Path, PathBuf};

use super::snapshot::Problem;
use crate::decode::{StepRule, step_rules};

/// Larger files are no rules.
const LARGEST: u64 = 1024 * 1024;

/// Reads the rules below `folder`; a folder that is not there has none.
#[must_use]
pub fn user_step_rules(folder: &Path) -> (Vec<StepRule>, Vec<Problem>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder.join("dialects"))
        .map(|entries| entries.filter_map(Result::ok).map(|e| e.path()).collect())
        .unwrap_or_default();
    paths.retain(|p| p.extension().is_some_and(|x| x == "toml"));
    paths.sort();
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match read(&path) {
            Ok(more) => rules.extend(more),
            Err(details) => problems.push(Problem {
                input: None,
                sentence: format!(
                    "{} cannot be used as rules for step lines. It is left out; the rest is in use.",
                    path.display()
                ),
                details,
            }),
        }
    }
    (rules, problems)
}

fn read(path: &Path) -> Result<Vec<StepRule>, String> {
    let about = fs::metadata(path).map_err(|e| e.to_string())?;
    if about.len() > LARGEST {
        return Err(format!("it has {} bytes", about.len()));
    }
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    step_rules(&text).map_err(|e| e.to_string())
}
