//! What a module was set to, asked and answered.
//!
//! In: settings and requests of the attempt. Out: the facts of its settings and `request.*`. Must not
//! know the commands of any module.

use super::Teller;
use crate::timeline::conclude;

impl Teller<'_> {
    /// What a module was set to, asked and answered.
    pub(super) fn module(&mut self) {
        let a = self.a;
        for (fact, value, line) in &a.seen.settings {
            let origin = self.line(*line);
            if self.out.get(fact).is_none() {
                self.out.know(fact, value.clone(), origin);
            }
        }
        let Some(request) = a.seen.requests.last() else {
            return;
        };
        self.text("request.what", &request.what, request.line);
        if let Some((what, line, ms)) = &request.answer {
            self.text("request.answer", what, *line);
            if let Some(ms) = ms {
                self.int("request.elapsed_ms", *ms, *line);
            }
            if conclude::answered_locally(a) {
                self.yes("request.local", true, *line);
            }
        }
    }
}
