//! The window's source when it runs for real: a [`Session`] with its threads.
//!
//! In: questions and commands of the window. Out: answers at once, from the session or as last made.
//! Nothing waits here: what takes long is made on a thread and remembered. Must not know what is painted.

mod commands;
mod files;
mod preview;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::beside::Beside;
use super::certificates::{Compared, ExportOutcome, Exported, Inspected, Pick};
use super::command::{Command, LeaveOut, ReportForm};
use super::source::{
    DemoCase, FactChoice, FactKind, Meaning, PortChoice, RecentSession, ReportPreview, Search,
    SessionSource, StatedFact,
};
use super::start::Waker;
use crate::cert::ExportWish;
use crate::device::DeviceList;
use crate::evidence::{FactState, InputId};
use crate::knowledge::{CommandSet, FactType};
use crate::session::{
    AskChoice, CertificatesSeen, LogRow, ServerLook, ServerSeen, Session, Snapshot, ask_choices,
    demo_cases,
};

use preview::Preview;

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
    /// A thing that was done and is not told yet.
    done: Arc<Mutex<Option<String>>>,
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
            done: Arc::default(),
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

    fn done(&self) -> Option<String> {
        self.session.done().or_else(|| locked(&self.done).take())
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
        self.preview(leave_out)
    }

    fn folders(&self) -> [String; 2] {
        let folders = self.session.folders();
        let text =
            |p: Option<std::path::PathBuf>| p.map(|p| p.display().to_string()).unwrap_or_default();
        [text(folders.recordings), text(folders.knowledge)]
    }

    fn dispatch(&self, command: Command) {
        self.obey(command);
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    // A thread that cannot be made leaves the last report standing.
    let _ = std::thread::Builder::new().name(name.into()).spawn(work);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
