//! File dialogs of the system, each in a thread of its own.
//!
//! In: which dialog. Out: the chosen path, some time later, or nothing: "cancelled" and "there is
//! no dialog on this system" look the same, which is why a field for the path is always beside it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;

use super::command::{Dialog, ReportForm};

/// A dialog that is open.
pub struct OpenDialog {
    /// Which.
    pub dialog: Dialog,
    answer: Receiver<Vec<PathBuf>>,
}

impl OpenDialog {
    /// Opens it; `ctx` is woken when it closes.
    #[must_use]
    pub fn start(dialog: Dialog, form: ReportForm, ctx: Context) -> Self {
        let (send, answer) = channel();
        std::thread::spawn(move || {
            let chosen = ask(dialog, form);
            // The window may be gone by now; then nobody wants the answer.
            let _ = send.send(chosen);
            ctx.request_repaint();
        });
        Self { dialog, answer }
    }

    /// The answer, once there is one; an empty list where nothing was chosen.
    #[must_use]
    pub fn poll(&self) -> Option<Vec<PathBuf>> {
        match self.answer.try_recv() {
            Ok(paths) => Some(paths),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Vec::new()),
        }
    }
}

fn ask(dialog: Dialog, form: ReportForm) -> Vec<PathBuf> {
    let asked = rfd::FileDialog::new();
    match dialog {
        Dialog::Open => asked
            .set_title("Open logs, recordings or sessions")
            .pick_files()
            .unwrap_or_default(),
        Dialog::SaveSession => asked
            .set_title("Save the session")
            .set_file_name("case.handlens")
            .save_file()
            .into_iter()
            .collect(),
        Dialog::SaveReport => asked
            .set_title("Save the report")
            .set_file_name(format!("report.{}", form.extension()))
            .save_file()
            .into_iter()
            .collect(),
        Dialog::RecordingFolder => asked
            .set_title("Folder for recordings")
            .pick_folder()
            .into_iter()
            .collect(),
        Dialog::ExportFolder => asked
            .set_title("Folder to write the certificates to")
            .pick_folder()
            .into_iter()
            .collect(),
        Dialog::ProfileFile => asked
            .set_title("Device profile to take in")
            .pick_file()
            .into_iter()
            .collect(),
        Dialog::SaveProfile => asked
            .set_title("Save the device profile")
            .set_file_name("device.toml")
            .save_file()
            .into_iter()
            .collect(),
        Dialog::KnowledgeFolder => asked
            .set_title("Folder with your own knowledge")
            .pick_folder()
            .into_iter()
            .collect(),
    }
}
