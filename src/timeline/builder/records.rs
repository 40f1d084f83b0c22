//! Records and alerts: sizes on the wire, changes of cipher, ends.
//!
//! In: the header of a record, or an alert. Out: steps of the attempt and sizes of its messages. Must
//! not know the content of a record.

use super::Working;
use super::messages::step;
use crate::evidence::{CCS, Direction, Observation};
use crate::timeline::attempt::AlertSeen;
use crate::tls::{Alert, StepName};

impl Working {
    pub(super) fn record(
        &mut self,
        direction: Direction,
        content_type: u8,
        len: u32,
        o: &Observation,
    ) {
        let a = &mut self.attempt;
        a.seen.traced = true;
        if a.seen.from_wire {
            self.wire_record(direction, content_type, len, o);
            return;
        }
        if direction == Direction::Sent {
            // Traces that name no function tell the record alone.
            if content_type == 20 && self.begun.is_none() && self.messages_printed {
                a.steps.push(step(
                    StepName::ChangeCipherSpec,
                    direction,
                    o,
                    Some(len + 5),
                ));
                return;
            }
            if let Some(step) = a.steps.last_mut()
                && step.direction == Direction::Sent
                && step.size_bytes.is_none()
                && self.unconfirmed > 0
                && content_type != 21
            {
                step.size_bytes = Some(len + 5);
            }
        } else {
            if (20..=26).contains(&content_type)
                && a.seen.largest_record.is_none_or(|(most, _)| len > most)
            {
                a.seen.largest_record = Some((len, o.line));
            }
            self.record_in = matches!(content_type, 22 | 23).then_some(len);
            if content_type == 20 {
                a.steps.push(step(
                    StepName::ChangeCipherSpec,
                    Direction::Received,
                    o,
                    Some(len + 5),
                ));
                if let Some(begun) = &mut self.begun {
                    begun.told |= begun.msg_type == CCS;
                }
                self.moved(o);
            }
        }
    }

    pub(super) fn alert(
        &mut self,
        level: Option<u8>,
        number: u8,
        direction: Direction,
        o: &Observation,
    ) {
        let a = &mut self.attempt;
        a.seen.traced = true;
        // "got an alert message" and "is a fatal alert message" are one event.
        let repeated = a.alerts.last().is_some_and(|l| {
            l.alert.0 == number && l.direction == direction && o.line.saturating_sub(l.line) <= 4
        });
        if repeated {
            return;
        }
        if direction == Direction::Sent {
            self.settle_failed();
        }
        let a = &mut self.attempt;
        let fatal = level.map_or(number != 0 && number != 90, |l| l != 1);
        a.alerts.push(AlertSeen {
            alert: Alert(number),
            fatal,
            direction,
            line: o.line,
        });
        let mut step = step(StepName::Alert, direction, o, None);
        step.remark = Alert(number).to_string();
        a.steps.push(step);
        self.moved(o);
    }
}
