//! The device of a prediction: what it offers, what it can take, what is known of its build.

use crate::device::{Build, ConfigReading, DeviceProfile, Trap};
use crate::server::DeviceHello;
use crate::tls::hello::ClientHello;

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    name: String,
    profile: DeviceProfile,
    build: Option<Build>,
    hello: Option<DeviceHello>,
    traps: Vec<Trap>,
}

impl Device {
    /// The device that these files configure. `generation` is the library's version where it is stated.
    #[must_use]
    pub fn of_config(files: &[ConfigReading], generation: Option<&str>) -> Self {
        let build = Build::of(files, generation);
        Self {
            name: build.name.clone(),
            profile: build.profile(),
            hello: DeviceHello::of_build(&build),
            traps: files.iter().flat_map(|f| f.traps.clone()).collect(),
            build: Some(build),
        }
    }

    /// A device whose profile is known; its `ClientHello` or stock build too, where there is one.
    #[must_use]
    pub fn of_profile(profile: &DeviceProfile) -> Self {
        let build = Build::stock(&profile.id);
        let known = DeviceHello::known(&profile.id);
        let hello = match &build {
            Some(build) => DeviceHello::of_build(build).or(known),
            None => known,
        };
        Self {
            name: profile.name.clone(),
            profile: profile.clone(),
            build,
            hello,
            traps: Vec::new(),
        }
    }

    /// The device that sends this `ClientHello`, with the limits of a profile where one is given.
    #[must_use]
    pub fn of_hello(hello: DeviceHello, profile: Option<&DeviceProfile>) -> Self {
        Self {
            name: profile.map_or_else(|| hello.name.clone(), |p| p.name.clone()),
            profile: profile.cloned().unwrap_or_default(),
            build: None,
            hello: Some(hello),
            traps: Vec::new(),
        }
    }

    /// The same device with the `ClientHello` that it was seen to send.
    #[must_use]
    pub fn with_hello(mut self, hello: DeviceHello) -> Self {
        self.hello = Some(hello);
        self
    }

    /// Name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Limits.
    #[must_use]
    pub fn profile(&self) -> &DeviceProfile {
        &self.profile
    }

    /// The build, where it is known.
    #[must_use]
    pub fn build(&self) -> Option<&Build> {
        self.build.as_ref()
    }

    /// What it sends as a client, with the means to send it.
    #[must_use]
    pub fn device_hello(&self) -> Option<&DeviceHello> {
        self.hello.as_ref()
    }

    /// What it sends as a client.
    #[must_use]
    pub fn hello(&self) -> Option<&ClientHello> {
        self.hello.as_ref().map(DeviceHello::hello)
    }

    /// Traps of its configuration.
    #[must_use]
    pub fn traps(&self) -> &[Trap] {
        &self.traps
    }

    /// What decides each property of what it offers as a client.
    pub(super) fn sources(&self) -> Sources<'_> {
        Sources::Device(self)
    }
}

/// Where a property of the client is from, for reasons.
#[derive(Clone, Copy, Debug)]
pub enum Sources<'a> {
    /// The device of the prediction.
    Device(&'a Device),
    /// Another client, by its name.
    Named(&'a str),
}

impl Sources<'_> {
    /// The source of `versions`, `suites`, `groups` or `schemes`.
    #[must_use]
    pub fn of(self, property: &str) -> String {
        match self {
            Self::Named(name) => format!("ClientHello of {name}"),
            Self::Device(device) => match (&device.build, &device.hello) {
                (Some(build), _) => build.source(property).to_owned(),
                (None, Some(hello)) => hello.source.clone(),
                (None, None) => device.name.clone(),
            },
        }
    }
}
