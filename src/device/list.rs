//! All profiles: those of the program and those of the user's folder.
//!
//! In: embedded TOML, and `devices/*.toml` below a folder. Out: [`DeviceList`]. A profile of the
//! user replaces one of the same id; a file that cannot be read is reported and the rest is in use.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::DeviceProfile;
use super::edit::check_id;

const EMBEDDED: &[(&str, &str)] = &[
    (
        "unknown.toml",
        include_str!("../../assets/devices/unknown.toml"),
    ),
    (
        "spwf04sx.toml",
        include_str!("../../assets/devices/spwf04sx.toml"),
    ),
    (
        "spwf01sx.toml",
        include_str!("../../assets/devices/spwf01sx.toml"),
    ),
    (
        "xbee3-cellular-ltem.toml",
        include_str!("../../assets/devices/xbee3-cellular-ltem.toml"),
    ),
    (
        "xbee-cellular-3g.toml",
        include_str!("../../assets/devices/xbee-cellular-3g.toml"),
    ),
    (
        "xbee-cellular-cat1.toml",
        include_str!("../../assets/devices/xbee-cellular-cat1.toml"),
    ),
    (
        "ublox-sara-r410m-02b.toml",
        include_str!("../../assets/devices/ublox-sara-r410m-02b.toml"),
    ),
    (
        "ublox-sara-r5.toml",
        include_str!("../../assets/devices/ublox-sara-r5.toml"),
    ),
    (
        "mbedtls-2.16.toml",
        include_str!("../../assets/devices/mbedtls-2.16.toml"),
    ),
    (
        "mbedtls-2.28.toml",
        include_str!("../../assets/devices/mbedtls-2.28.toml"),
    ),
    (
        "mbedtls-3.6.toml",
        include_str!("../../assets/devices/mbedtls-3.6.toml"),
    ),
    (
        "esp-idf.toml",
        include_str!("../../assets/devices/esp-idf.toml"),
    ),
    (
        "nrf91.toml",
        include_str!("../../assets/devices/nrf91.toml"),
    ),
    (
        "atwinc1500.toml",
        include_str!("../../assets/devices/atwinc1500.toml"),
    ),
    (
        "simcom-sim70x0.toml",
        include_str!("../../assets/devices/simcom-sim70x0.toml"),
    ),
    (
        "telit-ue910.toml",
        include_str!("../../assets/devices/telit-ue910.toml"),
    ),
    (
        "ti-cc3x20.toml",
        include_str!("../../assets/devices/ti-cc3x20.toml"),
    ),
    (
        "bearssl-esp8266.toml",
        include_str!("../../assets/devices/bearssl-esp8266.toml"),
    ),
    (
        "wolfssl.toml",
        include_str!("../../assets/devices/wolfssl.toml"),
    ),
    (
        "sequans-monarch.toml",
        include_str!("../../assets/devices/sequans-monarch.toml"),
    ),
    (
        "quectel-bg9x.toml",
        include_str!("../../assets/devices/quectel-bg9x.toml"),
    ),
    (
        "quectel-bc66.toml",
        include_str!("../../assets/devices/quectel-bc66.toml"),
    ),
    (
        "simcom-a76xx.toml",
        include_str!("../../assets/devices/simcom-a76xx.toml"),
    ),
    (
        "ublox-sara-u201.toml",
        include_str!("../../assets/devices/ublox-sara-u201.toml"),
    ),
    (
        "ublox-sara-r410m-03b.toml",
        include_str!("../../assets/devices/ublox-sara-r410m-03b.toml"),
    ),
    (
        "ublox-sara-r412m.toml",
        include_str!("../../assets/devices/ublox-sara-r412m.toml"),
    ),
    (
        "ublox-sara-r422.toml",
        include_str!("../../assets/devices/ublox-sara-r422.toml"),
    ),
    (
        "ublox-lara-r6.toml",
        include_str!("../../assets/devices/ublox-lara-r6.toml"),
    ),
    (
        "ublox-lena-r8.toml",
        include_str!("../../assets/devices/ublox-lena-r8.toml"),
    ),
    (
        "esp-at.toml",
        include_str!("../../assets/devices/esp-at.toml"),
    ),
    (
        "esp8266-nonos-at.toml",
        include_str!("../../assets/devices/esp8266-nonos-at.toml"),
    ),
    (
        "esp8266-axtls.toml",
        include_str!("../../assets/devices/esp8266-axtls.toml"),
    ),
    (
        "nina-fw.toml",
        include_str!("../../assets/devices/nina-fw.toml"),
    ),
    (
        "ti-cc3200.toml",
        include_str!("../../assets/devices/ti-cc3200.toml"),
    ),
    (
        "telit-le910.toml",
        include_str!("../../assets/devices/telit-le910.toml"),
    ),
    (
        "sierra-hl78xx.toml",
        include_str!("../../assets/devices/sierra-hl78xx.toml"),
    ),
    (
        "inventek-eswifi.toml",
        include_str!("../../assets/devices/inventek-eswifi.toml"),
    ),
    (
        "connectone-iw24.toml",
        include_str!("../../assets/devices/connectone-iw24.toml"),
    ),
    (
        "cyclonessl.toml",
        include_str!("../../assets/devices/cyclonessl.toml"),
    ),
    (
        "openssl.toml",
        include_str!("../../assets/devices/openssl.toml"),
    ),
    (
        "cinterion-els61.toml",
        include_str!("../../assets/devices/cinterion-els61.toml"),
    ),
    (
        "esp-atmod.toml",
        include_str!("../../assets/devices/esp-atmod.toml"),
    ),
    (
        "freertos-plus-tcp.toml",
        include_str!("../../assets/devices/freertos-plus-tcp.toml"),
    ),
    (
        "gnutls.toml",
        include_str!("../../assets/devices/gnutls.toml"),
    ),
    (
        "lwip-altcp-tls.toml",
        include_str!("../../assets/devices/lwip-altcp-tls.toml"),
    ),
    (
        "microchip-harmony.toml",
        include_str!("../../assets/devices/microchip-harmony.toml"),
    ),
    (
        "netx-duo.toml",
        include_str!("../../assets/devices/netx-duo.toml"),
    ),
    (
        "nuki-hub.toml",
        include_str!("../../assets/devices/nuki-hub.toml"),
    ),
    (
        "opendtu.toml",
        include_str!("../../assets/devices/opendtu.toml"),
    ),
    (
        "silabs-siwx91x.toml",
        include_str!("../../assets/devices/silabs-siwx91x.toml"),
    ),
    (
        "ublox-lexi-r10.toml",
        include_str!("../../assets/devices/ublox-lexi-r10.toml"),
    ),
    (
        "ublox-lexi-r422.toml",
        include_str!("../../assets/devices/ublox-lexi-r422.toml"),
    ),
    (
        "ublox-sara-r52.toml",
        include_str!("../../assets/devices/ublox-sara-r52.toml"),
    ),
    (
        "wiced.toml",
        include_str!("../../assets/devices/wiced.toml"),
    ),
    (
        "xbee3-cellular-ltem-telit.toml",
        include_str!("../../assets/devices/xbee3-cellular-ltem-telit.toml"),
    ),
    (
        "zephyr.toml",
        include_str!("../../assets/devices/zephyr.toml"),
    ),
];

/// A profile that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileProblem {
    /// File below the folder.
    pub file: String,
    /// One sentence.
    pub sentence: String,
}

/// All profiles by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceList {
    /// Profiles, in the order of their ids.
    pub profiles: Vec<DeviceProfile>,
    /// Ids of those that come from the user's folder.
    pub own: Vec<String>,
    /// What could not be read. The rest is in use.
    pub problems: Vec<ProfileProblem>,
}

impl DeviceList {
    /// The profiles of the program.
    #[must_use]
    pub fn embedded() -> Self {
        let mut list = Self::default();
        for (file, text) in EMBEDDED {
            list.take(file, text);
        }
        list.profiles.sort_by(|a, b| a.id.cmp(&b.id));
        list
    }

    /// The same with `devices/*.toml` of the user's folder on top. A folder that is not there
    /// changes nothing.
    #[must_use]
    pub fn with_folder(folder: &Path) -> Self {
        let mut list = Self::embedded();
        let mut files: Vec<PathBuf> = fs::read_dir(folder.join("devices"))
            .map(|entries| entries.filter_map(Result::ok).map(|e| e.path()).collect())
            .unwrap_or_default();
        files.retain(|p| p.extension().is_some_and(|x| x == "toml"));
        files.sort();
        for path in files {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match fs::read_to_string(&path) {
                Ok(text) => {
                    if let Some(id) = list.take(&name, &text) {
                        list.own.push(id);
                    }
                }
                Err(_) => list.problems.push(ProfileProblem {
                    sentence: format!("{} cannot be read.", path.display()),
                    file: name,
                }),
            }
        }
        list.profiles.sort_by(|a, b| a.id.cmp(&b.id));
        list
    }

    /// The profile of this id or alias, without regard to case.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&DeviceProfile> {
        let same = |name: &String| name.eq_ignore_ascii_case(id);
        self.profiles
            .iter()
            .find(|p| same(&p.id) || p.aliases.iter().any(same))
    }

    /// Writes a copy of a profile under a new id into the user's folder and returns its path.
    ///
    /// # Errors
    /// When the folder cannot be made, the file exists already, or writing fails.
    pub fn copy_to(
        &self,
        folder: &Path,
        profile: &DeviceProfile,
        new_id: &str,
    ) -> io::Result<PathBuf> {
        check_id(new_id).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        let devices = folder.join("devices");
        fs::create_dir_all(&devices)?;
        let path = devices.join(format!("{new_id}.toml"));
        let copy = DeviceProfile {
            id: new_id.to_owned(),
            aliases: Vec::new(),
            ..profile.clone()
        };
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        io::Write::write_all(&mut file, copy.to_toml().as_bytes())?;
        Ok(path)
    }

    /// Takes a profile; gives its id.
    fn take(&mut self, file: &str, text: &str) -> Option<String> {
        let profile = match toml::from_str::<DeviceProfile>(text) {
            Ok(profile) => profile,
            Err(error) => {
                self.problems.push(ProfileProblem {
                    file: file.to_owned(),
                    sentence: format!(
                        "{file}: {}. This profile is left out.",
                        error.message().trim_end_matches('.')
                    ),
                });
                return None;
            }
        };
        let gaps = profile.gaps();
        if let Some(gap) = gaps.first() {
            self.problems.push(ProfileProblem {
                file: file.to_owned(),
                sentence: format!("{gap} This profile is left out."),
            });
            return None;
        }
        let id = profile.id.clone();
        match self.profiles.iter_mut().find(|p| p.id == profile.id) {
            Some(old) => *old = profile,
            None => self.profiles.push(profile),
        }
        Some(id)
    }
}
