//! Settings of a module, and requests to it with their answers.
//!
//! In: one setting or answer. Out: the settings that hold for the attempt, its requests with answer
//! and time. Must not know the commands of any module.

use std::sync::Arc;

use super::{Settings, Working};
use crate::evidence::{FactValue, Micros, Observation};

impl Working {
    /// A setting holds for the attempt that is under way. What is made once it is over holds for the
    /// next one; what is only asked then still tells what held.
    pub(super) fn setting(&mut self, fact: &Arc<str>, value: &FactValue, line: u32) {
        let over = self.over();
        let settings = &mut self.attempt.seen.settings;
        if !over || settings.iter().all(|s| s.0 != *fact) {
            put_setting(settings, fact, value, line);
        }
    }

    /// Joins an answer with the last open request of its key.
    pub(super) fn answer(&mut self, key: u16, what: &Arc<str>, o: &Observation) {
        let requests = &mut self.attempt.seen.requests;
        let open = requests
            .iter_mut()
            .rev()
            .find(|r| r.key == key && r.answer.is_none());
        let Some(request) = open else { return };
        let between = |from: Option<Micros>, to: Option<Micros>| {
            from.zip(to).map(|(from, to)| (to - from) / 1000)
        };
        let ms = between(request.at.1, o.received).or(between(request.at.0, o.at));
        request.answer = Some((what.clone(), o.line, ms.filter(|ms| *ms >= 0)));
    }
}

pub(super) fn put_setting(settings: &mut Settings, fact: &Arc<str>, value: &FactValue, line: u32) {
    match settings.iter_mut().find(|s| s.0 == *fact) {
        Some(known) => (known.1, known.2) = (value.clone(), line),
        None => settings.push((fact.clone(), value.clone(), line)),
    }
}
