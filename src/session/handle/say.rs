//! What the user says: facts, answers, experiments, what to judge and by which device.
//!
//! In: words of the user, checked against the tables. Out: orders to the engine. Must not know what
//! follows from them.

use super::Session;
use crate::capture::DeviceSide;
use crate::cert::Passwords;
use crate::diagnose::Trial;
use crate::evidence::{Fact, InputId, Lane, Micros, Origin};
use crate::session::case::{known_device, known_dialect};
use crate::session::engine::Order;

impl Session {
    /// States a fact as `NAME=VALUE`.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what would be right.
    pub fn state_fact(&self, text: &str) -> Result<(), String> {
        let fact = self.knowledge().parse_stated(text)?;
        self.shared.send(Order::State(fact));
        Ok(())
    }

    /// Takes a stated fact back.
    pub fn unstate(&self, name: &str) {
        self.shared.send(Order::Unstate(name.to_owned()));
    }

    /// Facts that were stated, as of the last judgement.
    #[must_use]
    pub fn stated_facts(&self) -> Vec<Fact> {
        let snapshot = self.snapshot();
        snapshot
            .facts
            .iter()
            .filter(|f| f.origins.contains(&Origin::Stated))
            .cloned()
            .collect()
    }

    /// Answers a question of the tree.
    pub fn answer(&self, node: &str, label: &str) {
        self.shared
            .send(Order::Answer(node.to_owned(), label.to_owned()));
    }

    /// Takes an answer back.
    pub fn unanswer(&self, node: &str) {
        self.shared.send(Order::Unanswer(node.to_owned()));
    }

    /// Notes an experiment and how it ended.
    pub fn try_out(&self, trial: Trial) {
        self.shared.send(Order::Try(trial));
    }

    /// Takes the experiment at this place of the log back.
    pub fn untry(&self, at: usize) {
        self.shared.send(Order::Untry(at));
    }

    /// Judges this attempt; `None`: the last that failed.
    pub fn set_judged(&self, attempt: Option<usize>) {
        self.shared.send(Order::Judge(attempt));
    }

    /// Judges as of this moment; `None`: what the inputs say.
    pub fn set_at(&self, at: Option<Micros>) {
        self.shared.send(Order::At(at));
    }

    /// Chooses the device whose limits count, by id or alias, or none.
    ///
    /// # Errors
    /// One sentence that names the known devices.
    pub fn set_device(&self, id: Option<&str>) -> Result<(), String> {
        if let Some(id) = id {
            known_device(&self.devices(), id)?;
        }
        self.shared.send(Order::Device(id.map(str::to_owned)));
        Ok(())
    }

    /// Says whose words an input holds; `None`: what its dialects say.
    pub fn set_lane(&self, input: InputId, lane: Option<Lane>) {
        self.shared.send(Order::Lane(input, lane));
    }

    /// Says which end of a capture is the device; `None`: what the case shows.
    pub fn set_side(&self, input: InputId, side: Option<DeviceSide>) {
        self.shared.send(Order::Side(input, side));
    }

    /// Adds so many milliseconds to the times of an input; `None`: what the steps say that both
    /// sides show.
    pub fn set_offset(&self, input: InputId, ms: Option<i64>) {
        self.shared.send(Order::Offset(input, ms));
    }

    /// Tries a password on what waits for one in an input. It is overwritten after that and kept
    /// nowhere.
    pub fn unlock(&self, input: InputId, password: &str) {
        let mut passwords = Passwords::none();
        passwords.add(password.as_bytes());
        self.shared.send(Order::Unlock(input, passwords));
    }

    /// Reads an input again as this dialect; `None`: each line as what it looks like.
    ///
    /// # Errors
    /// One sentence that names the dialects.
    pub fn read_as(&self, input: InputId, dialect: Option<&str>) -> Result<(), String> {
        let dialect = dialect.map(known_dialect).transpose()?;
        self.shared.send(Order::ReadAs(input, dialect));
        Ok(())
    }
}
