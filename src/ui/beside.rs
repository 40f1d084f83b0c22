//! Answers that take long to make: made on a thread beside the window, the last one remembered.
//!
//! In: a question and how to answer it. Out: the answer, once there is one; until then the one
//! before. The window never waits here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::start::Waker;

/// The thread's side and the window's side of the last answer.
pub struct Beside<Q, A> {
    name: &'static str,
    last: Arc<Mutex<Last<Q, A>>>,
}

struct Last<Q, A> {
    /// What was asked for last.
    asked: Option<Q>,
    made: Option<Arc<A>>,
}

impl<Q, A> Beside<Q, A>
where
    Q: Clone + PartialEq + Send + 'static,
    A: Send + Sync + 'static,
{
    /// Nothing asked yet; `name` is the thread's.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            last: Arc::new(Mutex::new(Last {
                asked: None,
                made: None,
            })),
        }
    }

    /// The answer to `question`; while a new one is made, the one before. `waker` tells the window
    /// when it is ready.
    #[must_use]
    pub fn ask(
        &self,
        question: &Q,
        answer: impl FnOnce() -> A + Send + 'static,
        waker: &Waker,
    ) -> Option<Arc<A>> {
        let mut last = locked(&self.last);
        if last.asked.as_ref() != Some(question) {
            last.asked = Some(question.clone());
            let (question, shared, waker) =
                (question.clone(), Arc::clone(&self.last), waker.clone());
            // A thread that cannot be made leaves the last answer standing.
            let _ = std::thread::Builder::new()
                .name(self.name.into())
                .spawn(move || {
                    let made = Arc::new(answer());
                    let mut last = locked(&shared);
                    // Newer ones may have been asked for meanwhile.
                    if last.asked.as_ref() == Some(&question) {
                        last.made = Some(made);
                    }
                    drop(last);
                    waker.wake();
                });
        }
        last.made.clone()
    }
}

fn locked<Q, A>(mutex: &Mutex<Last<Q, A>>) -> MutexGuard<'_, Last<Q, A>> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
