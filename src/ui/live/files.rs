//! What is written to files: reports, certificates, profiles; each on a thread of its own.
//!
//! In: a wish with its path. Out: the file; how it went is asked for by the view, or told as a problem
//! of the session. Must not know what the files hold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::preview::with_source;
use super::{LiveSession, locked, spawn};
use crate::cert::{self, ExportError, ExportWish};
use crate::device::{DeviceProfile, EditError, save_profile};
use crate::report;
use crate::ui::certificates::{ExportOutcome, Pick, files_of};
use crate::ui::command::{LeaveOut, ReportForm};

impl LiveSession {
    pub(super) fn export(&self, path: &Path, form: ReportForm, leave_out: LeaveOut) {
        let session = Arc::clone(&self.session);
        let path = path.to_owned();
        let (done, waker) = (Arc::clone(&self.done), self.waker.clone());
        spawn("report", move || {
            let text = with_source(&session, |source| {
                report::write_report(source, form, leave_out)
            });
            if let Err(e) = std::fs::write(&path, text) {
                let sentence = format!(
                    "The report was not written to {}. Choose another folder.",
                    path.display()
                );
                session.tell_problem(&sentence, &e.to_string());
                return;
            }
            *locked(&done) = Some(format!("Saved the report as {}.", path.display()));
            waker.wake();
        });
    }

    /// Puts a profile into the user's folder, on a thread of its own, and reads the tables anew.
    pub(super) fn keep_profile(
        &self,
        profile: impl FnOnce() -> Result<(DeviceProfile, bool), EditError> + Send + 'static,
    ) {
        let session = Arc::clone(&self.session);
        let (outcome, waker) = (Arc::clone(&self.profile_outcome), self.waker.clone());
        spawn("profile", move || {
            let said = match session.folders().knowledge {
                None => Err("Choose a folder for your own knowledge in the settings first.".into()),
                Some(folder) => profile()
                    .and_then(|(profile, replace)| {
                        save_profile(&folder, &profile, replace).map(|path| (profile, path))
                    })
                    .map(|(profile, path)| {
                        session.set_knowledge_folder(&folder);
                        format!("{} is kept in {}.", profile.name, path.display())
                    })
                    .map_err(|e| e.to_string()),
            };
            *locked(&outcome) = Some(said);
            waker.wake();
        });
    }

    /// Saves a profile as a file to hand on.
    pub(super) fn share_profile(&self, id: &str, path: PathBuf) {
        let Some(profile) = self.session.devices().get(id).cloned() else {
            return;
        };
        let (outcome, waker) = (Arc::clone(&self.profile_outcome), self.waker.clone());
        spawn("profile", move || {
            let written = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)
                .and_then(|mut f| std::io::Write::write_all(&mut f, profile.to_toml().as_bytes()));
            *locked(&outcome) = Some(match written {
                Ok(()) => Ok(format!("{} is saved as {}.", profile.name, path.display())),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(format!(
                    "{} is there already. Choose another name.",
                    path.display()
                )),
                Err(e) => Err(format!(
                    "{} cannot be written ({e}). Choose another folder.",
                    path.display()
                )),
            });
            waker.wake();
        });
    }

    /// Writes on a thread of its own; how it went is asked for by the view.
    pub(super) fn export_certificates(
        &self,
        of: Pick,
        wish: ExportWish,
        folder: PathBuf,
        replace: bool,
    ) {
        *locked(&self.export_outcome) = Some(ExportOutcome::Busy);
        let seen = Arc::clone(&self.session.snapshot().certificates);
        let (outcome, waker) = (Arc::clone(&self.export_outcome), self.waker.clone());
        spawn("certificates out", move || {
            let files = files_of(&seen, of, &wish);
            let said = match cert::write_export(&files, &folder, replace) {
                Ok(paths) => ExportOutcome::Written {
                    files: paths.len(),
                    bytes: files.iter().map(|f| f.bytes.len() as u64).sum(),
                    folder,
                },
                Err(ExportError::Exists(names)) => ExportOutcome::Exists(names),
                Err(e) => {
                    let cause = std::error::Error::source(&e).map(ToString::to_string);
                    ExportOutcome::Failed(e.to_string(), cause.unwrap_or_default())
                }
            };
            *locked(&outcome) = Some(said);
            waker.wake();
        });
    }
}
