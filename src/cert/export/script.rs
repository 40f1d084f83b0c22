//! Commands that put certificates into a modem: `assets/modem-scripts.toml` filled in.
//!
//! In: certificates and the id of a script. Out: the script as text, and the files that it sends.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{ExportFile, ExportForm, ExportWish, forms};
use crate::cert::certificate::Certificate;

const TABLE: &str = include_str!("../../../assets/modem-scripts.toml");

/// What the modem is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Payload {
    Der,
    PemLf,
    PemCrlf,
}

/// The modem's words for the two kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    ca: Option<String>,
    client: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    send: Option<String>,
    #[serde(default)]
    data: bool,
    #[serde(default)]
    end: Option<String>,
    expect: String,
    #[serde(default)]
    says: Option<String>,
}

/// How one family of modems takes certificates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its id.
    pub id: String,
    /// Name as people say it.
    pub name: String,
    /// Ids of the device profiles that it is for.
    pub devices: Vec<String>,
    form: Payload,
    extension: String,
    kinds: Kinds,
    /// What else is to know.
    pub note: String,
    /// Where the commands are documented.
    pub source: String,
    #[serde(default)]
    before: Vec<Step>,
    each: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default, rename = "script")]
    scripts: Vec<Script>,
}

/// All scripts.
#[must_use]
pub fn scripts() -> &'static [Script] {
    static READ: OnceLock<Table> = OnceLock::new();
    &READ
        .get_or_init(|| toml::from_str(TABLE).unwrap_or_default())
        .scripts
}

/// Scripts from the text of a `modem-scripts.toml`.
pub(in crate::cert) fn scripts_of(text: &str) -> Result<Vec<Script>, String> {
    match toml::from_str::<Table>(text) {
        Ok(table) => Ok(table.scripts),
        Err(e) => Err(format!(
            "modem-scripts.toml cannot be read: {}",
            e.message()
        )),
    }
}

/// One certificate with the modem's word for its kind and the name that it gets there.
struct Loaded<'a> {
    certificate: &'a Certificate,
    kind: &'a str,
    ca: bool,
    name: String,
    bytes: Vec<u8>,
}

/// The files: the script first, then those that it sends.
pub(super) fn files(
    certificates: &[&Certificate],
    script: &Script,
    wish: &ExportWish,
) -> Vec<ExportFile> {
    let mut names: Vec<String> = Vec::new();
    let loaded: Vec<Loaded<'_>> = certificates
        .iter()
        .filter_map(|c| {
            let kind = if c.is_ca() {
                script.kinds.ca.as_deref()
            } else {
                script.kinds.client.as_deref()
            };
            let stem = short(&forms::stem(c, wish));
            let mut name = format!("{stem}.{}", script.extension);
            let mut n = 2;
            while names.contains(&name) {
                name = format!("{stem}-{n}.{}", script.extension);
                n += 1;
            }
            names.push(name.clone());
            Some(Loaded {
                certificate: c,
                kind: kind?,
                ca: c.is_ca(),
                name,
                bytes: match script.form {
                    Payload::Der => c.der.clone(),
                    Payload::PemLf => forms::armour(c, "\n").into_bytes(),
                    Payload::PemCrlf => forms::armour(c, "\r\n").into_bytes(),
                },
            })
        })
        .collect();
    let mut out = vec![ExportFile {
        name: format!("load-{}.txt", script.id),
        bytes: text(script, &loaded).into_bytes(),
        about: format!("commands, {}", script.name),
        certificates: 0,
        anchors: false,
        text: true,
    }];
    out.extend(loaded.into_iter().map(|l| ExportFile {
        about: if l.ca { "CA" } else { "client certificate" }.into(),
        name: l.name,
        bytes: l.bytes,
        certificates: 1,
        anchors: l.ca,
        text: script.form != Payload::Der,
    }));
    out
}

/// Names in a modem have at most 32 characters with their end (ubxlib's smallest maximum).
fn short(stem: &str) -> String {
    stem.chars()
        .take(28)
        .collect::<String>()
        .trim_end_matches(['-', '.'])
        .to_owned()
}

fn text(script: &Script, loaded: &[Loaded<'_>]) -> String {
    let mut out = format!(
        "# {}\n# Source: {}\n# {}\n# A line that begins with # is for the reader; other lines are sent, each ended by CR (inside quotes by LF).\n",
        script.name, script.source, script.note
    );
    let name = |ca: bool| loaded.iter().find(|l| l.ca == ca).map(|l| l.name.as_str());
    let names = (name(true), name(false));
    for step in &script.before {
        write(&mut out, step, None, names);
    }
    for (number, one) in loaded.iter().enumerate() {
        out.push_str(&format!(
            "\n# {}: {}, {} bytes, SHA-256 of the DER {}\n",
            if one.ca { "CA" } else { "client certificate" },
            line_of(&one.certificate.title()),
            one.bytes.len(),
            one.certificate.sha256
        ));
        for step in &script.each {
            write(&mut out, step, Some((number, one)), names);
        }
    }
    if !script.after.is_empty() {
        out.push('\n');
    }
    for step in &script.after {
        write(&mut out, step, None, names);
    }
    out
}

/// A title is the peer's text: nothing in it may become a line of its own.
fn line_of(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn write(
    out: &mut String,
    step: &Step,
    of: Option<(usize, &Loaded<'_>)>,
    (ca, client): (Option<&str>, Option<&str>),
) {
    let fill = |text: &str| -> Option<String> {
        // Both names in one line: the missing one stays empty. One alone: the step is left out.
        let both = text.contains("{ca}") && text.contains("{client}");
        if !both && (text.contains("{ca}") && ca.is_none())
            || !both && (text.contains("{client}") && client.is_none())
        {
            return None;
        }
        let mut text = text
            .replace("{ca}", ca.unwrap_or_default())
            .replace("{client}", client.unwrap_or_default());
        if let Some((number, one)) = of {
            text = text
                .replace("{kind}", one.kind)
                .replace("{name}", &one.name)
                .replace("{number}", &number.to_string())
                .replace("{bytes}", &one.bytes.len().to_string());
            if text.contains("{content}") {
                let content = String::from_utf8_lossy(&one.bytes);
                text = text.replace("{content}", content.trim_end());
            }
        }
        Some(text)
    };
    let send = match &step.send {
        Some(send) => match fill(send) {
            Some(line) => Some(line),
            None => return,
        },
        None => None,
    };
    if let Some(says) = &step.says {
        out.push_str(&format!("# {says}\n"));
    }
    if let Some(line) = send {
        out.push_str(&line);
        out.push('\n');
    }
    if step.data
        && let Some((_, one)) = of
    {
        let end = step
            .end
            .as_ref()
            .map_or_else(String::new, |e| format!(", then {e}"));
        out.push_str(&format!(
            "# Send the file {} as it is, {} bytes{end}.\n",
            one.name,
            one.bytes.len()
        ));
    }
    let expect = fill(&step.expect).unwrap_or_default();
    out.push_str(&format!("# Wait for: {expect}\n"));
}

/// The script of this id.
impl ExportForm {
    /// Its name for people.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Pem => "PEM, LF".into(),
            Self::PemCrLf => "PEM, CR LF".into(),
            Self::Der => "DER".into(),
            Self::CArray => "C array of DER".into(),
            Self::CString => "C string of PEM".into(),
            Self::Script(id) => scripts()
                .iter()
                .find(|s| s.id == *id)
                .map_or_else(|| id.clone(), |s| s.name.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::DeviceList;

    #[test]
    fn every_script_has_a_source_and_knows_its_devices() -> Result<(), toml::de::Error> {
        let table: Table = toml::from_str(TABLE)?;
        let devices = DeviceList::embedded();
        let mut ids = Vec::new();
        for script in &table.scripts {
            assert!(!ids.contains(&&script.id), "{} twice", script.id);
            ids.push(&script.id);
            assert!(script.source.len() > 10, "{}", script.id);
            assert!(script.kinds.ca.is_some(), "{}", script.id);
            for device in &script.devices {
                assert!(devices.get(device).is_some(), "{device}");
            }
            for step in script
                .before
                .iter()
                .chain(&script.each)
                .chain(&script.after)
            {
                assert!(step.send.is_some() != step.data, "{step:?}");
                assert!(!step.expect.is_empty());
            }
        }
        Ok(())
    }
}
