//! `handlens [--follow] [FILE...]`: the window, with these files; `handlens demo [NAME]`: with a simulated device.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use handlens::session::{Session, demo_cases};
use handlens::ui::command::{Command, Speed};
use handlens::ui::live::LiveSession;
use handlens::ui::start::{StartOptions, Waker, run};
use handlens::ui::{Preferences, SessionSource};

/// Finds out why an embedded device's TLS handshake fails.
#[derive(Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// Files to open: logs, recordings, sessions.
    files: Vec<PathBuf>,
    /// Go on reading the files while they grow, as a terminal program or a logger writes them.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    look: Look,
}

#[derive(clap::Args)]
struct Look {
    /// Write a picture of the window to FILE (PPM) and end.
    #[arg(long, value_name = "FILE", global = true)]
    screenshot: Option<PathBuf>,
    /// Milliseconds before the picture is taken.
    #[arg(long, value_name = "MS", default_value_t = 2_000, global = true)]
    after: u64,
    /// Write the times of all frames to FILE, one JSON object a line.
    #[arg(long, value_name = "FILE", global = true)]
    frame_trace: Option<PathBuf>,
    /// Zoom, 0.8 to 2.5.
    #[arg(long, value_name = "FACTOR", global = true)]
    zoom: Option<f32>,
    /// Size of the window in points, such as 1280x800.
    #[arg(long, value_name = "WxH", value_parser = size, global = true)]
    size: Option<(f32, f32)>,
    /// dark, light or system.
    #[arg(long, value_name = "THEME", global = true)]
    theme: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// The window with the built-in simulated device.
    Demo {
        /// Which case; without it the first.
        name: Option<String>,
        /// How fast it plays: 1, 10 or max.
        #[arg(long, default_value = "10", value_parser = ["1", "10", "max"])]
        speed: String,
    },
}

fn size(text: &str) -> Result<(f32, f32), String> {
    let wanted = || "give width and height such as 1280x800".to_owned();
    let (w, h) = text.split_once('x').ok_or_else(wanted)?;
    Ok((
        w.parse().map_err(|_| wanted())?,
        h.parse().map_err(|_| wanted())?,
    ))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let waker = Waker::default();
    let wake = waker.clone();
    let session = Session::new(move || wake.wake());
    if arguments.follow {
        for file in &arguments.files {
            session.follow(file);
        }
    }
    let source: Arc<dyn SessionSource> = Arc::new(LiveSession::new(session, waker.clone()));
    match arguments.what {
        Some(What::Demo { name, speed }) => {
            let name =
                name.unwrap_or_else(|| demo_cases().first().map_or("", |c| c.name).to_owned());
            if !demo_cases().iter().any(|c| c.name == name) {
                let known: Vec<&str> = demo_cases().iter().map(|c| c.name).collect();
                eprintln!("There is no case \"{name}\". Known: {}.", known.join(", "));
                return ExitCode::from(2);
            }
            let speed = match speed.as_str() {
                "1" => Speed::Real,
                "max" => Speed::Max,
                _ => Speed::Ten,
            };
            source.dispatch(Command::Demo { name, speed });
        }
        None if arguments.follow => {}
        None => {
            for file in arguments.files {
                source.dispatch(Command::OpenPath(file));
            }
        }
    }
    let look = arguments.look;
    let options = StartOptions {
        screenshot: look.screenshot,
        after_ms: look.after,
        frame_trace: look.frame_trace,
        zoom: look.zoom,
        size: look.size,
        theme: look.theme,
    };
    match run(source, waker, Preferences::load(), options, |_| {}) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            if !e.details.is_empty() {
                eprintln!("  details: {}", e.details);
            }
            ExitCode::from(2)
        }
    }
}
