//! The window's source when it runs for real: a [`Session`] with its threads.
//!
//! Nothing waits here. What takes long (a report) is made on a thread and remembered.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::beside::Beside;
use super::certificates::{Compared, ExportOutcome, Exported, Inspected, Pick, files_of};
use super::command::{Command, Flow, LeaveOut, Parity, PortAction, PortWish, ReportForm, Speed};
use super::source::{
    DemoCase, FactChoice, FactKind, Meaning, PortChoice, RecentSession, ReportBlock, ReportPreview,
    Search, SessionSource, StatedFact,
};
use super::start::Waker;
use crate::cert::{self, ExportError, ExportWish};
use crate::device::{DeviceList, DeviceProfile, EditError, read_profile, save_profile};
use crate::diagnose::Trial;
use crate::evidence::{FactState, InputId};
use crate::knowledge::{CommandSet, FactType};
use crate::report::{self, Block, ReportSource};
use crate::session::{
    AskChoice, CertificatesSeen, LogRow, PortOrder, ServerLook, ServerSeen, Session, Snapshot,
    ask_choices, demo_cases,
};
use crate::transport::serial::{FlowControl, LineSettings, Parity as LineParity, PortSettings};
use crate::transport::{Pace, ResetPulse};

/// A session that lives behind the window.
pub struct LiveSession {
    session: Arc<Session>,
    waker: Waker,
    demos: Arc<[DemoCase]>,
    facts: Arc<[FactChoice]>,
    preview: Arc<Mutex<Preview>>,
    search: Arc<Mutex<LastSearch>>,
    inspected: Beside<(Seen, Option<InputId>), Inspected>,
    compared: Beside<(Seen, Pick, Pick), Compared>,
    server: Mutex<Option<LastServer>>,
    exported: Beside<(Seen, Pick, ExportWish), Exported>,
    export_outcome: Arc<Mutex<Option<ExportOutcome>>>,
    choices: Mutex<Option<(u64, Arc<[AskChoice]>)>>,
    profile_outcome: Arc<Mutex<Option<Result<String, String>>>>,
}

/// Certificates of a snapshot; the same as long as nothing about them changes.
#[derive(Clone)]
struct Seen(Arc<CertificatesSeen>);

impl PartialEq for Seen {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The server's side as it was last made: of which revision, what was looked at.
type LastServer = (u64, ServerLook, Arc<ServerSeen>);

/// What was searched for last, and how it went.
struct LastSearch {
    asked: Option<(InputId, String, u32)>,
    result: Search,
}

/// The report as it was last made.
#[derive(Default)]
struct Preview {
    page: Arc<ReportPreview>,
    /// What it was made of: revision, what was left out.
    made_of: Option<(u64, LeaveOut)>,
    making: bool,
}

impl LiveSession {
    /// Around this session; `waker` tells the window that a report is ready.
    #[must_use]
    pub fn new(session: Session, waker: Waker) -> Self {
        let demos = demo_cases()
            .iter()
            .map(|d| DemoCase {
                name: d.name.into(),
                title: d.title.into(),
                about: d.about.into(),
                tone: d.tone,
                word: d.word.into(),
            })
            .collect();
        let facts = session
            .knowledge()
            .facts
            .iter()
            .filter(|f| f.stated)
            .map(|f| FactChoice {
                name: f.name.clone(),
                label: f.says.replace("{value}", "…"),
                kind: match f.kind {
                    FactType::Bool => FactKind::Bool,
                    FactType::Int => FactKind::Int {
                        unit: f.unit.clone(),
                    },
                    _ if !f.words.is_empty() => FactKind::Word(f.words.clone()),
                    _ => FactKind::Text,
                },
            })
            .collect();
        Self {
            session: Arc::new(session),
            waker,
            demos,
            facts,
            preview: Arc::default(),
            search: Arc::new(Mutex::new(LastSearch {
                asked: None,
                result: Search::Nothing,
            })),
            inspected: Beside::new("certificates"),
            compared: Beside::new("comparison"),
            server: Mutex::new(None),
            exported: Beside::new("export"),
            export_outcome: Arc::default(),
            choices: Mutex::new(None),
            profile_outcome: Arc::default(),
        }
    }

    fn port(&self, input: InputId, action: PortAction) {
        let order = match action {
            PortAction::Dtr(on) => PortOrder::Dtr(on),
            PortAction::Rts(on) => PortOrder::Rts(on),
            PortAction::Reset => PortOrder::Reset(ResetPulse::RtsWithDtrOff),
            PortAction::ResetByDtr => PortOrder::Reset(ResetPulse::Dtr),
            PortAction::Send(bytes) => PortOrder::Bytes(bytes),
        };
        self.session.port(input, order);
    }

    fn export(&self, path: &Path, form: ReportForm, leave_out: LeaveOut) {
        let session = Arc::clone(&self.session);
        let path = path.to_owned();
        spawn("report", move || {
            let form = match form {
                ReportForm::Html => report::ReportForm::Html,
                ReportForm::Markdown => report::ReportForm::Markdown,
                ReportForm::Json => report::ReportForm::Json,
            };
            let text = with_source(&session, |source| {
                report::write_report(source, form, leave_out)
            });
            if let Err(e) = std::fs::write(&path, text) {
                let sentence = format!(
                    "The report was not written to {}. Choose another folder.",
                    path.display()
                );
                session.tell_problem(&sentence, &e.to_string());
            }
        });
    }
}

impl LiveSession {
    /// Puts a profile into the user's folder, on a thread of its own, and reads the tables anew.
    fn keep_profile(
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
    fn share_profile(&self, id: &str, path: PathBuf) {
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
    fn export_certificates(&self, of: Pick, wish: ExportWish, folder: PathBuf, replace: bool) {
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

impl SessionSource for LiveSession {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.session.snapshot()
    }

    fn line_count(&self, input: InputId) -> u32 {
        self.session.line_count(input)
    }

    fn rows(&self, input: InputId, lines: Range<u32>) -> Vec<LogRow> {
        self.session.rows(input, lines)
    }

    fn raw(&self, input: InputId, bytes: Range<u64>) -> Vec<u8> {
        self.session.raw(input, bytes)
    }

    fn find(&self, input: InputId, text: &str, from: u32) -> Search {
        let wanted = (input, text.to_owned(), from);
        let mut search = locked(&self.search);
        if search.asked.as_ref() == Some(&wanted) {
            return search.result;
        }
        search.asked = Some(wanted.clone());
        search.result = Search::Looking;
        let (session, waker, shared) = (
            Arc::clone(&self.session),
            self.waker.clone(),
            Arc::clone(&self.search),
        );
        spawn("search", move || {
            let (input, text, from) = &wanted;
            let found = session.find(*input, text, *from);
            let mut search = locked(&shared);
            // Other words may have been asked for meanwhile.
            if search.asked.as_ref() == Some(&wanted) {
                search.result = found.map_or(Search::Nothing, Search::Found);
            }
            drop(search);
            waker.wake();
        });
        Search::Looking
    }

    fn newest_received(&self, input: InputId) -> Option<i64> {
        self.session.newest_received(input)
    }

    fn ports(&self) -> Arc<[PortChoice]> {
        self.session
            .ports()
            .iter()
            .map(|p| PortChoice {
                path: p.path.clone(),
                description: p.description.clone(),
            })
            .collect()
    }

    fn demo_cases(&self) -> Arc<[DemoCase]> {
        Arc::clone(&self.demos)
    }

    fn recent(&self) -> Arc<[RecentSession]> {
        self.session
            .recent()
            .iter()
            .map(|r| RecentSession {
                path: r.path.clone(),
                title: r
                    .path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                about: r.title.clone(),
                tone: r.tone,
                word: r.word.clone(),
            })
            .collect()
    }

    fn fact_choices(&self) -> Arc<[FactChoice]> {
        Arc::clone(&self.facts)
    }

    fn stated_facts(&self) -> Vec<StatedFact> {
        self.session
            .stated_facts()
            .into_iter()
            .map(|f| StatedFact {
                value: match &f.state {
                    FactState::Known(value) => value.display(),
                    FactState::Absent => "none".into(),
                },
                name: f.name,
            })
            .collect()
    }

    fn devices(&self) -> Arc<DeviceList> {
        self.session.devices()
    }

    fn command_sets(&self) -> Arc<[CommandSet]> {
        self.session.knowledge().commands.as_slice().into()
    }

    fn inspected(&self) -> Option<Arc<Inspected>> {
        self.inspected_file(None)
    }

    fn inspected_file(&self, focus: Option<InputId>) -> Option<Arc<Inspected>> {
        let seen = Arc::clone(&self.session.snapshot().certificates);
        let devices = self.session.devices();
        self.inspected.ask(
            &(Seen(Arc::clone(&seen)), focus),
            move || Inspected::of_file(&seen, focus, &devices),
            &self.waker,
        )
    }

    fn compared(&self, old: Pick, new: Pick) -> Option<Arc<Compared>> {
        let seen = Arc::clone(&self.session.snapshot().certificates);
        self.compared.ask(
            &(Seen(Arc::clone(&seen)), old, new),
            move || Compared::of(&seen, old, new),
            &self.waker,
        )
    }

    fn ask_choices(&self) -> Arc<[AskChoice]> {
        let snapshot = self.session.snapshot();
        let mut last = locked(&self.choices);
        if let Some((revision, choices)) = &*last
            && *revision == snapshot.revision
        {
            return Arc::clone(choices);
        }
        let choices: Arc<[AskChoice]> = ask_choices(&snapshot).into();
        *last = Some((snapshot.revision, Arc::clone(&choices)));
        choices
    }

    fn server(&self, look: &ServerLook) -> Arc<ServerSeen> {
        let snapshot = self.session.snapshot();
        let mut last = locked(&self.server);
        if let Some((revision, of, seen)) = &*last
            && *revision == snapshot.revision
            && of == look
        {
            return Arc::clone(seen);
        }
        let seen = Arc::new(ServerSeen::of(&snapshot, look));
        *last = Some((snapshot.revision, look.clone(), Arc::clone(&seen)));
        seen
    }

    fn exported(&self, of: Pick, wish: &ExportWish) -> Option<Arc<Exported>> {
        let seen = Arc::clone(&self.session.snapshot().certificates);
        let how = wish.clone();
        self.exported.ask(
            &(Seen(Arc::clone(&seen)), of, wish.clone()),
            move || Exported::of(&seen, of, &how),
            &self.waker,
        )
    }

    fn export_outcome(&self) -> Option<ExportOutcome> {
        locked(&self.export_outcome).clone()
    }

    fn profile_outcome(&self) -> Option<Result<String, String>> {
        locked(&self.profile_outcome).clone()
    }

    fn explain(&self, query: &str) -> Vec<Meaning> {
        let explained = self.session.explain(query);
        let known = explained.meanings.into_iter().map(|m| Meaning {
            number: m.code(),
            stack: if m.versions.is_empty() {
                m.stack.to_owned()
            } else {
                format!("{} {}", m.stack, m.versions)
            },
            name: m.name,
            text: m.text,
            source: m.source.to_owned(),
        });
        let unknown = explained.unknown.into_iter().map(|u| Meaning {
            number: u.asked,
            name: "unknown".into(),
            stack: String::new(),
            text: u.sentence,
            source: String::new(),
        });
        known.chain(unknown).collect()
    }

    fn report_preview(&self, _form: ReportForm, leave_out: LeaveOut) -> Arc<ReportPreview> {
        let wanted = (self.session.snapshot().revision, leave_out);
        let mut preview = locked(&self.preview);
        if preview.made_of != Some(wanted) && !preview.making {
            preview.making = true;
            let (session, waker, shared) = (
                Arc::clone(&self.session),
                self.waker.clone(),
                Arc::clone(&self.preview),
            );
            spawn("report preview", move || {
                let page = with_source(&session, |source| report::page(source, leave_out));
                *locked(&shared) = Preview {
                    page: Arc::new(shown(page)),
                    made_of: Some(wanted),
                    making: false,
                };
                waker.wake();
            });
        }
        Arc::clone(&preview.page)
    }

    fn folders(&self) -> [String; 2] {
        let folders = self.session.folders();
        let text =
            |p: Option<std::path::PathBuf>| p.map(|p| p.display().to_string()).unwrap_or_default();
        [text(folders.recordings), text(folders.knowledge)]
    }

    fn dispatch(&self, command: Command) {
        match command {
            Command::OpenPath(path) => {
                self.session.open_path(&path);
            }
            Command::FollowPath(path) => {
                self.session.follow(&path);
            }
            Command::OpenDropped {
                path: Some(path), ..
            } => {
                self.session.open_path(&path);
            }
            Command::OpenDropped { name, load, .. } => {
                self.session.open_loaded(&name, load);
            }
            Command::Paste(text) => {
                self.session.paste(text);
            }
            Command::OpenPort(wish) => {
                self.session.open_port(settings(&wish));
            }
            Command::Port(input, action) => self.port(input, action),
            Command::Demo { name, speed } => {
                let pace = match speed {
                    Speed::Real => Pace::Times(1),
                    Speed::Ten => Pace::Times(10),
                    Speed::Max => Pace::Max,
                };
                if self.session.demo(&name, pace).is_none() {
                    self.session
                        .tell_problem(&format!("There is no built-in case \"{name}\"."), "");
                }
            }
            Command::CloseInput(input) => self.session.close(input),
            Command::RemoveInput(input) => self.session.remove(input),
            Command::Cancel(input) => self.session.cancel(input),
            Command::StateFact { name, value } => {
                if let Err(sentence) = self.session.state_fact(&format!("{name}={value}")) {
                    self.session.tell_problem(&sentence, "");
                }
            }
            Command::RemoveFact(name) => self.session.unstate(&name),
            Command::NoteTrial(text) => match Trial::parse(&text, &self.session.knowledge()) {
                Ok(trial) => self.session.try_out(trial),
                Err(sentence) => self.session.tell_problem(&sentence, ""),
            },
            Command::RemoveTrial(at) => self.session.untry(at),
            Command::ChooseDevice(id) => {
                if let Err(sentence) = self.session.set_device(id.as_deref()) {
                    self.session.tell_problem(&sentence, "");
                }
            }
            Command::Answer { node, option } => self.session.answer(&node, &option),
            Command::ClearAnswer(node) => self.session.unanswer(&node),
            Command::ReadAs { input, dialect } => {
                if let Err(sentence) = self.session.read_as(input, dialect.as_deref()) {
                    self.session.tell_problem(&sentence, "");
                }
            }
            Command::JudgeAttempt(attempt) => self.session.set_judged(attempt),
            Command::AskServer(wish) => self.session.ask_server(*wish),
            Command::CancelProbe(number) => self.session.cancel_probe(number),
            Command::RemoveProbe(number) => self.session.remove_probe(number),
            Command::OpenProbeChain(number) => {
                self.session.open_probe_chain(number);
            }
            Command::JudgeAt(at) => self.session.set_at(at),
            Command::ClearProblems => self.session.clear_problems(),
            Command::SaveSession(path) => self.session.save(&path),
            Command::ExportReport {
                path,
                form,
                leave_out,
            } => self.export(&path, form, leave_out),
            Command::ExportCertificates {
                of,
                wish,
                folder,
                replace,
            } => self.export_certificates(of, wish, folder, replace),
            Command::SaveProfile { profile, replace } => {
                self.keep_profile(move || Ok((*profile, replace)));
            }
            Command::TakeProfile(path) => {
                self.keep_profile(move || Ok((read_profile(&path)?, false)));
            }
            Command::ShareProfile { id, path } => self.share_profile(&id, path),
            Command::RecordingFolder(path) => self.session.set_recording_folder(&path),
            Command::KnowledgeFolder(path) => self.session.set_knowledge_folder(&path),
        }
    }
}

fn settings(wish: &PortWish) -> PortSettings {
    let line = LineSettings {
        baud: wish.baud,
        data_bits: wish.data_bits,
        parity: match wish.parity {
            Parity::None => LineParity::None,
            Parity::Odd => LineParity::Odd,
            Parity::Even => LineParity::Even,
        },
        stop_bits: wish.stop_bits,
        flow: match wish.flow {
            Flow::None => FlowControl::None,
            Flow::Software => FlowControl::Software,
            Flow::Hardware => FlowControl::Hardware,
        },
    };
    PortSettings::new(&wish.path, line)
}

fn with_source<T>(session: &Session, work: impl FnOnce(&ReportSource<'_>) -> T) -> T {
    let snapshot = session.snapshot();
    work(&ReportSource {
        snapshot: &snapshot,
        line: &|input, line| session.line(input, line),
        sha256: &|input| session.sha256(input),
    })
}

/// The page as the preview shows it.
fn shown(page: report::Page) -> ReportPreview {
    let mut blocks = Vec::new();
    for block in page.blocks {
        match block {
            Block::Title(t) => blocks.push(ReportBlock::Title(t)),
            Block::Remark(t) => blocks.push(ReportBlock::Remark(t)),
            Block::Lead {
                tone,
                sentence,
                second,
                ..
            } => blocks.push(ReportBlock::Lead {
                tone,
                sentence,
                second,
            }),
            Block::Heading(t) => blocks.push(ReportBlock::Heading(t)),
            Block::Text(t) => blocks.push(ReportBlock::Text(t)),
            Block::Row { label, text } => blocks.push(ReportBlock::Row { label, text }),
            Block::Item { number, text } => blocks.push(ReportBlock::Item { number, text }),
            Block::Line(t) => blocks.push(ReportBlock::Line(t)),
            Block::Table {
                head,
                rows,
                figures,
            } => blocks.push(ReportBlock::Table {
                head,
                rows,
                figures,
            }),
        }
    }
    ReportPreview {
        blocks,
        left_out: page.left_out,
        question: page.question,
        letter: page.letter,
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    // A thread that cannot be made leaves the last report standing.
    let _ = std::thread::Builder::new().name(name.into()).spawn(work);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
