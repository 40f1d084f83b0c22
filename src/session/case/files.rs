//! Files of a case that are no logs, the device profile, and the facts of both.
//!
//! What a log proves goes before what a file says; what the configuration says goes before what the
//! profile of the device says.

use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use super::Case;
use crate::cert::{self, CertFile, Severity};
use crate::device::{self, DeviceList, DeviceProfile, LimitKind};
use crate::evidence::{Fact, FactSet, FactState, FactValue, InputId, Micros, TimeBase};
use crate::session::capture_seen::CaptureSeen;
use crate::session::file_seen::{CertificatesSeen, Closed, FileContent, FileSeen};
use crate::session::snapshot::Problem;

impl Case {
    /// Says what an input that is no log holds.
    ///
    /// What makes it unusable, whole or in part, becomes a problem of the input.
    pub fn set_content(&mut self, id: InputId, mut content: FileContent) {
        let name = self.name_of(id).to_owned();
        for said in unusable(&content) {
            self.add_problem(Problem {
                input: Some(id),
                sentence: format!("{name}: {said}"),
                details: String::new(),
            });
        }
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.input.kind = content.kind();
            if let FileContent::Capture(capture) = &mut content {
                capture_of(id, capture);
                input.input.time_base = TimeBase::Unix;
                input.wall = capture.summary.ended;
            }
            input.decoder = None;
            input.content = Some(content);
        }
    }

    /// What an input that is no log holds.
    #[must_use]
    pub fn content(&self, id: InputId) -> Option<&FileContent> {
        self.inputs.get(self.position(id)?)?.content.as_ref()
    }

    /// Keeps the bytes of an input that waits for a password, or lets them go.
    pub(in crate::session) fn set_closed(&mut self, id: InputId, closed: Option<Closed>) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.closed = closed;
        }
    }

    /// Name and bytes of an input that waits for a password.
    pub(in crate::session) fn closed(&self, id: InputId) -> Option<(String, Closed)> {
        let input = self.inputs.get(self.position(id)?)?;
        Some((input.input.name.clone(), input.closed.clone()?))
    }

    /// Exchanges the devices that can be chosen (the user's folder changed).
    pub fn set_devices(&mut self, devices: Arc<DeviceList>) {
        let chosen = self.device.as_ref().and_then(|d| devices.get(&d.id));
        if let Some(profile) = chosen {
            self.device = Some(Arc::new(profile.clone()));
        }
        self.devices = devices;
    }

    /// Chooses the device whose limits count, or none.
    ///
    /// # Errors
    /// One sentence that names the known devices; the choice stays as it was.
    pub fn choose_device(&mut self, id: Option<&str>) -> Result<(), String> {
        self.device = match id {
            None => None,
            Some(id) => Some(Arc::new(known_device(&self.devices, id)?.clone())),
        };
        Ok(())
    }

    /// The device that was chosen.
    #[must_use]
    pub fn device(&self) -> Option<&Arc<DeviceProfile>> {
        self.device.as_ref()
    }

    /// The device that was chosen, else the one that the facts name.
    pub(super) fn named_device(&self, facts: &FactSet) -> Option<Arc<DeviceProfile>> {
        let named = || {
            let id = facts.text("device.id")?;
            self.devices.get(id).cloned().map(Arc::new)
        };
        self.device.clone().or_else(named)
    }

    /// The secrets of all key logs of the case, one text; `None` where there is none.
    #[must_use]
    pub fn key_log(&self) -> Option<Zeroizing<String>> {
        let mut all = Zeroizing::new(String::new());
        for input in &self.inputs {
            if let Some(FileContent::KeyLog(text)) = &input.content {
                all.push_str(&text.0);
                all.push('\n');
            }
        }
        (!all.is_empty()).then_some(all)
    }

    /// Files that are no logs, in the order of the inputs.
    #[must_use]
    pub(super) fn files(&self) -> Vec<FileSeen> {
        self.inputs
            .iter()
            .filter_map(|i| {
                Some(FileSeen {
                    input: i.input.id,
                    name: i.input.name.clone(),
                    content: i.content.clone()?,
                })
            })
            .collect()
    }

    /// The certificates with what they are held against.
    pub(super) fn certificates(&self, known: &FactSet, judged_at: Micros) -> CertificatesSeen {
        let mut out = CertificatesSeen {
            tables: self.cert_tables.clone(),
            profile: self.profile(),
            host: known.text("host").map(str::to_owned),
            at_unix_s: judged_at.div_euclid(1_000_000),
            closed: (self.inputs.iter())
                .filter(|i| i.closed.is_some())
                .map(|i| i.input.id)
                .collect(),
            ..CertificatesSeen::default()
        };
        let read: Vec<(InputId, &CertFile)> = self
            .inputs
            .iter()
            .filter_map(|i| match &i.content {
                Some(FileContent::Certificates(file)) => Some((i.input.id, file.as_ref())),
                Some(FileContent::Capture(capture)) => {
                    Some((i.input.id, capture.certificates.as_deref()?))
                }
                _ => None,
            })
            .collect();
        // Beside a handshake, CA certificates alone are what one side trusts, unless a server shows
        // its own self-signed one.
        let any_leaf = read
            .iter()
            .any(|(_, f)| f.certificates().any(|c| !c.is_ca()));
        let handshake = known.get("outcome").is_some();
        for (id, file) in read {
            let trusted = any_leaf || handshake && !cert::is_self_signed_server(file);
            if trusted && cert::is_trust(file) {
                out.trusted.push(file.clone());
                out.trusted_inputs.push(id);
            } else {
                out.files.push(file.clone());
                out.inputs.push(id);
            }
        }
        out
    }

    /// The profile in use: what a configuration says of this build goes before the general one.
    fn profile(&self) -> Option<Arc<DeviceProfile>> {
        let config = self.inputs.iter().find_map(|i| match &i.content {
            Some(FileContent::Config(config)) => Some(config),
            _ => None,
        });
        self.device
            .clone()
            .or_else(|| config.map(|c| Arc::new(c.profile.clone())))
    }

    /// Adds the facts of files and device that are not known yet.
    pub(super) fn add_file_facts(&self, known: &mut FactSet, certificates: &CertificatesSeen) {
        let offered = known.list("client.signatures").to_vec();
        let mut add = |facts: &FactSet| {
            for fact in facts.iter() {
                if known.get(&fact.name).is_none() {
                    known.insert(fact.clone());
                }
            }
        };
        let sides = cert::Sides::sort(
            &with_inputs(&certificates.files, &certificates.inputs),
            &with_inputs(&certificates.trusted, &certificates.trusted_inputs),
        );
        let (server, inputs): (Vec<CertFile>, Vec<InputId>) = sides
            .server
            .iter()
            .map(|(file, input)| ((*file).clone(), *input))
            .unzip();
        add(&cert::facts(
            &server,
            &cert::FactContext {
                host: certificates.host.as_deref(),
                at_unix_s: Some(certificates.at_unix_s),
                inputs: &inputs,
            },
        ));
        add(&sides.facts(certificates.at_unix_s, &offered));
        for input in &self.inputs {
            if let Some(FileContent::Config(config)) = &input.content {
                add(&config.facts(input.input.id));
            }
        }
        if let Some(profile) = &self.device {
            add(&device::facts(profile));
        }
        if let Some(profile) = &self.device {
            for fact in over_limit(known, profile, certificates).iter() {
                known.insert(fact.clone());
            }
        }
    }
}

/// By how much the leaf exceeds what the device takes, by the smallest and the largest reading of
/// its limit, and with how many names it would not.
fn over_limit(
    known: &FactSet,
    profile: &DeviceProfile,
    certificates: &CertificatesSeen,
) -> FactSet {
    let mut out = FactSet::default();
    let readings = profile
        .limits_of(LimitKind::PeerCertificateBytes)
        .filter_map(|l| Some((*l.at_most.first()?, *l.at_most.last()?)))
        .min();
    let leaf_bytes = known.int("server.leaf_bytes");
    let (Some((low, high)), Some(leaf_bytes)) = (readings, leaf_bytes) else {
        return out;
    };
    let origins = known
        .get("server.leaf_bytes")
        .map(|f| f.origins.clone())
        .unwrap_or_default();
    let mut know = |name: &str, value: i64| {
        out.insert(Fact {
            name: name.into(),
            state: FactState::Known(FactValue::Int(value)),
            origins: origins.clone(),
        });
    };
    let limit = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    know("device.certificate_limit_low_bytes", limit(low));
    for (name, bytes) in [
        ("cert.over_limit_low_bytes", low),
        ("cert.over_limit_bytes", high),
    ] {
        let over = leaf_bytes - limit(bytes);
        if over > 0 {
            know(name, over);
        }
    }
    let leaf = certificates
        .files
        .iter()
        .flat_map(CertFile::certificates)
        .find(|c| !c.is_ca() && i64::try_from(c.der_bytes()) == Ok(leaf_bytes));
    if let Some(leaf) = leaf
        && let Some(names) = &leaf.extensions.alt_names
    {
        know("cert.names_count", i64::try_from(names.len()).unwrap_or(0));
        let room = usize::try_from(low).unwrap_or(usize::MAX);
        if let Some(fit) = cert::names_that_fit(leaf, room).filter(|n| *n < names.len()) {
            know("cert.names_that_fit", i64::try_from(fit).unwrap_or(0));
        }
    }
    out
}

fn with_inputs<'a>(files: &'a [CertFile], inputs: &[InputId]) -> Vec<(&'a CertFile, InputId)> {
    files.iter().zip(inputs.iter().copied()).collect()
}

/// Its attempts are those of this input.
fn capture_of(id: InputId, capture: &mut Arc<CaptureSeen>) {
    if capture.attempts.iter().all(|a| a.input == id) {
        return;
    }
    for attempt in &mut Arc::make_mut(capture).attempts {
        Arc::make_mut(attempt).input = id;
    }
}

/// What is wrong with a file, one sentence each.
fn unusable(content: &FileContent) -> Vec<String> {
    match content {
        FileContent::Certificates(file) => file
            .problems
            .iter()
            .filter(|p| p.severity == Severity::Error)
            .map(|p| p.sentence.clone())
            .collect(),
        FileContent::Capture(capture) => capture.summary.problems.clone(),
        FileContent::Config(_) | FileContent::KeyLog(_) => Vec::new(),
    }
}

/// The device of this id.
///
/// # Errors
/// One sentence that names the known devices.
pub(in crate::session) fn known_device<'a>(
    devices: &'a DeviceList,
    id: &str,
) -> Result<&'a DeviceProfile, String> {
    devices.get(id).ok_or_else(|| {
        let ids: Vec<&str> = devices.profiles.iter().map(|p| p.id.as_str()).collect();
        format!(
            "The device \u{201c}{id}\u{201d} is not known. Known devices: {}.",
            ids.join(", ")
        )
    })
}

/// The devices of the program.
pub(super) fn embedded_devices() -> Arc<DeviceList> {
    static LIST: OnceLock<Arc<DeviceList>> = OnceLock::new();
    Arc::clone(LIST.get_or_init(|| Arc::new(DeviceList::embedded())))
}
