//! Conditions: words for what a line says, some of which move the attempt on.
//!
//! In: the name of a condition and its value. Out: the attempt's list of conditions, or the step that
//! the condition stands for. Must not know the lines that they come from.

use super::Working;
use super::messages::step;
use crate::evidence::{CCS, Direction, Observation, Role};
use crate::tls::{HandshakeType, StepName};

/// Lines between a message and the words about it: other tasks may print between.
const NEAR: u32 = 40;

impl Working {
    pub(super) fn condition(&mut self, name: &'static str, value: Option<i64>, o: &Observation) {
        let a = &mut self.attempt;
        match name {
            "write_record" => {
                a.seen.traced = true;
                let Some(begun) = &mut self.begun else { return };
                if begun.direction == Direction::Sent && !begun.wrote {
                    begun.wrote = true;
                    let name = if begun.msg_type == CCS {
                        Some(StepName::ChangeCipherSpec)
                    } else {
                        u8::try_from(begun.msg_type)
                            .ok()
                            .and_then(|t| HandshakeType(t).step())
                    };
                    if let Some(name) = name {
                        let mut step = step(name, Direction::Sent, o, None);
                        step.state = a.states.last().and_then(|s| s.0);
                        a.steps.push(step);
                        self.unconfirmed += 1;
                        match name {
                            StepName::ClientHello => self.retry = false,
                            StepName::HelloVerifyRequest => self.retry = true,
                            _ => {}
                        }
                        self.moved(o);
                    }
                }
                return;
            }
            "record_read" => {
                if let Some(begun) = &mut self.begun {
                    begun.read = true;
                }
                return;
            }
            "message_not_taken" => {
                if a.steps.last().is_some_and(|s| {
                    s.direction == Direction::Received
                        && s.name.is_handshake()
                        && o.line.saturating_sub(s.line) <= NEAR
                }) {
                    a.steps.pop();
                }
                if let Some(begun) = &mut self.begun {
                    begun.told = false;
                }
                return;
            }
            "message_reused" => {
                // What follows is about a message that was read (and told) before.
                if let Some(begun) = &mut self.begun {
                    begun.told = true;
                    let last = a.steps.last();
                    // With a pre-shared key the function for a CertificateRequest reads nothing.
                    let nothing_between = begun.msg_type == 14 && self.maybe_request.is_none();
                    if (begun.msg_type == 13 || nothing_between)
                        && !self.messages_printed
                        && last.is_some_and(|s| {
                            s.name == StepName::ServerKeyExchange
                                && s.direction == Direction::Received
                        })
                    {
                        // What was read for a ServerKeyExchange was another message and is kept.
                        a.steps.pop();
                    }
                    if begun.msg_type == 14 && !self.messages_printed {
                        // The one read as a CertificateRequest was the ServerHelloDone itself.
                        begun.told = false;
                        self.maybe_request = None;
                    }
                }
                return;
            }
            "hello_verify_request" => {
                // The function that reads it is that of the ServerHello.
                if let Some(begun) = &mut self.begun {
                    begun.told = true;
                }
                self.retry = true;
                a.seen.datagrams = true;
                let told = a.steps.last().map(|s| s.name) == Some(StepName::HelloVerifyRequest);
                if !told {
                    let mut step = step(StepName::HelloVerifyRequest, Direction::Received, o, None);
                    step.state = a.states.last().and_then(|s| s.0);
                    a.steps.push(step);
                    self.moved(o);
                }
                return;
            }
            "hello_retry_request" => {
                self.retry = true;
                if let Some(step) =
                    a.steps.iter_mut().rev().find(|s| {
                        s.name == StepName::ServerHello && s.direction == Direction::Received
                    })
                {
                    step.name = StepName::HelloRetryRequest;
                }
                return;
            }
            "handshake_wrapup" => {
                a.seen.established.get_or_insert(o.line);
                self.renegotiating = false;
                return;
            }
            "application_read" => {
                a.seen.application_data = true;
                return;
            }
            "alert_sent_number_not_printed" => {
                a.seen.unnamed_alert.get_or_insert(o.line);
                return;
            }
            "alert_was_close_notify" => {
                a.seen.unnamed_alert = None;
                return;
            }
            "device_is_server" => {
                let asked = a
                    .steps
                    .iter()
                    .any(|s| s.name == StepName::ClientHello && s.direction == Direction::Sent);
                if !asked {
                    a.role = Role::Server;
                }
            }
            "renegotiation" => self.renegotiating = true,
            _ => {}
        }
        if !a
            .seen
            .conditions
            .iter()
            .any(|(n, v, _)| *n == name && *v == value)
        {
            a.seen.conditions.push((name, value, o.line));
        }
    }
}
