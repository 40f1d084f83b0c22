//! Who ended an attempt and how, in words.

use super::model::{Stop, StopMark};
use crate::evidence::{Lane, Role};
use crate::timeline::{Attempt, EndedBy, answered_locally};
use crate::ui::words;

/// Who ended an attempt and how, in words; `None` where nobody did.
#[must_use]
pub fn stop_of(a: &Attempt) -> Option<Stop> {
    let alert = a
        .alerts
        .iter()
        .rev()
        .find(|x| x.fatal)
        .map(|x| x.alert.to_string());
    let code = a.codes.last().map(|(function, code, _)| {
        let number = if *code < 0 {
            format!("−0x{:04x}", code.unsigned_abs())
        } else {
            code.to_string()
        };
        format!("{function} {number}").trim().to_owned()
    });
    let peer = match a.role {
        Role::Client => "Server",
        Role::Server => "Client",
    };
    let stop = |lane, mark, words: &str, how: String| {
        Some(Stop {
            lane,
            mark,
            words: words.into(),
            how,
        })
    };
    let quiet = || "time-out · no alert, no close seen".to_owned();
    match a.ended_by {
        EndedBy::Nobody => None,
        EndedBy::DeviceAlert => stop(
            Lane::Device,
            StopMark::Octagon,
            "Device ends it",
            alert.unwrap_or_else(|| "fatal alert".into()),
        ),
        EndedBy::PeerAlert => stop(
            Lane::Peer,
            StopMark::Octagon,
            &format!("{peer} ends it"),
            alert.unwrap_or_else(|| "fatal alert".into()),
        ),
        EndedBy::PeerClosed => stop(
            Lane::Peer,
            StopMark::Ring,
            &format!("{peer} closes TCP"),
            "no alert seen".into(),
        ),
        EndedBy::PeerCloseNotify => stop(
            Lane::Peer,
            StopMark::Bars,
            &format!("{peer} closes"),
            "close_notify in the middle".into(),
        ),
        EndedBy::Reset => stop(
            Lane::Peer,
            StopMark::Cross,
            "TCP reset",
            "no alert seen".into(),
        ),
        EndedBy::DeviceError => {
            let answer = a.seen.requests.last().and_then(|r| r.answer.as_ref());
            match (code, answer) {
                (None, Some((what, _, ms))) => {
                    let after = ms.map_or_else(
                        || "no time known".to_owned(),
                        |ms| format!("{} after the request", words::duration_ms(ms)),
                    );
                    let how = if answered_locally(a) {
                        format!("{after} · nothing left the module")
                    } else {
                        after
                    };
                    let words = format!("Module answers {what}");
                    stop(Lane::Device, StopMark::Octagon, &words, how)
                }
                (code, _) => stop(
                    Lane::Device,
                    StopMark::Octagon,
                    "Device stops with an error",
                    code.unwrap_or_else(|| "no alert seen".into()),
                ),
            }
        }
        EndedBy::DeviceTimeout => stop(Lane::Device, StopMark::Octagon, "Device gives up", quiet()),
        EndedBy::NoConnection => stop(
            Lane::Device,
            StopMark::Cross,
            "No connection",
            "TCP was never up".into(),
        ),
    }
}
