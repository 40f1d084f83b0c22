//! The window as a whole: one frame, and the one place where wishes are carried out.
//!
//! In: a session source, egui's input. Out: the frame and commands to the source. Repaints only
//! when the session wakes it, when the person does something, or once a second while a wait runs.

use std::sync::Arc;

use egui::{Context, Id, Ui};

use super::certificates::WorkView;
use super::command::{Act, Command, Dialog};
use super::dialog::OpenDialog;
use super::keys;
use super::preferences::Preferences;
use super::source::SessionSource;
use super::state::{Place, Room, WindowState};
use super::theme;
use super::trace::FrameTrace;
use super::view::View;
use super::whole::{live_wait, take_drops, whole};
use crate::session::{MOST_TOGETHER, Snapshot};

/// The window.
pub struct Window {
    source: Arc<dyn SessionSource>,
    /// What it remembers; tests and the start set it.
    pub state: WindowState,
    dialogs: Vec<OpenDialog>,
    trace: Option<FrameTrace>,
    set_up: bool,
}

impl Window {
    /// A window on `source`.
    #[must_use]
    pub fn new(source: Arc<dyn SessionSource>, preferences: Preferences) -> Self {
        Self {
            source,
            state: WindowState::new(preferences),
            dialogs: Vec::new(),
            trace: None,
            set_up: false,
        }
    }

    /// Writes a frame trace.
    #[must_use]
    pub fn with_trace(mut self, trace: Option<FrameTrace>) -> Self {
        self.trace = trace;
        self
    }

    /// Fonts, styles, theme and zoom; once.
    pub fn set_up(&mut self, ctx: &Context) {
        theme::install(ctx);
        let preferences = &self.state.preferences;
        ctx.set_theme(preferences.theme_preference());
        ctx.set_zoom_factor(preferences.zoom);
        if preferences.reduce_motion {
            ctx.all_styles_mut(|s| s.animation_time = 0.0);
        }
        self.set_up = true;
    }

    /// One frame in all of `ui`.
    pub fn show(&mut self, ui: &mut Ui) {
        if let Some(trace) = &mut self.trace {
            trace.begin();
        }
        let ctx = ui.ctx().clone();
        ctx.data_mut(|d| d.remove_temp::<Vec<Id>>(Id::unique("panels")));
        let mut acts = Vec::new();
        take_drops(&ctx, &mut acts);
        let snap = self.source.snapshot();
        go_to_certificates(&mut self.state, &snap);
        list_many(&mut self.state, &snap);
        if let Some(done) = self.source.done() {
            self.state.say(&ctx, done);
        }
        let screen = ui.max_rect();
        let mut view = View {
            source: &*self.source,
            snap,
            state: &mut self.state,
            acts: &mut acts,
            room: Room::of(screen),
        };
        whole(ui, screen, &mut view);
        keys::read(&ctx, &mut view);
        live_wait(&ctx, &view);
        if let Some(trace) = &mut self.trace {
            for input in &view.snap.inputs {
                let shown = Id::unique(("newest shown", input.id));
                let line = ctx.data_mut(|d| d.remove_temp::<u32>(shown));
                if let Some(line) = line {
                    trace.shows(input.id, line, view.source.newest_received(input.id));
                }
            }
            trace.end();
        }
        self.dialogs_done(&mut acts);
        let any = !acts.is_empty();
        for act in acts {
            self.apply(&ctx, act);
        }
        if any {
            ctx.request_repaint();
        }
    }

    fn dialogs_done(&mut self, acts: &mut Vec<Act>) {
        let state = &mut self.state;
        self.dialogs.retain(|open| {
            let Some(paths) = open.poll() else {
                return true;
            };
            for path in paths {
                let certificates = &mut state.certificates;
                let text = path.display().to_string();
                // These fill a field; its button does the rest.
                match open.dialog {
                    Dialog::ExportFolder => {
                        certificates.export.folder = text;
                        continue;
                    }
                    Dialog::ProfileFile => {
                        certificates.devices.file = text;
                        continue;
                    }
                    Dialog::SaveProfile => {
                        certificates.devices.path = text;
                        continue;
                    }
                    _ => {}
                }
                acts.push(Act::Session(match open.dialog {
                    Dialog::Open => {
                        state.path = None;
                        if state.follow_file {
                            Command::FollowPath(path)
                        } else {
                            Command::OpenPath(path)
                        }
                    }
                    Dialog::SaveSession => Command::SaveSession(path),
                    Dialog::SaveReport => Command::ExportReport {
                        path,
                        form: state.report.form,
                        leave_out: state.report.leave_out,
                    },
                    Dialog::RecordingFolder => Command::RecordingFolder(path),
                    _ => Command::KnowledgeFolder(path),
                }));
            }
            false
        });
    }

    /// Carries out one wish.
    fn apply(&mut self, ctx: &Context, act: Act) {
        let state = &mut self.state;
        match act {
            Act::Session(command) => self.command(ctx, command),
            Act::Go(place) => {
                if !matches!(place, Place::Codes | Place::Settings) {
                    state.before = place;
                }
                state.place = place;
            }
            Act::ShowLine(spot) => {
                state.trail.push((state.place, state.selected));
                state.place = Place::Device;
                state.device_tab = super::state::DeviceTab::Log;
                state.compare = None;
                state.log.input = Some(spot.input);
                state.log.drawer = true;
                state.log.raw = false;
                state.log.follow = false;
                state.log.scroll_to = Some(spot.line);
                state.selected = Some(spot);
            }
            Act::Select(spot) => {
                state.selected = spot;
                if let Some(spot) = spot {
                    state.log.input = Some(spot.input);
                    state.log.follow = false;
                    state.log.scroll_to = Some(spot.line);
                }
            }
            Act::ShowAttempt(index) => {
                state.compare = None;
                state.attempt = Some(index);
                // What a probe saw is shown; judged is what the device did.
                let snap = self.source.snapshot();
                if snap.asked.iter().all(|a| a.index != index) {
                    self.source.dispatch(Command::JudgeAttempt(Some(index)));
                }
                state.log.input = None;
                state.selected = None;
                state.go_to_stop = true;
            }
            Act::Back => {
                if let Some((place, selected)) = state.trail.pop() {
                    state.place = place;
                    state.selected = selected;
                    state.log.scroll_to = selected.map(|s| s.line);
                }
            }
            Act::GoToStop => {
                state.place = Place::Device;
                state.compare = None;
                state.device_tab = super::state::DeviceTab::Ladder;
                state.go_to_stop = true;
            }
            Act::Connect(open) => {
                state.place = Place::Device;
                state.connect.open = open;
            }
            Act::Dialog(dialog) => self.dialog(ctx, dialog),
            Act::PathField(open) => {
                state.path = open.then(|| state.path.take().unwrap_or_default());
            }
            Act::Copy { text, done } => {
                ctx.copy_text(text);
                state.say(ctx, done);
            }
            Act::Codes(query) => {
                state.place = Place::Codes;
                state.focus_query = true;
                if let Some(query) = query {
                    state.query = query;
                }
            }
            Act::Theme(theme) => {
                state.preferences.choose_theme(theme);
                ctx.set_theme(state.preferences.theme_preference());
                state.preferences.save();
            }
            Act::Zoom(zoom) => {
                let zoom = (zoom * 10.0).round() / 10.0;
                let zoom = zoom.clamp(Preferences::ZOOM.0, Preferences::ZOOM.1);
                state.preferences.zoom = zoom;
                ctx.set_zoom_factor(zoom);
                state.preferences.save();
            }
            Act::Address => {
                state.place = Place::Server;
                state.before = Place::Server;
                state.server.focus = true;
            }
            Act::Keys(open) => state.keys = open,
            Act::Find(open) => {
                state.place = Place::Device;
                state.compare = None;
                state.device_tab = super::state::DeviceTab::Log;
                state.log.drawer = true;
                state.log.raw = false;
                state.log.focus_find = open;
                if open {
                    state.log.find.get_or_insert_default();
                } else {
                    state.log.find = None;
                }
            }
            Act::Compare(runs) => {
                state.place = Place::Device;
                state.before = Place::Device;
                state.compare = runs;
            }
            Act::FindNext => {
                state.compare = None;
                state.place = Place::Device;
                state.device_tab = super::state::DeviceTab::Log;
                state.log.drawer = true;
                let text = state.log.find.get_or_insert_default();
                state.log.focus_find = text.is_empty();
                state.log.find_next = !text.is_empty();
            }
            Act::Escape => self.escape(),
        }
    }

    fn command(&mut self, ctx: &Context, command: Command) {
        let state = &mut self.state;
        match &command {
            Command::OpenPath(_)
            | Command::FollowPath(_)
            | Command::OpenDropped { .. }
            | Command::Paste(_)
            | Command::OpenProbeChain(_) => {
                let snap = self.source.snapshot();
                state.opened = Some((snap.attempts.len(), read_files(&snap)));
                show_new_input(state);
            }
            Command::OpenPort(_) | Command::Demo { .. } => {
                show_new_input(state);
                state.connect.open = false;
            }
            Command::RecordingFolder(folder) => {
                state.preferences.recording_folder = Some(folder.clone());
                state.preferences.save();
            }
            Command::KnowledgeFolder(folder) => {
                state.preferences.knowledge_folder = Some(folder.clone());
                state.preferences.save();
            }
            Command::Answer { .. } => state.diagnose.question = None,
            Command::Port(_, super::command::PortAction::Send(..)) => {
                state.say(ctx, "Handed to the port.".into());
            }
            _ => {}
        }
        self.source.dispatch(command);
    }

    fn dialog(&mut self, ctx: &Context, dialog: Dialog) {
        // The field beside it, for systems without a dialog.
        match dialog {
            Dialog::Open => self.state.path = Some(self.state.path.take().unwrap_or_default()),
            Dialog::SaveSession | Dialog::SaveReport => self.state.place = Place::Report,
            _ => {}
        }
        if self.dialogs.iter().all(|d| d.dialog != dialog) {
            let form = self.state.report.form;
            self.dialogs
                .push(OpenDialog::start(dialog, form, ctx.clone()));
        }
    }

    /// Cancel work, then close what is open, then clear the selection.
    fn escape(&mut self) {
        let snap = self.source.snapshot();
        let state = &mut self.state;
        if let Some(stop) = super::server::stop_running(&snap) {
            self.source.dispatch(stop);
        } else if !snap.progress.is_empty() {
            for job in &snap.progress {
                self.source.dispatch(Command::Cancel(job.input));
            }
        } else if state.keys {
            state.keys = false;
        } else if state.path.is_some() {
            state.path = None;
        } else if state.place == Place::Device && state.compare.is_some() {
            state.compare = None;
        } else if state.log.find.is_some() {
            state.log.find = None;
        } else if state.connect.open {
            state.connect.open = false;
        } else if matches!(state.place, Place::Codes | Place::Settings) {
            state.place = state.before;
        } else if state.diagnose.whole_tree {
            state.diagnose.whole_tree = false;
        } else {
            state.selected = None;
        }
    }
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if !self.set_up {
            self.set_up(&ui.ctx().clone());
        }
        self.show(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// Files with certificates or keys.
fn read_files(snap: &Snapshot) -> usize {
    snap.certificates.inputs.len() + snap.certificates.trusted_inputs.len()
}

/// What was opened, in the window or with its start, turned out to be certificates and nothing with
/// a handshake: they are looked at in their place once all is read.
fn go_to_certificates(state: &mut WindowState, snap: &Snapshot) {
    let Some((attempts, files)) = state.opened else {
        return;
    };
    if snap.attempts.len() > attempts {
        state.opened = None;
    } else if read_files(snap) > files && snap.progress.is_empty() {
        state.opened = None;
        state.place = Place::Certificates;
    }
}

/// Many files are no chain of one server: once there are so many, they are shown as a list.
fn list_many(state: &mut WindowState, snap: &Snapshot) {
    let state = &mut state.certificates;
    let many = read_files(snap) > MOST_TOGETHER;
    if many && !state.many && state.view == WorkView::Inspect && state.focus.is_none() {
        state.view = WorkView::Files;
    }
    state.many = many;
}

/// A new input is looked at where it is shown.
fn show_new_input(state: &mut WindowState) {
    state.path = None;
    state.compare = None;
    state.attempt = None;
    state.selected = None;
    state.log.input = None;
    state.log.follow = true;
    if matches!(state.place, Place::Codes | Place::Settings) {
        state.place = Place::Device;
    }
}
