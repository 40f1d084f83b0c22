//! Profiles of the user's own: copy one, change a figure, save it, hand it on, take one in.
//!
//! In: a profile and what a person types. Out: a changed profile whose changed figures name who said
//! so, or one sentence that says what is wrong. Figures that were not touched keep their source.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{DeviceProfile, Limit, LimitKind};

/// Larger files are no profiles.
const LARGEST: u64 = 1024 * 1024;

/// Why a change, a file or an import cannot be used; one sentence.
#[derive(Debug, Error)]
pub enum EditError {
    /// What was typed is not usable; the sentence says what would be.
    #[error("{0}")]
    Typed(String),
    /// The file is not a profile.
    #[error("{file} is no device profile: {why}.")]
    NotAProfile {
        /// Its name.
        file: String,
        /// What the reader says.
        why: String,
    },
    /// A profile of this id is in the folder already.
    #[error("A profile \u{201c}{0}\u{201d} of your own is there already.")]
    Exists(String),
    /// The system refuses.
    #[error("{} cannot be {what}. Choose another folder.", .path.display())]
    System {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The system's word.
        #[source]
        source: io::Error,
    },
}

/// A figure as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// At most; several where the document can be read several ways, smallest first.
    AtMost(Vec<u64>),
    /// From the first to the second.
    Between(u64, u64),
    /// At least.
    AtLeast(u64),
    /// One of these words.
    OneOf(Vec<String>),
}

impl Figure {
    /// Reads what was typed for a limit of this kind: `2500`, `2,500 or 2,560`, `1024 to 4096`,
    /// `at least 2048`, `secp256r1, secp384r1`.
    ///
    /// # Errors
    /// One sentence that says what would be right.
    pub fn read(kind: LimitKind, typed: &str) -> Result<Self, EditError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EditError::Typed(
                "The figure is empty. A limit that bounds nothing is left out instead.".into(),
            ));
        }
        if kind.is_list() {
            let words: Vec<String> = typed
                .split([',', ';'])
                .map(str::trim)
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect();
            return Ok(Self::OneOf(words));
        }
        if let Some(least) = typed.strip_prefix("at least ") {
            return Ok(Self::AtLeast(number(least)?));
        }
        if let Some((from, to)) = typed.split_once(" to ") {
            let (from, to) = (number(from)?, number(to)?);
            if from > to {
                return Err(EditError::Typed(format!(
                    "{from} to {to} begins above its end. Write the smaller figure first."
                )));
            }
            return Ok(Self::Between(from, to));
        }
        let mut readings = typed
            .split(" or ")
            .map(number)
            .collect::<Result<Vec<u64>, _>>()?;
        readings.sort_unstable();
        readings.dedup();
        Ok(Self::AtMost(readings))
    }

    /// The figure of a limit as it would be typed.
    #[must_use]
    pub fn typed(limit: &Limit) -> String {
        let most: Vec<String> = limit.at_most.iter().map(u64::to_string).collect();
        match (limit.at_least, most.is_empty()) {
            _ if !limit.one_of.is_empty() => limit.one_of.join(", "),
            (Some(least), false) => format!("{least} to {}", most.join(" or ")),
            (Some(least), true) => format!("at least {least}"),
            (None, _) => most.join(" or "),
        }
    }

    fn put(self, limit: &mut Limit) {
        limit.at_most = Vec::new();
        limit.at_least = None;
        limit.one_of = Vec::new();
        limit.floor = false;
        match self {
            Self::AtMost(readings) => limit.at_most = readings,
            Self::Between(from, to) => {
                limit.at_least = Some(from);
                limit.at_most = vec![to];
            }
            Self::AtLeast(least) => limit.at_least = Some(least),
            Self::OneOf(words) => limit.one_of = words,
        }
    }
}

fn number(text: &str) -> Result<u64, EditError> {
    let digits: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ',' | '_' | ' ' | '\u{2019}' | '\''))
        .collect();
    let found = digits.parse::<u64>().ok().filter(|n| *n > 0);
    found.ok_or_else(|| {
        EditError::Typed(format!(
            "\u{201c}{}\u{201d} is no figure. Write 2500, or 2500 or 2560 where the document can be read both ways, or 1024 to 4096.",
            text.trim()
        ))
    })
}

/// Is this an id that can be a file name everywhere?
///
/// # Errors
/// One sentence.
pub fn check_id(id: &str) -> Result<(), EditError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id.is_empty() || id.len() > 64 || id.starts_with('.') || !id.chars().all(plain) {
        return Err(EditError::Typed(
            "An id has letters, digits, hyphens and dots only, at most 64, such as my-module."
                .into(),
        ));
    }
    Ok(())
}

impl DeviceProfile {
    /// A copy to change, under another id and name.
    ///
    /// # Errors
    /// When the id cannot be used.
    pub fn copied(&self, id: &str, name: &str) -> Result<Self, EditError> {
        check_id(id)?;
        let name = name.trim();
        if name.is_empty() {
            return Err(EditError::Typed("A profile needs a name.".into()));
        }
        Ok(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            aliases: Vec::new(),
            ..self.clone()
        })
    }

    /// Changes the figure of a limit; its source becomes the person and the day (`2026-11-26`). A
    /// figure that stays the same keeps its source.
    ///
    /// # Errors
    /// One sentence that says what would be right.
    pub fn state_figure(&mut self, limit: usize, typed: &str, day: &str) -> Result<(), EditError> {
        let Some(limit) = self.limits.get_mut(limit) else {
            return Err(EditError::Typed("This limit is not there any more.".into()));
        };
        let before = limit.clone();
        Figure::read(limit.what, typed)?.put(limit);
        if *limit != before {
            limit.says = format!(
                "{} instead of {}.",
                Figure::typed(limit),
                Figure::typed(&before)
            );
            limit.source = stated(day);
        }
        Ok(())
    }

    /// Adds a limit that a person states.
    ///
    /// # Errors
    /// One sentence that says what would be right.
    pub fn state_limit(
        &mut self,
        what: LimitKind,
        typed: &str,
        says: &str,
        day: &str,
    ) -> Result<(), EditError> {
        let mut limit = Limit {
            what,
            at_most: Vec::new(),
            at_least: None,
            floor: false,
            one_of: Vec::new(),
            says: String::new(),
            source: stated(day),
        };
        Figure::read(what, typed)?.put(&mut limit);
        let says = says.trim();
        limit.says = if says.is_empty() {
            format!("{}: {}.", what.text(), Figure::typed(&limit))
        } else {
            says.to_owned()
        };
        self.limits.push(limit);
        Ok(())
    }
}

fn stated(day: &str) -> String {
    format!("stated by you, {day}")
}

/// Writes a profile into `devices/` of the user's folder and gives its path. One of the same id is
/// replaced only when `replace`.
///
/// # Errors
/// When the profile has gaps, is there already, or the system refuses.
pub fn save_profile(
    folder: &Path,
    profile: &DeviceProfile,
    replace: bool,
) -> Result<PathBuf, EditError> {
    check_id(&profile.id)?;
    if let Some(gap) = profile.gaps().first() {
        return Err(EditError::Typed(gap.clone()));
    }
    let devices = folder.join("devices");
    let path = devices.join(format!("{}.toml", profile.id));
    if !replace && path.symlink_metadata().is_ok() {
        return Err(EditError::Exists(profile.id.clone()));
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| EditError::System {
            path,
            what: "written",
            source,
        }
    };
    fs::create_dir_all(&devices).map_err(failed(&devices))?;
    // Written beside it first: a full disk never leaves half a profile.
    let beside = devices.join(format!(".{}.new", profile.id));
    let written = fs::File::create(&beside)
        .and_then(|mut f| {
            f.write_all(profile.to_toml().as_bytes())?;
            f.sync_all()
        })
        .and_then(|()| fs::rename(&beside, &path));
    if let Err(e) = written {
        let _ = fs::remove_file(&beside);
        return Err(failed(&path)(e));
    }
    Ok(path)
}

/// Reads a profile from any file, such as one that somebody sent.
///
/// # Errors
/// When it cannot be read, is no profile, or has gaps.
pub fn read_profile(path: &Path) -> Result<DeviceProfile, EditError> {
    let failed = |source| EditError::System {
        path: path.to_owned(),
        what: "read",
        source,
    };
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let not = |why: String| EditError::NotAProfile {
        file: name.clone().into_owned(),
        why: why.trim_end_matches(['.', '\n']).to_owned(),
    };
    if fs::metadata(path).map_err(failed)?.len() > LARGEST {
        return Err(not("it is larger than 1 MB".into()));
    }
    let bytes = fs::read(path).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|_| not("it is no text".into()))?;
    let profile: DeviceProfile = toml::from_str(&text).map_err(|e| not(e.message().to_owned()))?;
    check_id(&profile.id)?;
    match profile.gaps().first() {
        Some(gap) => Err(EditError::Typed(gap.clone())),
        None => Ok(profile),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::device::DeviceList;

    #[test]
    fn figures_are_read_as_people_write_them() {
        let read = |text| Figure::read(LimitKind::PeerCertificateBytes, text);
        assert_eq!(read("2500").unwrap(), Figure::AtMost(vec![2_500]));
        assert_eq!(
            read("2,560 or 2,500").unwrap(),
            Figure::AtMost(vec![2_500, 2_560])
        );
        assert_eq!(read("1024 to 4096").unwrap(), Figure::Between(1_024, 4_096));
        assert_eq!(read("at least 2048").unwrap(), Figure::AtLeast(2_048));
        assert_eq!(
            Figure::read(LimitKind::EcCurves, "secp256r1, secp384r1").unwrap(),
            Figure::OneOf(vec!["secp256r1".into(), "secp384r1".into()])
        );
        for bad in [
            "",
            "2.5 KB",
            "many",
            "0",
            "-4",
            "9 to 3",
            "99999999999999999999",
        ] {
            let sentence = read(bad).unwrap_err().to_string();
            assert!(sentence.ends_with('.'), "{bad}: {sentence}");
        }
    }

    #[test]
    fn only_what_was_changed_gets_a_new_source() {
        let devices = DeviceList::embedded();
        let mut mine = devices
            .get("spwf04sx")
            .unwrap()
            .copied("mine", "Mine")
            .unwrap();
        let before = mine.limits.clone();
        mine.state_figure(0, "2500 or 2560", "2026-11-26").unwrap();
        assert_eq!(mine.limits, before);
        mine.state_figure(0, "3000", "2026-11-26").unwrap();
        assert_eq!(mine.limits[0].source, "stated by you, 2026-11-26");
        assert_eq!(mine.limits[0].says, "3000 instead of 2500 or 2560.");
        assert_eq!(mine.limits[1..], before[1..]);
        assert!(mine.state_figure(0, "lots", "2026-11-26").is_err());
        assert_eq!(mine.limits[0].at_most, [3_000]);
        assert_eq!(mine.gaps(), Vec::<String>::new());
    }

    #[test]
    fn every_limit_of_every_profile_can_be_typed_back() {
        for profile in DeviceList::embedded().profiles {
            for limit in &profile.limits {
                let mut again = limit.clone();
                let typed = Figure::typed(limit);
                Figure::read(limit.what, &typed).unwrap().put(&mut again);
                assert_eq!(&again, limit, "{}: {typed}", profile.id);
            }
        }
    }

    #[test]
    fn a_profile_goes_to_a_file_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let devices = DeviceList::embedded();
        let mine = devices
            .get("nrf91")
            .unwrap()
            .copied("mine", "Mine")
            .unwrap();
        let path = save_profile(folder.path(), &mine, false).unwrap();
        assert!(matches!(
            save_profile(folder.path(), &mine, false),
            Err(EditError::Exists(_))
        ));
        save_profile(folder.path(), &mine, true).unwrap();
        assert_eq!(read_profile(&path).unwrap(), mine);
        let list = DeviceList::with_folder(folder.path());
        assert_eq!(list.own, ["mine"]);
        assert!(list.problems.is_empty());
        for (text, says) in [
            ("x = 1", "is no device profile"),
            (
                "id = \"../x\"\nname = \"X\"\nabout = \"x\"",
                "An id has letters",
            ),
            ("\u{0}", "is no device profile"),
        ] {
            let bad = folder.path().join("bad.toml");
            std::fs::write(&bad, text).unwrap();
            let sentence = read_profile(&bad).unwrap_err().to_string();
            assert!(sentence.contains(says), "{sentence}");
        }
    }
}
