//! The code tables of `assets/codes/`: errors, alerts, states, flags and registered numbers.
//!
//! In: the embedded TOML files, and files of the same names in a folder of the user, which replace
//! them one by one. Out: [`CodeTables`], sorted for look-up, with a list of the files that could
//! not be read and why. Must not know how people write codes: that is `crate::codes`.

mod device;
mod rows;
mod stacks;

use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use device::{DeviceRow, DeviceTable};
pub use rows::{
    AlertRow, AnchorRow, ChangedRow, DebugLevelRow, ErrorRow, ExchangeRow, FlagAlertRow, FlagRow,
    Majors, NamedRow, Number, ReadingRow, SchemeRow, StackRow, StateLineRow, StateRow,
};

pub use stacks::{StackKind, StackTable, stack_tables};

/// One table: where it holds and where it comes from.
#[derive(Clone, Debug)]
pub struct Table<R> {
    /// File under `assets/codes/`.
    pub file: &'static str,
    /// Stack as shown to people, such as `Mbed TLS`.
    pub stack: String,
    /// Repository with tags, registry or RFC that the rows come from.
    pub source: String,
    /// The rows.
    pub rows: Vec<R>,
}

impl<R> Table<R> {
    fn empty(file: &'static str) -> Self {
        Self {
            file,
            stack: String::new(),
            source: String::new(),
            rows: Vec::new(),
        }
    }
}

/// A file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct Problem {
    /// Path of the file, as found.
    pub file: String,
    /// Why, in one line or more.
    pub reason: String,
}

/// All code tables.
#[derive(Clone, Debug)]
pub struct CodeTables {
    /// Mbed TLS errors of high-level modules, ascending by number.
    pub errors_high: Table<ErrorRow>,
    /// Mbed TLS errors of low-level modules, ascending by number.
    pub errors_low: Table<ErrorRow>,
    /// PSA status codes, ascending by number.
    pub psa_status: Table<ErrorRow>,
    /// Numbers that changed their meaning between 2.x and 3.x.
    pub changed: Table<ChangedRow>,
    /// Usual causes of frequent errors.
    pub readings: Table<ReadingRow>,
    /// Handshake states of Mbed TLS.
    pub states: Table<StateRow>,
    /// Versions of each column of [`StateRow::numbers`]: first and last `(major, minor)`.
    pub state_columns: Vec<((u8, u8), (u8, u8))>,
    /// Lines that fix a release, ascending by line.
    pub anchors: Table<AnchorRow>,
    /// How the state lines look.
    pub state_lines: Vec<StateLineRow>,
    /// What appears at which debug level.
    pub debug_levels: Table<DebugLevelRow>,
    /// Bits of the certificate check, ascending.
    pub verify_flags: Table<FlagRow>,
    /// Alert per flag, in order of precedence.
    pub flag_alerts: Vec<FlagAlertRow>,
    /// Alert for any other flag.
    pub other_flag_alert: u8,
    /// Alert descriptions, ascending.
    pub alerts: Table<AlertRow>,
    /// Record content types.
    pub content_types: Table<NamedRow>,
    /// Handshake message types.
    pub handshake_types: Table<NamedRow>,
    /// Extensions.
    pub extensions: Table<NamedRow>,
    /// Protocol versions.
    pub versions: Table<NamedRow>,
    /// Named groups.
    pub groups: Table<NamedRow>,
    /// Signature schemes.
    pub schemes: Table<SchemeRow>,
    /// Key exchanges of cipher suites.
    pub exchanges: Table<ExchangeRow>,
    /// Codes of devices and modules.
    pub devices: Vec<DeviceTable>,
    /// Files that could not be used; the embedded file stands in for a broken one of the user.
    pub problems: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain<R> {
    stack: String,
    kind: String,
    source: String,
    #[serde(
        alias = "code",
        alias = "changed",
        alias = "reading",
        alias = "level",
        alias = "alert",
        alias = "scheme",
        alias = "exchange"
    )]
    rows: Vec<R>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DevicesFile {
    table: Vec<DeviceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatesFile {
    stack: String,
    kind: String,
    source: String,
    columns: Vec<String>,
    state: Vec<StateRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorsFile {
    stack: String,
    kind: String,
    source: String,
    anchor: Vec<AnchorRow>,
    state_line: Vec<StateLineRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagsFile {
    stack: String,
    kind: String,
    source: String,
    other_alert: u8,
    flag: Vec<FlagRow>,
    alert: Vec<FlagAlertRow>,
}

/// Name and text of an embedded file.
macro_rules! embedded {
    ($name:literal) => {
        ($name, include_str!(concat!("../../assets/codes/", $name)))
    };
}

/// Reads files one after the other and notes what is wrong with them.
struct Loader<'a> {
    folder: Option<&'a Path>,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    /// The file of the user if there is one and it is sound, else the embedded one.
    fn file<T>(
        &mut self,
        (name, text): (&'static str, &str),
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if let Some(folder) = self.folder {
            let path = folder.join("codes").join(name);
            let found = match std::fs::read_to_string(&path) {
                Ok(own) => read(&own).map(Some),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.to_string()),
            };
            match found {
                Ok(Some(value)) => return Some(value),
                Ok(None) => {}
                Err(reason) => self.problems.push(Problem {
                    file: path.display().to_string(),
                    reason,
                }),
            }
        }
        match read(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.problems.push(Problem {
                    file: format!("assets/codes/{name}"),
                    reason,
                });
                None
            }
        }
    }

    fn plain<R: DeserializeOwned>(
        &mut self,
        (name, text): (&'static str, &str),
        kind: &str,
    ) -> Table<R> {
        self.file((name, text), |text| {
            let file: Plain<R> = parse(text)?;
            right_kind(&file.kind, kind)?;
            Ok(Table {
                file: name,
                stack: file.stack,
                source: file.source,
                rows: file.rows,
            })
        })
        .unwrap_or_else(|| Table::empty(name))
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())
}

fn right_kind(found: &str, wanted: &str) -> Result<(), String> {
    if found == wanted {
        Ok(())
    } else {
        Err(format!(
            "holds a table of kind \"{found}\" where \"{wanted}\" belongs"
        ))
    }
}

/// `2.4-3.0` or `3.1` as first and last version.
fn version_range(text: &str) -> Option<((u8, u8), (u8, u8))> {
    let one = |text: &str| {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    match text.split_once('-') {
        Some((first, last)) => Some((one(first)?, one(last)?)),
        None => one(text).map(|v| (v, v)),
    }
}

/// The files of devices and modules.
const DEVICE_FILES: &[(&str, &str)] = &[
    embedded!("devices/bearssl.toml"),
    embedded!("devices/cellular-others.toml"),
    embedded!("devices/esp-tls.toml"),
    embedded!("devices/firmware.toml"),
    embedded!("devices/netx.toml"),
    embedded!("devices/numberings.toml"),
    embedded!("devices/platforms.toml"),
    embedded!("devices/small-stacks.toml"),
    embedded!("devices/quectel.toml"),
    embedded!("devices/servers.toml"),
    embedded!("devices/simcom.toml"),
    embedded!("devices/simplelink.toml"),
    embedded!("devices/spwf04.toml"),
    embedded!("devices/ublox.toml"),
    embedded!("devices/wiced.toml"),
    embedded!("devices/xbee.toml"),
];

type StateTable = (Table<StateRow>, Vec<((u8, u8), (u8, u8))>);

fn read_states(name: &'static str, text: &str) -> Result<StateTable, String> {
    let file: StatesFile = parse(text)?;
    right_kind(&file.kind, "handshake_state")?;
    let columns = file
        .columns
        .iter()
        .map(|c| version_range(c).ok_or_else(|| format!("column \"{c}\" names no versions")))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(row) = file.state.iter().find(|r| r.numbers.len() != columns.len()) {
        return Err(format!(
            "state {} has {} numbers for {} columns",
            row.name,
            row.numbers.len(),
            columns.len()
        ));
    }
    let table = Table {
        file: name,
        stack: file.stack,
        source: file.source,
        rows: file.state,
    };
    Ok((table, columns))
}

impl CodeTables {
    /// Reads all tables. A file `codes/…` in `folder` replaces the embedded one of that name; a
    /// broken one is noted in [`Self::problems`] and the embedded one is used.
    #[must_use]
    pub fn load(folder: Option<&Path>) -> Self {
        let mut loader = Loader {
            folder,
            problems: Vec::new(),
        };
        let l = &mut loader;
        let states_file = embedded!("mbedtls/handshake_states.toml");
        let anchors_file = embedded!("mbedtls/version_anchors.toml");
        let flags_file = embedded!("mbedtls/verify_flags.toml");
        let (states, state_columns) = l
            .file(states_file, |text| read_states(states_file.0, text))
            .unwrap_or_else(|| (Table::empty(states_file.0), Vec::new()));
        let (anchors, state_lines) = l
            .file(anchors_file, |text| {
                let file: AnchorsFile = parse(text)?;
                right_kind(&file.kind, "version_anchor")?;
                let table = Table {
                    file: anchors_file.0,
                    stack: file.stack,
                    source: file.source,
                    rows: file.anchor,
                };
                Ok((table, file.state_line))
            })
            .unwrap_or_else(|| (Table::empty(anchors_file.0), Vec::new()));
        let (verify_flags, flag_alerts, other_flag_alert) = l
            .file(flags_file, |text| {
                let file: FlagsFile = parse(text)?;
                right_kind(&file.kind, "verify_flag")?;
                let table = Table {
                    file: flags_file.0,
                    stack: file.stack,
                    source: file.source,
                    rows: file.flag,
                };
                Ok((table, file.alert, file.other_alert))
            })
            .unwrap_or_else(|| (Table::empty(flags_file.0), Vec::new(), 46));
        let devices = DEVICE_FILES
            .iter()
            .filter_map(|file| l.file(*file, |text| parse::<DevicesFile>(text).map(|f| f.table)))
            .flatten()
            .collect();
        let mut tables = Self {
            devices,
            errors_high: l.plain(embedded!("mbedtls/errors_high.toml"), "error"),
            errors_low: l.plain(embedded!("mbedtls/errors_low.toml"), "error"),
            psa_status: l.plain(embedded!("mbedtls/psa_status.toml"), "psa_status"),
            changed: l.plain(
                embedded!("mbedtls/changed_meanings.toml"),
                "changed_meaning",
            ),
            readings: l.plain(embedded!("mbedtls/field_readings.toml"), "field_reading"),
            debug_levels: l.plain(embedded!("mbedtls/debug_levels.toml"), "debug_level"),
            alerts: l.plain(embedded!("tls/alerts.toml"), "alert"),
            content_types: l.plain(embedded!("tls/content_types.toml"), "content_type"),
            handshake_types: l.plain(embedded!("tls/handshake_types.toml"), "handshake_type"),
            extensions: l.plain(embedded!("tls/extensions.toml"), "extension"),
            versions: l.plain(embedded!("tls/versions.toml"), "version"),
            groups: l.plain(embedded!("tls/named_groups.toml"), "named_group"),
            schemes: l.plain(embedded!("tls/signature_schemes.toml"), "signature_scheme"),
            exchanges: l.plain(embedded!("tls/key_exchanges.toml"), "key_exchange"),
            states,
            state_columns,
            anchors,
            state_lines,
            verify_flags,
            flag_alerts,
            other_flag_alert,
            problems: Vec::new(),
        };
        tables.problems = loader.problems;
        tables.sort();
        tables
    }

    /// Look-up is by binary search, whatever order a file has.
    fn sort(&mut self) {
        for table in [
            &mut self.errors_high,
            &mut self.errors_low,
            &mut self.psa_status,
        ] {
            table.rows.sort_by_key(|r| r.number);
        }
        for table in [
            &mut self.content_types,
            &mut self.handshake_types,
            &mut self.extensions,
            &mut self.versions,
            &mut self.groups,
        ] {
            table.rows.sort_by_key(|r| r.number);
        }
        self.changed.rows.sort_by_key(|r| r.number);
        self.schemes.rows.sort_by_key(|r| r.number);
        self.alerts.rows.sort_by_key(|r| r.number);
        self.verify_flags.rows.sort_by_key(|r| r.bit);
        self.anchors.rows.sort_by_key(|r| r.line);
        for table in &mut self.devices {
            table.rows.sort_by_key(|r| r.number);
        }
    }
}

impl CodeTables {
    /// The table of a device or module by its id.
    #[must_use]
    pub fn device(&self, id: &str) -> Option<&DeviceTable> {
        self.devices.iter().find(|t| t.id == id)
    }
}

static TABLES: OnceLock<CodeTables> = OnceLock::new();

/// The tables of this process: the embedded ones, or what [`use_folder`] put in place.
#[must_use]
pub fn tables() -> &'static CodeTables {
    TABLES.get_or_init(|| CodeTables::load(None))
}

/// Lets the user's folder replace files of the tables. To be called once, before the first
/// look-up; returns false (and changes nothing) if the tables are in use already.
pub fn use_folder(folder: &Path) -> bool {
    let mut fresh = false;
    TABLES.get_or_init(|| {
        fresh = true;
        CodeTables::load(Some(folder))
    });
    fresh
}
