//! What the window keeps between two starts: theme, zoom, motion.
//!
//! In: a small TOML file in the person's configuration folder. Out: [`Preferences`]. A file that
//! cannot be read means the defaults; a file that cannot be written is no reason to stop.

use std::path::{Path, PathBuf};

use egui::{Theme, ThemePreference};
use serde::{Deserialize, Serialize};

/// Choices of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// `dark`, `light` or `system`.
    pub theme: String,
    /// Zoom factor, 0.8 to 2.5.
    pub zoom: f32,
    /// No movement but what is live.
    pub reduce_motion: bool,
    /// Folder of recordings, if chosen.
    pub recording_folder: Option<PathBuf>,
    /// Folder with the person's own knowledge, if chosen.
    pub knowledge_folder: Option<PathBuf>,
    /// Where it was read; not written.
    #[serde(skip)]
    file: Option<PathBuf>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: "system".into(),
            zoom: 1.0,
            reduce_motion: false,
            recording_folder: None,
            knowledge_folder: None,
            file: None,
        }
    }
}

impl Preferences {
    /// Smallest and largest zoom.
    pub const ZOOM: (f32, f32) = (0.8, 2.5);

    /// Reads the file of this person; call it before the window opens.
    #[must_use]
    pub fn load() -> Self {
        match directories::ProjectDirs::from("", "", "handlens") {
            Some(dirs) => Self::load_from(&dirs.config_dir().join("window.toml")),
            None => Self::default(),
        }
    }

    /// Reads one file.
    #[must_use]
    pub fn load_from(file: &Path) -> Self {
        let mut read: Self = std::fs::read_to_string(file)
            .ok()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default();
        if !read.zoom.is_finite() {
            read.zoom = 1.0;
        }
        read.zoom = read.zoom.clamp(Self::ZOOM.0, Self::ZOOM.1);
        read.file = Some(file.to_owned());
        read
    }

    /// Writes the file in a thread of its own: the window never waits for a disk.
    pub fn save(&self) {
        let Some(file) = self.file.clone() else {
            return;
        };
        let Ok(text) = toml::to_string(self) else {
            return;
        };
        std::thread::spawn(move || {
            if let Some(folder) = file.parent() {
                // What cannot be written is asked for again at the next start, nothing else.
                let _ = std::fs::create_dir_all(folder);
                let _ = std::fs::write(file, text);
            }
        });
    }

    /// Theme for egui.
    #[must_use]
    pub fn theme_preference(&self) -> ThemePreference {
        match self.theme.as_str() {
            "dark" => ThemePreference::Dark,
            "light" => ThemePreference::Light,
            _ => ThemePreference::System,
        }
    }

    /// Chooses a theme; `None` follows the system.
    pub fn choose_theme(&mut self, theme: Option<Theme>) {
        self.theme = match theme {
            Some(Theme::Dark) => "dark",
            Some(Theme::Light) => "light",
            None => "system",
        }
        .into();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_broken_file_means_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.toml");
        std::fs::write(&file, "zoom = \"big\" [[").unwrap();
        let read = Preferences::load_from(&file);
        assert!((read.zoom - 1.0).abs() < f32::EPSILON);
        std::fs::write(&file, "zoom = 40.0\ntheme = \"light\"").unwrap();
        let read = Preferences::load_from(&file);
        assert!((read.zoom - 2.5).abs() < f32::EPSILON);
        assert_eq!(read.theme_preference(), ThemePreference::Light);
    }
}
