//! Who ended an attempt and how, in words.

use super::model::{Stop, StopMark};
use crate::evidence::{Lane, Role};
use crate::timeline::{Attempt, EndedBy};

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
        EndedBy::DeviceError => stop(
            Lane::Device,
            StopMark::Octagon,
            "Device stops with an error",
            code.unwrap_or_else(|| "nothing was sent".into()),
        ),
        EndedBy::DeviceTimeout => stop(Lane::Device, StopMark::Octagon, "Device gives up", quiet()),
        EndedBy::NoConnection => stop(
            Lane::Device,
            StopMark::Cross,
            "No connection",
            "TCP was never up".into(),
        ),
    }
}
