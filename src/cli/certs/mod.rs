//! `certs`: what certificates and keys are, and whether a device can live with them.

mod compare;
mod export;
mod json;
mod parallel;
mod text;

use std::fs;
use std::io::Read;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use super::arguments::Certs;
use super::inputs::now;
use super::output::{Status, Streams};
use crate::cert::{
    self, CertFile, CertTables, Fit, Inspection, Lint, Passwords, Question, Severity,
};
use crate::device::{ConfigReading, DeviceList, DeviceProfile, read_config};
use crate::evidence::Micros;
use crate::session::figures::parse_rfc3339;

/// Larger files are not read: no certificate, key or log of them is that large.
const LARGEST: u64 = 256 * 1024 * 1024;

/// `--device all`: which devices could take it.
const ALL: &str = "all";

/// Everything that the two ways of writing need.
struct Answer<'a> {
    files: &'a [CertFile],
    inspection: &'a Inspection<'a>,
    /// What each certificate breaks, in the order of the inspection.
    lints: &'a [Vec<Lint<'a>>],
    tables: &'a CertTables,
    question: &'a Question<'a>,
    config: Option<&'a ConfigReading>,
    /// All devices with what they make of it, where that is asked for.
    every: Option<Vec<(&'a DeviceProfile, Vec<Fit>)>>,
    at: Micros,
    at_from: &'static str,
}

pub(super) fn run(given: &Certs, json: bool, streams: &mut Streams<'_>) -> Status {
    let devices = given
        .assets
        .as_deref()
        .map_or_else(DeviceList::embedded, DeviceList::with_folder);
    for problem in &devices.problems {
        streams.say(&problem.sentence);
    }
    let tables =
        (given.assets.as_deref()).map_or_else(CertTables::default, CertTables::with_folder);
    for (file, sentence) in &tables.problems {
        streams.say(&format!("{file}: {sentence}"));
    }
    let config = match read_configuration(given, streams) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let profile = match choose(given, &devices, streams) {
        Ok(profile) => profile,
        Err(status) => return status,
    };
    let (at, at_from) = match given.at.as_deref().map(|text| (text, parse_rfc3339(text))) {
        None => (now(), "now"),
        Some((_, Some(at))) => (at, "stated"),
        Some((text, None)) => {
            streams.say(&format!(
                "\u{201c}{text}\u{201d} is not a time. Write it as 2019-06-04T07:54:18Z."
            ));
            return Status::Unusable;
        }
    };
    let passwords = match read_passwords(&given.password_file, streams) {
        Ok(passwords) => passwords,
        Err(status) => return status,
    };
    // The command ends with these: taking thousands of certificates apart again is not waited for.
    let files = ManuallyDrop::new(read_all(&given.files, &passwords, streams));
    if files.is_empty() {
        streams.say("No input could be read.");
        return Status::Unusable;
    }
    let mut trusted = read_all(&given.ca, &passwords, streams);
    if trusted.iter().all(|f| f.certificates().next().is_none()) && !given.ca.is_empty() {
        streams.say("The files of --ca hold no certificate.");
        return Status::Unusable;
    }
    if given.system_roots {
        let roots = cert::platform_roots();
        for error in &roots.errors {
            streams.say(&format!("A root of this system cannot be read ({error})."));
        }
        if roots.file.is_empty() {
            streams.say("This system has no roots where they are looked for.");
            return Status::Unusable;
        }
        trusted.push(roots.file);
    }
    let question = Question {
        trusted: &trusted,
        profile: config.as_ref().map(|c| &c.profile).or(profile),
        host: given.host.as_deref(),
        at_unix_s: at.div_euclid(1_000_000),
    };
    if given.out.modem.as_deref() == Some("list") {
        return export::list(&tables, streams);
    }
    if given.compare {
        return compared(&files, &question, &tables, (at, at_from), json, streams);
    }
    let inspection = ManuallyDrop::new(Inspection::of(&files, &question));
    let lints = parallel::each(&inspection.certificates, |(_, _, c)| tables.lints.of(c));
    let lints = ManuallyDrop::new(lints);
    let answer = Answer {
        files: &files,
        inspection: &inspection,
        lints: &lints,
        tables: &tables,
        question: &question,
        config: config.as_ref(),
        every: (given.device.as_deref() == Some(ALL)).then(|| {
            devices
                .profiles
                .iter()
                .filter(|p| p.id != "unknown")
                .map(|p| (p, inspection.fit_of(&files, &trusted, p)))
                .collect()
        }),
        at,
        at_from,
    };
    let written = match export::run(&given.out, &inspection, question.profile, &tables) {
        Ok(written) => written,
        Err(sentences) => {
            for sentence in sentences {
                streams.say(&sentence);
            }
            return Status::Unusable;
        }
    };
    if json {
        let mut page = json::page(&answer);
        if let Some(written) = &written {
            page.add("exported", written.json());
        }
        if page.is_large() {
            // A reader that went away is no error worth a message.
            let _ = page.write_line(&mut streams.out);
        } else {
            streams.json(&page);
        }
    } else if let Some(written) = &written {
        streams.result(&written.text());
    } else {
        streams.result(&text::page(&answer));
    }
    if written.is_some() {
        return Status::Fine;
    }
    let damaged = files.iter().any(|f| {
        f.problems
            .iter()
            .chain(f.certificates().flat_map(|c| &c.problems))
            .any(|p| p.severity == Severity::Error)
    });
    let broken = lints
        .iter()
        .flatten()
        .any(|lint| lint.severity == Severity::Error);
    if damaged || broken || inspection.has_problem(&question) {
        Status::Problem
    } else {
        Status::Fine
    }
}

/// Old and new: the new one is inspected, with what changed beside it.
fn compared(
    files: &[CertFile],
    question: &Question<'_>,
    tables: &CertTables,
    (at, at_from): (Micros, &'static str),
    json: bool,
    streams: &mut Streams<'_>,
) -> Status {
    let [old, new] = files else {
        streams.say("--compare takes two files: the old one, then the new one.");
        return Status::Unusable;
    };
    if let Some(file) = files.iter().find(|f| f.certificates().next().is_none()) {
        streams.say(&format!("{} holds no certificate.", file.name));
        return Status::Unusable;
    }
    let found = compare::Compare::of(old, new, question, tables);
    if json {
        let inspection = Inspection::of(std::slice::from_ref(new), question);
        let lints = parallel::each(&inspection.certificates, |(_, _, c)| tables.lints.of(c));
        let answer = Answer {
            files: std::slice::from_ref(new),
            inspection: &inspection,
            lints: &lints,
            tables,
            question,
            config: None,
            every: None,
            at,
            at_from,
        };
        let mut page = json::page(&answer);
        page.add("comparison", found.json());
        streams.json(&page);
    } else {
        streams.result(&found.text());
    }
    if found.breaks() {
        Status::Problem
    } else {
        Status::Fine
    }
}

fn choose<'a>(
    given: &Certs,
    devices: &'a DeviceList,
    streams: &mut Streams<'_>,
) -> Result<Option<&'a DeviceProfile>, Status> {
    let Some(id) = given.device.as_ref().filter(|id| *id != ALL) else {
        return Ok(None);
    };
    if let Some(profile) = devices.get(id) {
        return Ok(Some(profile));
    }
    if id != "list" {
        streams.say(&format!("The device \u{201c}{id}\u{201d} is not known."));
    }
    streams.say("Known devices:");
    for profile in &devices.profiles {
        streams.say(&format!("  {:<24} {}", profile.id, profile.name));
    }
    Err(Status::Unusable)
}

fn read_configuration(
    given: &Certs,
    streams: &mut Streams<'_>,
) -> Result<Option<ConfigReading>, Status> {
    let Some(path) = &given.config else {
        return Ok(None);
    };
    match read_bytes(path) {
        Ok(bytes) => Ok(Some(read_config(
            &shown(path),
            &String::from_utf8_lossy(&bytes),
        ))),
        Err(error) => {
            streams.say(&format!("{} cannot be read.", path.display()));
            streams.say(&format!("  ({error})"));
            Err(Status::Unusable)
        }
    }
}

/// The first line of each file, without its line end.
fn read_passwords(paths: &[PathBuf], streams: &mut Streams<'_>) -> Result<Passwords, Status> {
    let mut passwords = Passwords::none();
    for path in paths {
        match read_bytes(path).map(Zeroizing::new) {
            Ok(bytes) => {
                let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
                passwords.add(line.strip_suffix(b"\r").unwrap_or(line));
            }
            Err(error) => {
                streams.say(&format!("{} cannot be read.", path.display()));
                streams.say(&format!("  ({error})"));
                return Err(Status::Unusable);
            }
        }
    }
    Ok(passwords)
}

/// Reads files, and all files below folders in the order of their names.
fn read_all(paths: &[PathBuf], passwords: &Passwords, streams: &mut Streams<'_>) -> Vec<CertFile> {
    let mut named: Vec<(PathBuf, String)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut inside = Vec::new();
            collect(path, &mut inside, 0);
            inside.sort();
            for file in inside {
                let name = file.strip_prefix(path).unwrap_or(&file);
                let name = name.to_string_lossy().into_owned();
                named.push((file, name));
            }
        } else {
            named.push((path.clone(), shown(path)));
        }
    }
    let read = parallel::each(&named, |(path, name)| {
        read_bytes(path).map(|mut bytes| {
            let file = cert::read_with(name, &bytes, passwords);
            // It may have held a private key.
            bytes.zeroize();
            file
        })
    });
    let mut out = Vec::new();
    for ((path, _), read) in named.iter().zip(read) {
        match read {
            Ok(file) => out.push(file),
            Err(error) => {
                streams.say(&format!("{} cannot be read.", path.display()));
                streams.say(&format!("  ({error})"));
            }
        }
    }
    out
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < 16 => collect(&entry.path(), out, depth + 1),
            Ok(kind) if kind.is_file() => out.push(entry.path()),
            _ => {}
        }
    }
}

fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_end(&mut bytes)?;
    } else {
        let mut file = fs::File::open(path)?;
        let about = file.metadata()?;
        if about.len() > LARGEST {
            return Err(std::io::Error::other("larger than 256 MB"));
        }
        // A plain file is read in one go; what grew meanwhile, and what has no size, to its end.
        bytes.resize(usize::try_from(about.len()).unwrap_or(0) + 1, 0);
        let read = file.read(&mut bytes)?;
        let whole = about.is_file() && read + 1 == bytes.len();
        bytes.truncate(read);
        if !whole {
            file.take(LARGEST).read_to_end(&mut bytes)?;
        }
    }
    Ok(bytes)
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".into();
    }
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
