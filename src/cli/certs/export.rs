//! `certs FILE... --export FOLDER`: certificates out again.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cert::{
    CertTables, Certificate, ExportError, ExportFile, ExportForm, ExportWish, Inspection, Script,
    export_with, stored_fit, write_export,
};
use crate::cli::arguments::CertsOut;
use crate::cli::output::{Status, Streams};
use crate::device::DeviceProfile;
use crate::session::figures::count;

/// What was written.
pub(super) struct Written<'a> {
    files: Vec<ExportFile>,
    paths: Vec<PathBuf>,
    profile: Option<&'a DeviceProfile>,
}

/// Names the modems whose commands are known.
pub(super) fn list(tables: &CertTables, streams: &mut Streams<'_>) -> Status {
    let mut out = String::new();
    for script in tables.scripts.iter() {
        let _ = writeln!(out, "{:<16}{}", script.id, script.name);
    }
    streams.result(&out);
    Status::Fine
}

/// Writes, where that is asked for. `Err`: sentences for the person.
pub(super) fn run<'a>(
    given: &CertsOut,
    inspection: &Inspection<'_>,
    profile: Option<&'a DeviceProfile>,
    tables: &CertTables,
) -> Result<Option<Written<'a>>, Vec<String>> {
    let Some(folder) = &given.export else {
        return Ok(None);
    };
    let wish = wish(given, profile, &tables.scripts)?;
    let certificates: Vec<&Certificate> = inspection
        .certificates
        .iter()
        .map(|(_, _, c)| *c)
        .chain(inspection.trusted.iter().copied())
        .collect();
    let files = export_with(&certificates, &wish, &tables.scripts);
    if files.is_empty() {
        return Err(vec!["There is no certificate to write.".into()]);
    }
    match write_export(&files, folder, given.replace) {
        Ok(paths) => Ok(Some(Written {
            files,
            paths,
            profile,
        })),
        Err(error) => {
            let mut out = vec![match &error {
                ExportError::Exists(_) => {
                    format!("{error}. Nothing was written; --replace replaces them.")
                }
                ExportError::Write { .. } => error.to_string(),
            }];
            if let Some(cause) = std::error::Error::source(&error) {
                out.push(format!("  ({cause})"));
            }
            Err(out)
        }
    }
}

fn wish(
    given: &CertsOut,
    profile: Option<&DeviceProfile>,
    scripts: &[Script],
) -> Result<ExportWish, Vec<String>> {
    let mut wish = profile.map_or_else(ExportWish::default, |p| {
        ExportWish::for_device_by(p, scripts)
    });
    let device_script = matches!(wish.form, ExportForm::Script(_));
    match given.form.as_deref() {
        Some("at") | None if given.modem.is_some() => {
            let id = given.modem.clone().unwrap_or_default();
            if !scripts.iter().any(|s| s.id == id) {
                let ids: Vec<&str> = scripts.iter().map(|s| s.id.as_str()).collect();
                return Err(vec![format!(
                    "The modem \u{201c}{id}\u{201d} is not known. Known modems: {}.",
                    ids.join(", ")
                )]);
            }
            wish.form = ExportForm::Script(id);
        }
        Some("at") if !device_script => {
            return Err(vec![
                "--form at needs --modem, or a device whose commands are known. --modem list names them.".into(),
            ]);
        }
        Some("at") | None => {}
        Some(form) => {
            let plain = ExportForm::PLAIN
                .into_iter()
                .find(|(_, word)| *word == form);
            wish.form = plain.map_or(ExportForm::Pem, |(form, _)| form);
        }
    }
    wish.split |= given.split;
    wish.hash_names |= given.hash_names;
    wish.nul |= given.nul;
    wish.without_root |= given.without_root;
    wish.without_extra |= given.without_extra;
    Ok(wish)
}

impl Written<'_> {
    /// The value of `exported` in the JSON contract.
    pub fn json(&self) -> Value {
        let rows = self.files.iter().zip(&self.paths).map(|(file, path)| {
            json!({
                "name": file.name,
                "path": path.display().to_string(),
                "bytes": file.bytes.len(),
                "certificates": file.certificates,
                "about": file.about,
                "sha256": data_encoding::HEXLOWER.encode(&Sha256::digest(&file.bytes)),
                "over": self.over(file).into_iter().map(|(limit, by)| json!({
                    "limit": limit,
                    "over_by": by,
                })).collect::<Vec<_>>(),
            })
        });
        Value::Array(rows.collect())
    }

    fn over(&self, file: &ExportFile) -> Vec<(&'static str, u64)> {
        self.profile
            .map_or_else(Vec::new, |p| stored_fit(file, p))
            .into_iter()
            .filter_map(|(limit, over)| Some((limit.what.as_str(), over?)))
            .collect()
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        for (file, path) in self.files.iter().zip(&self.paths) {
            let _ = writeln!(
                out,
                "{}  {}, {}",
                path.display(),
                count(file.bytes.len() as u64, "byte"),
                file.about
            );
            for (limit, by) in self.over(file) {
                let _ = writeln!(
                    out,
                    "  x over the limit {} by {by}",
                    limit.replace('_', " ")
                );
            }
        }
        out
    }
}
