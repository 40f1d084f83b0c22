//! The tables of this room, with those of a person's own folder on top: rules, clocks of devices,
//! scripts of modems, and what changes of a certificate mean.
//!
//! In: a folder laid out like `assets/`. Out: [`CertTables`]. An entry of the folder stands for the
//! built-in one of the same id; a file that cannot be read is told and leaves the built-in table.
//! The strict path engine keeps to the built-in rules: what a body of rules refuses is no opinion.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::clocks::{self, Clock};
use super::compare::{ChangeTexts, Comparison};
use super::export::{Script, scripts, scripts_of};
use super::lint::LintList;

/// All tables; a copy shares them.
#[derive(Clone, Debug)]
pub struct CertTables {
    /// Rules for certificates.
    pub lints: Arc<LintList>,
    /// Clocks that a device may have, earliest first.
    pub clocks: Arc<Vec<Clock>>,
    /// How modems take certificates.
    pub scripts: Arc<Vec<Script>>,
    changes: Arc<ChangeTexts>,
    /// File and sentence for each entry that cannot be used.
    pub problems: Vec<(String, String)>,
}

impl Default for CertTables {
    fn default() -> Self {
        Self::embedded().clone()
    }
}

/// Tables are the same when they are shared: they are exchanged as a whole.
impl PartialEq for CertTables {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.lints, &other.lints)
            && Arc::ptr_eq(&self.clocks, &other.clocks)
            && Arc::ptr_eq(&self.scripts, &other.scripts)
            && Arc::ptr_eq(&self.changes, &other.changes)
    }
}

impl CertTables {
    /// The tables of the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static TABLES: OnceLock<CertTables> = OnceLock::new();
        TABLES.get_or_init(|| Self {
            lints: Arc::new(LintList::embedded().clone()),
            clocks: Arc::new(clocks::clocks().to_vec()),
            scripts: Arc::new(scripts().to_vec()),
            changes: Arc::new(ChangeTexts::embedded().clone()),
            problems: Vec::new(),
        })
    }

    /// The same with what `folder` says differently or besides.
    #[must_use]
    pub fn with_folder(folder: &Path) -> Self {
        let mut tables = Self::default();
        if let Some(text) = tables.text(folder, "lints.toml") {
            let problems = Arc::make_mut(&mut tables.lints).take(&text);
            tables.tell("lints.toml", problems);
        }
        if let Some(text) = tables.text(folder, "clocks.toml") {
            let (own, problems) = clocks::clocks_of(&text);
            tables.tell("clocks.toml", problems);
            let clocks = Arc::make_mut(&mut tables.clocks);
            merge(clocks, own, |c| &c.id);
            clocks.sort_by_key(|c| c.unix_s);
        }
        if let Some(text) = tables.text(folder, "modem-scripts.toml") {
            match scripts_of(&text) {
                Ok(own) => merge(Arc::make_mut(&mut tables.scripts), own, |s| &s.id),
                Err(problem) => tables.tell("modem-scripts.toml", vec![problem]),
            }
        }
        if let Some(text) = tables.text(folder, "certificate-changes.toml") {
            let problems = Arc::make_mut(&mut tables.changes).take(&text);
            tables.tell("certificate-changes.toml", problems);
        }
        tables
    }

    /// Puts the words of these tables in place of the built-in ones.
    pub fn reword(&self, found: &mut Comparison) {
        // Mostly there is nothing of one's own.
        if Arc::ptr_eq(&self.changes, &Self::embedded().changes) {
            return;
        }
        let of_parts = found.certificates.iter_mut().map(|c| &mut c.changes);
        for changes in of_parts.chain([&mut found.whole]) {
            for change in changes.iter_mut() {
                self.changes.reword(change);
            }
            changes.sort_by_key(|change| change.weight);
        }
    }

    fn text(&mut self, folder: &Path, name: &str) -> Option<String> {
        let path = folder.join(name);
        if !path.exists() {
            return None;
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(e) => {
                self.tell(name, vec![format!("{name} cannot be read: {e}.")]);
                None
            }
        }
    }

    fn tell(&mut self, file: &str, sentences: Vec<String>) {
        let told = sentences.into_iter().map(|s| (file.to_owned(), s));
        self.problems.extend(told);
    }
}

/// Own entries in place of those of the same id, else behind them.
fn merge<T>(all: &mut Vec<T>, own: Vec<T>, id: impl Fn(&T) -> &String) {
    for entry in own {
        match all.iter_mut().find(|e| id(e) == id(&entry)) {
            Some(known) => *known = entry,
            None => all.push(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::cert::{self, Against, CompareSide, Severity, Weight};

    fn write(folder: &Path, name: &str, text: &str) {
        std::fs::write(folder.join(name), text).unwrap();
    }

    fn read(text: &str) -> cert::CertFile {
        cert::read("a.pem", text.as_bytes())
    }

    #[test]
    fn own_entries_replace_those_of_the_same_id_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(
            folder,
            "lints.toml",
            "[[lint]]\nid = \"cert.date_over_2038\"\nseverity = \"error\"\nsays = \"Not in our house.\"\nwhy = \"w\"\nsource = \"house\"\n",
        );
        write(
            folder,
            "clocks.toml",
            "[[clock]]\nid = \"built\"\nname = \"firmware of May\"\nat = \"2024-05-01T00:00:00Z\"\nsays = \"s\"\nsource = \"house\"\n",
        );
        write(
            folder,
            "modem-scripts.toml",
            "[[script]]\nid = \"ours\"\nname = \"Our modem\"\ndevices = []\nform = \"der\"\nextension = \"der\"\nkinds = { ca = \"CA\" }\nnote = \"n\"\nsource = \"house\"\neach = [{ send = \"AT+OURS={name},{bytes}\", expect = \"OK\" }]\n",
        );
        write(
            folder,
            "certificate-changes.toml",
            "[[change]]\nid = \"serial\"\nwhat = \"serial number\"\nweight = \"breaks\"\nwhy = \"We pin it: {new}.\"\nsource = \"house\"\n",
        );
        let tables = CertTables::with_folder(folder);
        assert_eq!(tables.problems, []);
        let built_in = CertTables::embedded();
        assert_eq!(tables.lints.len(), built_in.lints.len());
        assert_eq!(tables.clocks.len(), built_in.clocks.len() + 1);
        assert_eq!(tables.scripts.len(), built_in.scripts.len() + 1);

        let cn_is_ip = read(include_str!("../../tests/certs/cn-is-ip.pem"));
        let leaf = cn_is_ip.certificates().next().unwrap();
        let lints = tables.lints.of(leaf);
        let own = lints
            .iter()
            .find(|l| l.id == "cert.date_over_2038")
            .unwrap();
        assert_eq!(own.severity, Severity::Error);
        assert_eq!(own.sentence, "Not in our house.");

        let wish = cert::ExportWish {
            form: cert::ExportForm::Script("ours".into()),
            ..cert::ExportWish::default()
        };
        let files = cert::export_with(&[leaf], &wish, &tables.scripts);
        let script = String::from_utf8(files.first().unwrap().bytes.clone()).unwrap();
        assert!(script.contains("AT+OURS="), "{script}");

        let small = read(include_str!("../../tests/certs/small.pem"));
        let (old, new) = (CompareSide::file(&cn_is_ip), CompareSide::file(&small));
        let mut found = Comparison::of(&old, &new, &Against::default());
        tables.reword(&mut found);
        let of_leaf = found.certificates.first().unwrap();
        let serial = of_leaf.changes.iter().find(|c| c.id == "serial").unwrap();
        assert_eq!(serial.weight, Weight::Breaks);
        assert!(serial.why.starts_with("We pin it: "), "{}", serial.why);
        assert!(of_leaf.changes.is_sorted_by_key(|c| c.weight));
    }

    #[test]
    fn what_cannot_be_used_is_told_and_the_built_in_tables_stay() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(
            folder,
            "lints.toml",
            "[[lint]]\nid = \"cert.no_such\"\nseverity = \"note\"\nsays = \"x\"\nwhy = \"x\"\nsource = \"x\"\n",
        );
        write(
            folder,
            "clocks.toml",
            "[[clock]]\nid = \"a\"\nname = \"a\"\nat = \"May\"\nsays = \"s\"\nsource = \"s\"\n",
        );
        write(folder, "modem-scripts.toml", "[[script]]\nid = 7\n");
        write(
            folder,
            "certificate-changes.toml",
            "[[change]]\nid = \"no_such\"\nwhat = \"x\"\nweight = \"check\"\nwhy = \"x\"\nsource = \"x\"\n",
        );
        let tables = CertTables::with_folder(folder);
        let files: Vec<&str> = tables.problems.iter().map(|(f, _)| f.as_str()).collect();
        let expected = [
            "lints.toml",
            "clocks.toml",
            "modem-scripts.toml",
            "certificate-changes.toml",
        ];
        assert_eq!(files, expected, "{:?}", tables.problems);
        let built_in = CertTables::embedded();
        assert_eq!(tables.lints.len(), built_in.lints.len());
        assert_eq!(tables.clocks, built_in.clocks);
        assert_eq!(tables.scripts, built_in.scripts);
    }
}
