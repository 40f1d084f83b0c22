//! Saving a session in the background and the list of sessions that were saved.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use serde::{Deserialize, Serialize};

use super::engine::Order;
use super::saved::{SaveError, SavedSession};
use super::shared::{Shared, locked};
use super::snapshot::{Problem, Tone, Verdict};

/// Sessions that are remembered at most.
const REMEMBERED: usize = 12;

/// A session that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentSession {
    /// Where it is.
    pub path: PathBuf,
    /// Its verdict's sentence.
    pub title: String,
    /// Tone of its verdict.
    pub tone: Tone,
    /// Its verdict in a word.
    pub word: String,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    title: String,
    tone: String,
    word: String,
}

/// Reads the list; files that are gone are left out.
pub(super) fn list(folder: &Path) -> Vec<RecentSession> {
    let text = std::fs::read(folder.join("recent.json")).unwrap_or_default();
    let entries: Vec<Entry> = serde_json::from_slice(&text).unwrap_or_default();
    entries
        .into_iter()
        .filter(|e| e.path.is_file())
        .take(REMEMBERED)
        .map(|e| RecentSession {
            path: e.path,
            title: e.title,
            tone: tone_of(&e.tone),
            word: e.word,
        })
        .collect()
}

/// Writes a session on a thread of its own; a failure becomes a problem, success an entry of the
/// list.
pub(super) fn save_in_background(
    shared: &Arc<Shared>,
    path: PathBuf,
    saved: SavedSession,
    verdict: Verdict,
) {
    let told = Arc::clone(shared);
    let spawned = thread::Builder::new().name("save".into()).spawn(move || {
        if let Err(e) = write(&path, saved) {
            told.send(Order::Problem(Problem {
                input: None,
                sentence: format!(
                    "{} was not saved. Choose another folder; the session is still open.",
                    path.display()
                ),
                details: e.to_string(),
            }));
            return;
        }
        let said = format!("Saved the session as {}.", path.display());
        *locked(&told.done) = Some(said);
        remember(&told, path, &verdict);
        (told.wake)();
    });
    if let Err(e) = spawned {
        shared.send(Order::Problem(Problem {
            input: None,
            sentence: "The session was not saved: the system gives no more threads. Try again."
                .into(),
            details: e.to_string(),
        }));
    }
}

/// Beside the old file first, then in its place: a full disk never costs the old one.
fn write(path: &Path, saved: SavedSession) -> Result<(), SaveError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let result = (|| {
        let mut out = BufWriter::new(File::create(&part)?);
        saved.write(&mut out)?;
        out.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(())
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    result
}

fn remember(shared: &Shared, path: PathBuf, verdict: &Verdict) {
    let Some(folder) = locked(&shared.folders).state.clone() else {
        return;
    };
    let path = std::path::absolute(&path).unwrap_or(path);
    let mut all = vec![RecentSession {
        path: path.clone(),
        title: verdict.sentence.clone(),
        tone: verdict.tone,
        word: verdict.word.clone(),
    }];
    all.extend(list(&folder).into_iter().filter(|r| r.path != path));
    all.truncate(REMEMBERED);
    let entries: Vec<Entry> = all
        .iter()
        .map(|r| Entry {
            path: r.path.clone(),
            title: r.title.clone(),
            tone: tone_word(r.tone).into(),
            word: r.word.clone(),
        })
        .collect();
    // The list is a convenience: where it cannot be written, the session is saved all the same.
    if let Ok(text) = serde_json::to_vec_pretty(&entries)
        && std::fs::create_dir_all(&folder).is_ok()
    {
        let _ = std::fs::write(folder.join("recent.json"), text);
    }
    *locked(&shared.recent) = all.into();
}

fn tone_word(tone: Tone) -> &'static str {
    match tone {
        Tone::Ok => "ok",
        Tone::Warn => "warn",
        Tone::Fail => "fail",
        Tone::Unknown => "unknown",
        Tone::Waiting => "waiting",
    }
}

fn tone_of(word: &str) -> Tone {
    [Tone::Ok, Tone::Warn, Tone::Fail, Tone::Waiting]
        .into_iter()
        .find(|t| tone_word(*t) == word)
        .unwrap_or(Tone::Unknown)
}
