//! The real window with a fixed session, for looking at it. Does nothing unless
//! `HANDLENS_GALLERY` names what to show.

#![allow(clippy::unwrap_used)]

#[path = "support/fake_session.rs"]
mod fake_session;

use std::sync::Arc;

use fake_session::{FakeSession, empty_snapshot, stalled_snapshot};
use handlens::session::{Folders, Session};
use handlens::ui::certificates::WorkView;
use handlens::ui::live::LiveSession;
use handlens::ui::start::{StartOptions, Waker, run};
use handlens::ui::state::{DeviceTab, Place};
use handlens::ui::{Preferences, SessionSource};

/// A real session on these files, with device and host of the environment.
fn read_files(files: &str, waker: &Waker) -> Arc<dyn SessionSource> {
    let wake = waker.clone();
    let session = Session::with_folders(move || wake.wake(), Folders::default());
    for file in files.split(',') {
        session.open_path(std::path::Path::new(file));
    }
    if let Ok(device) = std::env::var("HANDLENS_DEVICE") {
        session.set_device(Some(&device)).unwrap();
    }
    if let Ok(host) = std::env::var("HANDLENS_HOST") {
        session.state_fact(&format!("host={host}")).unwrap();
    }
    Arc::new(LiveSession::new(session, waker.clone()))
}

fn main() {
    let Ok(what) = std::env::var("HANDLENS_GALLERY") else {
        println!("not a test: set HANDLENS_GALLERY to look at the window with a made-up session");
        return;
    };
    let var = |name: &str| std::env::var(name).ok();
    let number = move |name: &str| var(name).and_then(|v| v.parse::<f32>().ok());
    let mut snapshot = match what.as_str() {
        "first" | "connect" => empty_snapshot(),
        _ => stalled_snapshot(),
    };
    match what.as_str() {
        "port" => snapshot.ports = vec![fake_session::live_port()],
        "problems" => {
            snapshot.problems = vec![fake_session::problem()];
            snapshot.progress = vec![fake_session::job()];
            snapshot.gaps = vec![fake_session::gap()];
        }
        "alert" => {
            snapshot.attempts = vec![Arc::new(fake_session::alert_attempt(0))];
            snapshot.judged = Some(0);
        }
        _ => {}
    }
    let waker = Waker::default();
    let source: Arc<dyn SessionSource> = match var("HANDLENS_FILES") {
        Some(files) => read_files(&files, &waker),
        None => FakeSession::new(snapshot),
    };
    let options = StartOptions {
        screenshot: var("HANDLENS_SHOT").map(Into::into),
        after_ms: 900,
        zoom: number("HANDLENS_ZOOM"),
        theme: Some(var("HANDLENS_THEME").unwrap_or_else(|| "dark".into())),
        size: number("HANDLENS_W").zip(number("HANDLENS_H")),
        frame_trace: var("HANDLENS_TRACE").map(Into::into),
    };
    let opened = run(source, waker, Preferences::default(), options, move |w| {
        let s = &mut w.state;
        match what.as_str() {
            "connect" => s.connect.open = true,
            "diagnose" => s.place = Place::Diagnose,
            "tree" => {
                s.place = Place::Diagnose;
                s.diagnose.whole_tree = true;
            }
            "facts" => {
                s.place = Place::Diagnose;
                s.diagnose.lower = handlens::ui::state::Lower::Facts;
            }
            "report" => s.place = Place::Report,
            "certificates" => {
                s.place = Place::Certificates;
                s.certificates.tab = var("HANDLENS_TAB")
                    .and_then(|t| t.parse().ok())
                    .unwrap_or(0);
                s.certificates.all_devices = var("HANDLENS_ALL").is_some();
                let wanted = var("HANDLENS_VIEW").unwrap_or_default();
                s.certificates.view = WorkView::ALL
                    .into_iter()
                    .find(|v| v.name() == wanted)
                    .unwrap_or_default();
            }
            "server" => s.place = Place::Server,
            "settings" => s.place = Place::Settings,
            "keys" => s.keys = true,
            "codes" => {
                s.place = Place::Codes;
                s.query = "-0x7280".into();
            }
            "good" => s.attempt = Some(0),
            "reads" => s.device_tab = DeviceTab::Reads,
            "log" => s.device_tab = DeviceTab::Log,
            "find" => s.log.find = Some("client state".into()),
            _ => {}
        }
        if what == "device" {
            let line = 36;
            s.selected = Some(handlens::ui::state::Spot {
                input: fake_session::INPUT,
                line,
            });
            s.log.scroll_to = Some(line);
            s.log.follow = false;
        }
    });
    if let Err(e) = opened {
        eprintln!("{e}: {}", e.details);
        std::process::exit(2);
    }
}
