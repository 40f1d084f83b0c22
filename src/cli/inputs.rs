//! Reads the inputs of a command into one case.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::arguments::{Case as CaseArguments, Known};
use super::output::Streams;
use crate::diagnose::Trial;
use crate::evidence::{InputKind, Lane, Micros};
use crate::session::figures::parse_rfc3339;
use crate::session::{Case, CaseFiles, Tables, files_in, micros};

/// Why a command cannot begin: one sentence.
pub(super) struct Refused(pub String);

/// The tables, with the user's folder on top; what could not be read is told.
pub(super) fn tables(folder: Option<&Path>, streams: &mut Streams<'_>) -> Tables {
    if let Some(folder) = folder.filter(|f| !f.is_dir()) {
        streams.say(&format!(
            "{} is no folder. The built-in tables are in use.",
            folder.display()
        ));
    }
    let tables = Tables::read(folder);
    for problem in &tables.problems {
        streams.say(&problem.sentence);
        if !problem.details.is_empty() {
            streams.say(&format!("  ({})", problem.details));
        }
    }
    tables
}

/// An empty case over these tables.
pub(super) fn empty_case(folder: Option<&Path>, streams: &mut Streams<'_>) -> Case {
    let tables = tables(folder, streams);
    let mut case = Case::new(tables.knowledge, tables.rules);
    case.set_devices(tables.devices);
    case
}

/// Puts what was stated into a case.
pub(super) fn state(case: &mut Case, known: &Known) -> Result<(), Refused> {
    case.choose_device(known.device.as_deref())
        .map_err(Refused)?;
    case.read_all_as(known.dialect.as_deref())
        .map_err(Refused)?;
    let mut stated: Vec<String> = Vec::new();
    stated.extend(known.host.as_ref().map(|host| format!("host={host}")));
    stated.extend(known.facts.iter().cloned());
    for text in stated {
        let fact = case.knowledge().parse_stated(&text).map_err(Refused)?;
        case.state(fact);
    }
    case.set_device_side(known.device_side.clone());
    for text in &known.tried {
        let trial = Trial::parse(text, case.knowledge()).map_err(Refused)?;
        case.try_out(trial);
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
    let mut case = empty_case(given.known.assets.as_deref(), streams);
    state(&mut case, &given.known)?;
    let mut files = CaseFiles::new(case);
    let mut read = 0;
    let marked = given.peer.iter().map(|path| (path, true));
    for (path, of_peer) in given.files.iter().map(|path| (path, false)).chain(marked) {
        for path in in_folder(path, streams) {
            let result = if path.as_os_str() == "-" {
                files.open_reader("standard input", &mut std::io::stdin().lock())
            } else {
                files.open_path(&path, &shown_name(&path))
            };
            match result {
                Ok(id) => {
                    read += 1;
                    if of_peer {
                        files.case.set_lane(id, Some(Lane::Peer));
                    }
                }
                Err(e) => streams.fail(&e),
            }
        }
    }
    if read == 0 {
        return Err(Refused("No input could be read.".into()));
    }
    Ok(files)
}

/// The files of a folder; any other path as it is.
fn in_folder(path: &Path, streams: &mut Streams<'_>) -> Vec<PathBuf> {
    match files_in(path) {
        None => vec![path.to_owned()],
        Some(Ok(files)) => files,
        Some(Err(sentence)) => {
            streams.say(&sentence);
            Vec::new()
        }
    }
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
