//! A probe on a thread of its own.
//!
//! In: a [`ProbeWish`] and the device's hello. Out: words for the engine, which are few. Dropping the
//! job stops the probe; the thread ends by its own time limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;

use super::probe_run::{ProbeOutcome, ProbeRun};
use super::probe_wish::ProbeWish;
use super::shared::Signal;
use crate::evidence::Micros;
use crate::server::{DeviceHello, Probe, Stage, probe};

/// A probe that runs.
pub(super) struct ProbeJob {
    run: ProbeRun,
    cancel: Arc<AtomicBool>,
    words: Receiver<Word>,
}

enum Word {
    Begun(Stage, usize),
    Found(String, bool),
    End(Result<Box<Probe>, (String, String)>),
}

impl ProbeJob {
    pub fn start(
        number: u32,
        at: Micros,
        wish: ProbeWish,
        hello: Option<DeviceHello>,
        signal: &Arc<Signal>,
    ) -> Self {
        let (sender, words) = mpsc::channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let ask_as = match &wish.ask_as {
            super::probe_wish::AskAs::File(path) => path.display().to_string(),
            _ => hello.as_ref().map(|h| h.name.clone()).unwrap_or_default(),
        };
        let run = ProbeRun {
            number,
            at,
            target: wish.target.clone(),
            name: wish.name.clone(),
            ask_as,
            stages: Vec::new(),
            connections: 0,
            outcome: ProbeOutcome::Running,
        };
        let teller = Teller {
            sender,
            signal: Arc::clone(signal),
        };
        let stop = Arc::clone(&cancel);
        // A thread that cannot be made shows as a probe that broke off.
        let _ = thread::Builder::new()
            .name("probe".into())
            .spawn(move || work(&wish, hello, &stop, &teller));
        Self { run, cancel, words }
    }

    /// How it stands.
    pub fn run(&self) -> &ProbeRun {
        &self.run
    }

    pub fn cancel(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
        self.run.outcome = ProbeOutcome::Stopping;
    }

    /// Takes what the thread said; `true` when something was said.
    pub fn drain(&mut self) -> bool {
        let mut any = false;
        while self.run.is_running() {
            match self.words.try_recv() {
                Ok(Word::Begun(stage, connections)) => self.run.begin(stage, connections),
                Ok(Word::Found(words, well)) => self.run.found(words, well),
                Ok(Word::End(Ok(found))) => {
                    self.run.connections = found.connections;
                    self.run.outcome = ProbeOutcome::Done(Arc::from(found));
                }
                Ok(Word::End(Err((sentence, details)))) => {
                    self.run.outcome = ProbeOutcome::Failed { sentence, details };
                }
                Err(TryRecvError::Empty) => return any,
                Err(TryRecvError::Disconnected) => {
                    self.run.outcome = ProbeOutcome::Failed {
                        sentence: "The probe broke off. Ask again.".into(),
                        details: "The probing thread ended without a word.".into(),
                    };
                }
            }
            any = true;
        }
        any
    }
}

impl Drop for ProbeJob {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

struct Teller {
    sender: Sender<Word>,
    signal: Arc<Signal>,
}

impl Teller {
    fn say(&self, word: Word) {
        // Nobody listens any more once the session is closed.
        if self.sender.send(word).is_ok() {
            self.signal.raise();
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.signal.raise();
    }
}

fn work(wish: &ProbeWish, hello: Option<DeviceHello>, cancel: &AtomicBool, teller: &Teller) {
    let question = match wish.question(hello) {
        Ok(question) => question,
        Err(sentence) => {
            teller.say(Word::End(Err((sentence, String::new()))));
            return;
        }
    };
    teller.say(Word::Begun(Stage::Addresses, 0));
    let found = probe(&question, cancel, &mut |progress| {
        // Some stages are told by the answers to others: begun and over at once.
        teller.say(Word::Begun(progress.stage, progress.connections));
        if let Some((words, well)) = progress.found {
            teller.say(Word::Found(words.to_owned(), well));
        }
    });
    teller.say(Word::End(match found {
        Ok(found) => Ok(Box::new(found)),
        Err(error) => {
            let details = std::error::Error::source(&error).map(ToString::to_string);
            Err((error.to_string(), details.unwrap_or_default()))
        }
    }));
}
