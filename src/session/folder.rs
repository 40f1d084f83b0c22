//! A folder that is given instead of a file: the files that lie in it.
//!
//! In: a path. Out: its files in the order of their names, without hidden ones and without folders below;
//! one sentence where there are none, or more than can be meant. Must not open the files.

use std::path::{Path, PathBuf};

/// Files of one folder that are opened together, at most. A case has a few; a home folder is a slip.
pub const MOST_FILES: usize = 200;

/// The files of a folder; nothing where `path` is none.
///
/// # Errors
/// One sentence: the folder cannot be read, is empty, or holds more than [`MOST_FILES`] files.
pub fn files_in(path: &Path) -> Option<Result<Vec<PathBuf>, String>> {
    path.is_dir().then(|| list(path))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    let name = name.to_string_lossy();
    let entries = std::fs::read_dir(folder)
        .map_err(|e| format!("The folder {name} cannot be read ({e}). Open its files instead."))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .filter(|e| !e.file_name().to_string_lossy().starts_with('.'))
        .map(|e| e.path())
        .filter(|p| p.is_file())
        .take(MOST_FILES + 1)
        .collect();
    if files.is_empty() {
        return Err(format!("The folder {name} holds no files."));
    }
    if files.len() > MOST_FILES {
        return Err(format!(
            "The folder {name} holds more than {MOST_FILES} files. Open those of one case."
        ));
    }
    files.sort();
    Ok(files)
}
