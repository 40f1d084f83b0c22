//! Reads the inputs of a command into one case.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::arguments::{Case as CaseArguments, Known};
use super::output::Streams;
use crate::evidence::{InputKind, Micros};
use crate::knowledge::Knowledge;
use crate::session::figures::parse_rfc3339;
use crate::session::{Case, CaseFiles, micros};

/// Why a command cannot begin: one sentence.
pub(super) struct Refused(pub String);

/// The tables, with the user's folder on top; what could not be read is told.
pub(super) fn knowledge(folder: Option<&Path>, streams: &mut Streams<'_>) -> Arc<Knowledge> {
    let knowledge = match folder {
        Some(folder) => {
            if !folder.is_dir() {
                streams.say(&format!(
                    "{} is no folder. The built-in tables are in use.",
                    folder.display()
                ));
            }
            Knowledge::with_folder(folder)
        }
        None => Knowledge::embedded(),
    };
    for problem in &knowledge.problems {
        streams.say(&problem.sentence);
    }
    Arc::new(knowledge)
}

/// Puts what was stated into a case.
pub(super) fn state(case: &mut Case, known: &Known) -> Result<(), Refused> {
    let mut stated: Vec<String> = Vec::new();
    stated.extend(known.device.as_ref().map(|id| format!("device.id={id}")));
    stated.extend(known.host.as_ref().map(|host| format!("host={host}")));
    stated.extend(known.facts.iter().cloned());
    for text in stated {
        let fact = case.knowledge().parse_stated(&text).map_err(Refused)?;
        case.state(fact);
    }
    if let Some(at) = &known.at {
        let moment = parse_rfc3339(at).ok_or_else(|| {
            Refused(format!(
                "\u{201c}{at}\u{201d} is not a time. Write it as 2019-06-04T07:54:18Z."
            ))
        })?;
        case.set_at(Some(moment));
    }
    Ok(())
}

/// Reads all files of a command. Files that cannot be read are told; when none can, there is
/// nothing to judge.
pub(super) fn read(given: &CaseArguments, streams: &mut Streams<'_>) -> Result<CaseFiles, Refused> {
    let knowledge = knowledge(given.known.assets.as_deref(), streams);
    let mut case = Case::new(knowledge, Vec::new());
    state(&mut case, &given.known)?;
    let mut files = CaseFiles::new(case);
    let mut read = 0;
    for path in &given.files {
        let result = if path.as_os_str() == "-" {
            files.open_reader("standard input", &mut std::io::stdin().lock())
        } else {
            files.open_path(path, &shown_name(path))
        };
        match result {
            Ok(_) => read += 1,
            Err(e) => streams.fail(&e),
        }
    }
    if read == 0 {
        return Err(Refused("No input could be read.".into()));
    }
    Ok(files)
}

/// Is there anything that a person or a decoder could read?
pub(super) fn nothing_readable(files: &CaseFiles) -> bool {
    files.case.inputs().all(|i| i.kind == InputKind::Binary)
}

/// The name that a file is shown by: without its folder.
fn shown_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// The present.
pub(super) fn now() -> Micros {
    micros(SystemTime::now()).unwrap_or(0)
}
