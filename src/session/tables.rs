//! All tables that a user can have of their own: knowledge, devices, rules for step lines.
//!
//! In: the user's folder, if there is one. Out: [`Tables`] with one problem for each file that cannot
//! be used.

use std::path::Path;
use std::sync::Arc;

use super::snapshot::Problem;
use super::step_rules::user_step_rules;
use crate::cert::CertTables;
use crate::decode::StepRule;
use crate::device::DeviceList;
use crate::knowledge::Knowledge;

/// Tables in use.
pub struct Tables {
    /// Causes, rules, questions and codes.
    pub knowledge: Arc<Knowledge>,
    /// Rules, clocks, scripts and texts for certificates.
    pub certificates: CertTables,
    /// Devices that can be chosen.
    pub devices: Arc<DeviceList>,
    /// The user's rules for step lines of applications.
    pub rules: Vec<StepRule>,
    /// What could not be used. The rest is in use.
    pub problems: Vec<Problem>,
}

impl Tables {
    /// The built-in tables with those of the folder on top.
    #[must_use]
    pub fn read(folder: Option<&Path>) -> Self {
        let Some(folder) = folder else {
            return Self {
                knowledge: Arc::new(Knowledge::embedded()),
                certificates: CertTables::default(),
                devices: Arc::new(DeviceList::embedded()),
                rules: Vec::new(),
                problems: Vec::new(),
            };
        };
        let knowledge = Knowledge::with_folder(folder);
        let certificates = CertTables::with_folder(folder);
        let devices = DeviceList::with_folder(folder);
        let (rules, of_rules) = user_step_rules(folder);
        let mut problems: Vec<Problem> = Vec::new();
        let mut tell = |sentence: &str, details: &str| {
            problems.push(Problem {
                input: None,
                sentence: sentence.to_owned(),
                details: details.to_owned(),
            });
        };
        for problem in &knowledge.problems {
            tell(&problem.sentence, &problem.details);
        }
        for problem in &devices.problems {
            tell(&problem.sentence, &problem.file);
        }
        for (file, sentence) in &certificates.problems {
            tell(&format!("{file}: {sentence}"), "");
        }
        problems.extend(of_rules);
        Self {
            knowledge: Arc::new(knowledge),
            certificates,
            devices: Arc::new(devices),
            rules,
            problems,
        }
    }
}
