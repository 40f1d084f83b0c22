//! Libraries of commands for devices and modules (`assets/commands/`): what a technician sends, with
//! what it does and where that is written.
//!
//! In: TOML. Out: [`CommandSet`]s; a command filled with its values becomes the exact text to send.
//! Nothing here sends anything.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The commands of one device or family.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CommandSet {
    /// Its id, such as `quectel`; where a dialect has this name, its logs choose the set.
    pub id: String,
    /// Devices as people call them.
    pub title: String,
    /// What ends a line: `cr`, `crlf`, `lf` or `none`.
    pub line_end: String,
    /// Where the commands are described.
    pub source: String,
    /// In the order to offer them.
    #[serde(rename = "command")]
    pub commands: Vec<CommandDef>,
}

/// One command.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct CommandDef {
    /// Id within the set.
    pub id: String,
    /// What it is for, in a few words.
    pub title: String,
    /// The text with `{name}` where a value belongs.
    pub text: String,
    /// What it changes in the device, one sentence; empty where it only asks.
    #[serde(default)]
    pub changes: String,
    /// It only asks although its form sets something.
    #[serde(default)]
    pub asks: bool,
    /// What to know before; may be empty.
    #[serde(default)]
    pub note: String,
    /// Where it is written, where that differs from the set's source.
    #[serde(default)]
    pub source: String,
    /// The values.
    #[serde(default, rename = "part")]
    pub parts: Vec<PartDef>,
    /// The set's line end does not follow it (`+++`).
    #[serde(default)]
    pub bare: bool,
}

/// A value that belongs into a command.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct PartDef {
    /// Name in the text.
    pub name: String,
    /// What it is.
    pub label: String,
    /// What stands there first.
    #[serde(default)]
    pub default: String,
    /// Values to choose from: value and what it stands for. Empty: any text.
    #[serde(default)]
    pub choices: Vec<(String, String)>,
}

impl CommandSet {
    /// The bytes that end a line.
    #[must_use]
    pub fn end(&self) -> &'static [u8] {
        match self.line_end.as_str() {
            "cr" => b"\r",
            "lf" => b"\n",
            "crlf" => b"\r\n",
            _ => b"",
        }
    }

    /// The bytes to send for this command with these values.
    #[must_use]
    pub fn bytes(&self, command: &CommandDef, values: &BTreeMap<String, String>) -> Vec<u8> {
        let mut bytes = command.filled(values).into_bytes();
        if !command.bare {
            bytes.extend_from_slice(self.end());
        }
        bytes
    }

    /// Faults of the set, one sentence each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut tell = |what: String| faults.push(format!("commands of {}: {what}", self.id));
        if self.source.trim().is_empty() {
            tell("no source".into());
        }
        if !["cr", "crlf", "lf", "none"].contains(&self.line_end.as_str()) {
            tell(format!("\"{}\" is no line end", self.line_end));
        }
        for (i, command) in self.commands.iter().enumerate() {
            if self.commands.iter().take(i).any(|c| c.id == command.id) {
                tell(format!("{} stands twice", command.id));
            }
            if command.title.is_empty() || command.text.is_empty() {
                tell(format!("{} has no title or text", command.id));
            }
            if command.sets() && command.changes.trim().is_empty() {
                tell(format!(
                    "{} sets something and does not say what",
                    command.id
                ));
            }
            let mut text = command.text.clone();
            for part in &command.parts {
                let place = format!("{{{}}}", part.name);
                if !text.contains(&place) {
                    tell(format!("{}: {place} is not in its text", command.id));
                }
                text = text.replace(&place, "");
                let known = part.choices.iter().any(|(v, _)| *v == part.default);
                if !part.choices.is_empty() && !known {
                    tell(format!(
                        "{}: the default of {} is no choice",
                        command.id, part.name
                    ));
                }
            }
            if text.contains(['{', '}']) {
                tell(format!(
                    "{}: a value of its text has no description",
                    command.id
                ));
            }
        }
        faults
    }
}

impl CommandDef {
    /// The text with these values, the defaults where one is missing. Line ends in values are left
    /// out: one click sends one line.
    #[must_use]
    pub fn filled(&self, values: &BTreeMap<String, String>) -> String {
        let mut text = self.text.clone();
        for part in &self.parts {
            let value = values.get(&part.name).unwrap_or(&part.default);
            let value: String = value.chars().filter(|c| !c.is_control()).collect();
            text = text.replace(&format!("{{{}}}", part.name), &value);
        }
        text
    }

    /// Does it change the device?
    #[must_use]
    pub fn changes_device(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Does its form say that it sets something?
    fn sets(&self) -> bool {
        self.text.contains('=') && !self.text.ends_with('?') && !self.asks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;

    #[test]
    fn every_set_is_sound() {
        let sets = Knowledge::embedded().commands;
        assert!(sets.len() >= 8);
        let faults: Vec<String> = sets.iter().flat_map(CommandSet::faults).collect();
        assert_eq!(faults, Vec::<String>::new());
    }

    #[test]
    fn values_go_into_the_text_and_bring_no_second_line() {
        let set = CommandSet {
            line_end: "cr".into(),
            ..CommandSet::default()
        };
        let command = CommandDef {
            text: "AT+X={a},\"{b}\"".into(),
            parts: vec![
                PartDef {
                    name: "a".into(),
                    default: "1".into(),
                    ..PartDef::default()
                },
                PartDef {
                    name: "b".into(),
                    ..PartDef::default()
                },
            ],
            ..CommandDef::default()
        };
        let values = BTreeMap::from([("b".to_owned(), "x\r\nAT+RESET".to_owned())]);
        assert_eq!(set.bytes(&command, &values), b"AT+X=1,\"xAT+RESET\"\r");
    }

    #[test]
    fn faults_are_found() {
        let set: CommandSet = toml::from_str(
            "id='x'\ntitle='x'\nline_end='cr'\nsource=''\n[[command]]\nid='a'\ntitle='t'\ntext='AT+X={y}'\n",
        )
        .unwrap();
        assert_eq!(set.faults().len(), 3, "{:?}", set.faults());
    }
}
