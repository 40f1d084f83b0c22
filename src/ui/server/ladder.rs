//! The device's own ClientHello and the answer to it, as a ladder.

use egui::{Rect, Ui};

use super::chain::nothing;
use crate::evidence::{Direction, Lane};
use crate::server::{DeviceReply, Ending};
use crate::session::ServerSeen;
use crate::timeline::Certainty;
use crate::tls::StepName;
use crate::ui::ladder::{Ladder, LadderRow, RowKind, Stop, StopMark, still};
use crate::ui::view::{View, inside};
use crate::ui::words;

/// The part in `rect`.
pub fn ladder(ui: &mut Ui, rect: Rect, _view: &mut View<'_>, seen: &ServerSeen) {
    let asked = seen.probe().and_then(|p| Some((p, p.device.as_ref()?)));
    let Some((probe, device)) = asked else {
        inside(ui, rect, "no answer", |ui| {
            nothing(
                ui,
                "Choose whose ClientHello is sent (ask as), then ask: the answer stands here.",
            );
        });
        return;
    };
    let made = Ladder::from_rows(rows(device));
    still(ui, rect, &made, &probe.target.host);
}

fn rows(device: &DeviceReply) -> Vec<LadderRow> {
    let reply = &device.reply;
    let mut rows: Vec<LadderRow> = reply
        .steps
        .iter()
        .map(|step| {
            let time = format!("+{:.1} ms", step.at.as_secs_f64() * 1e3);
            let name = step.name.title().to_owned();
            let size = if step.bytes > 0 {
                words::bytes(step.bytes as u64)
            } else {
                String::new()
            };
            let by = if step.sent { "device" } else { "server" };
            let spoken = words::joined(&[&format!("sent by {by}, {name}"), &size, &time]);
            let kind = RowKind::Message {
                direction: if step.sent {
                    Direction::Sent
                } else {
                    Direction::Received
                },
                name: match (step.name, &reply.ending) {
                    (StepName::Alert, Ending::Alert(alert)) => alert.to_string(),
                    _ => name,
                },
                size,
                certainty: Certainty::Seen,
                alert: step.name == StepName::Alert,
            };
            row(kind, time, spoken, 27.0)
        })
        .collect();
    let agreement = reply.agreement();
    let end = match (&reply.ending, agreement) {
        (_, Some(words)) => {
            let rule = RowKind::Rule("agreed; nothing more is sent".into());
            row(rule, String::new(), format!("They agree on {words}"), 24.0)
        }
        (ending, None) => {
            let (lane, mark, words) = match ending {
                Ending::Closed => (Lane::Peer, StopMark::Ring, "Closed without an alert"),
                Ending::Reset => (Lane::Peer, StopMark::Cross, "Reset"),
                Ending::Timeout => (Lane::Peer, StopMark::Octagon, "Silence"),
                Ending::Alert(_) => (Lane::Peer, StopMark::Octagon, "Refused"),
                Ending::Cancelled => (Lane::Device, StopMark::Octagon, "Stopped by you"),
                _ => (Lane::Peer, StopMark::Octagon, "Not TLS as it should be"),
            };
            let how = words::visible(&ending.sentence());
            let spoken = format!("Stop: {words}, {how}");
            let stop = Stop {
                lane,
                mark,
                words: words.into(),
                how,
            };
            let time = format!("+{}", words::duration_ms(millis(reply.elapsed)));
            row(RowKind::Stop(stop), time, spoken, 34.0)
        }
    };
    rows.push(end);
    rows
}

fn row(kind: RowKind, time: String, spoken: String, height: f32) -> LadderRow {
    LadderRow {
        kind,
        time,
        state: String::new(),
        remark: String::new(),
        line: 0,
        other: None,
        height,
        spoken,
    }
}

fn millis(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
