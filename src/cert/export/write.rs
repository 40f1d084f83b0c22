//! Writes the files of an export into a folder; what is there stays unless told otherwise.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::ExportFile;

/// Why nothing, or not all, was written.
#[derive(Debug, Error)]
pub enum ExportError {
    /// Files of these names are there; nothing was written.
    #[error("{} there already: {}", if .0.len() == 1 { "One file is" } else { "Files are" }, .0.join(", "))]
    Exists(Vec<String>),
    /// The folder or a file cannot be written.
    #[error("{} cannot be written. Choose another folder.", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: io::Error,
    },
}

/// Writes `files` into `folder`, which is made when it is not there, and gives their paths.
///
/// # Errors
/// [`ExportError::Exists`] before anything is written, unless `replace`; [`ExportError::Write`] when
/// the system refuses.
pub fn write(
    files: &[ExportFile],
    folder: &Path,
    replace: bool,
) -> Result<Vec<PathBuf>, ExportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Write { path, source }
    };
    if !replace {
        let there: Vec<String> = files
            .iter()
            .filter(|f| folder.join(&f.name).symlink_metadata().is_ok())
            .map(|f| f.name.clone())
            .collect();
        if !there.is_empty() {
            return Err(ExportError::Exists(there));
        }
    }
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut out = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        let mut options = fs::OpenOptions::new();
        options.write(true);
        if replace {
            options.create(true).truncate(true);
        } else {
            // Between the look above and now another program may have made it.
            options.create_new(true);
        }
        options
            .open(&path)
            .and_then(|mut f| f.write_all(&file.bytes))
            .map_err(failed(&path))?;
        out.push(path);
    }
    Ok(out)
}
