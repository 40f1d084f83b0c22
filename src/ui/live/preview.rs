//! The report's page: made on a thread, remembered, shown until a newer one is there.
//!
//! In: the session as it is and what to leave out. Out: the page in blocks. Must not know how a report
//! is written.

use std::sync::Arc;

use super::{LiveSession, locked, spawn};
use crate::report::{self, ReportSource};
use crate::session::Session;
use crate::ui::command::LeaveOut;
use crate::ui::source::ReportPreview;

/// The report as it was last made.
#[derive(Default)]
pub(super) struct Preview {
    page: Arc<ReportPreview>,
    /// What it was made of: revision, what was left out.
    made_of: Option<(u64, LeaveOut)>,
    making: bool,
}

impl LiveSession {
    pub(super) fn preview(&self, leave_out: LeaveOut) -> Arc<ReportPreview> {
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
}

pub(super) fn with_source<T>(session: &Session, work: impl FnOnce(&ReportSource<'_>) -> T) -> T {
    let snapshot = session.snapshot();
    work(&ReportSource {
        snapshot: &snapshot,
        line: &|input, line| session.line(input, line),
        sha256: &|input| session.sha256(input),
    })
}

/// The page as the preview shows it.
fn shown(page: report::Page) -> ReportPreview {
    ReportPreview {
        blocks: page.blocks,
        left_out: page.left_out,
        question: page.question,
        letter: page.letter,
    }
}
