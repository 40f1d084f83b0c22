//! The headless commands: arguments in, one result on stdout, an exit status.
//!
//! stdout carries only the result; messages go to stderr; nothing prompts. Must not judge: it hands
//! inputs to the session and writes down what comes back.

mod arguments;
mod certs;
mod check_assets;
mod diagnose;
mod explain;
mod human;
mod inputs;
mod output;
mod predict;
mod probe;
mod report;
mod score;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
pub use output::Status;
use output::Streams;

/// Runs the command line `args` (the first is the program's name) and gives the exit status:
/// 0 done and nothing wrong found, 1 done and a problem was found, 2 bad usage or no input could be
/// read.
pub fn run<I, T>(args: I, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let mut streams = Streams { out, err };
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(e) => {
            let text = e.render().to_string();
            return if e.use_stderr() {
                streams.say(text.trim_end());
                Status::Unusable.into()
            } else {
                streams.result(&text);
                Status::Fine.into()
            };
        }
    };
    let json = arguments.json;
    let status = match arguments.command {
        Command::Diagnose(given) => diagnose::run(&given, json, &mut streams),
        Command::Watch(given) => watch::run(&given, json, &mut streams),
        Command::Certs(given) => certs::run(&given, json, &mut streams),
        Command::Probe(given) => probe::run(&given, json, &mut streams),
        Command::Predict(given) => predict::run(&given, json, &mut streams),
        Command::Explain(given) => explain::run(&given, json, &mut streams),
        Command::Report(given) => report::run(&given, json, &mut streams),
        Command::Score(given) => score::run(&given, json, &mut streams),
        Command::CheckAssets(given) => check_assets::run(&given, json, &mut streams),
    };
    status.into()
}
