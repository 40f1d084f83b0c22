//! Commands of the window, each handed to the session.
//!
//! In: a [`Command`]. Out: calls of the session; what goes wrong is told as its problem. Must not know
//! which control gave the command.

use super::LiveSession;
use crate::device::read_profile;
use crate::diagnose::Trial;
use crate::evidence::InputId;
use crate::session::PortOrder;
use crate::transport::serial::{LineSettings, PortSettings};
use crate::transport::{Pace, ResetPulse};
use crate::ui::command::{Command, PortAction, PortWish, Speed};

impl LiveSession {
    pub(super) fn obey(&self, command: Command) {
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
            Command::Unlock(input, password) => self.session.unlock(input, &password),
            Command::ReadAs { input, dialect } => {
                if let Err(sentence) = self.session.read_as(input, dialect.as_deref()) {
                    self.session.tell_problem(&sentence, "");
                }
            }
            Command::SetOffset(input, ms) => self.session.set_offset(input, ms),
            Command::SetSide(input, side) => self.session.set_side(input, side),
            Command::SetLane(input, lane) => self.session.set_lane(input, lane),
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
}

fn settings(wish: &PortWish) -> PortSettings {
    let line = LineSettings {
        baud: wish.baud,
        data_bits: wish.data_bits,
        parity: wish.parity,
        stop_bits: wish.stop_bits,
        flow: wish.flow,
    };
    PortSettings::new(&wish.path, line)
}
