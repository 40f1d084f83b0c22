//! Which end of captures is the device, by all that the case knows; and which captures must be read
//! again because that, or the key log, came after them.
//!
//! In: what a person said, the roles in the device's own logs, the signs in the capture. Out: what a
//! capture is to be read with. Must not read anything itself.

use super::Case;
use crate::capture::DeviceSide;
use crate::evidence::{FactState, FactValue, InputId, Lane, Role};
use crate::session::device_side::{BY_HAND, SideWanted};
use crate::session::file_seen::FileContent;

impl Case {
    /// Says which end of all captures is the device; `None`: what the case shows.
    pub fn set_device_side(&mut self, side: Option<DeviceSide>) {
        self.device_side = side;
    }

    /// Says which end of this capture is the device; `None`: what the case shows.
    pub fn set_side(&mut self, id: InputId, side: Option<DeviceSide>) {
        if let Some(input) = self.position(id).and_then(|at| self.inputs.get_mut(at)) {
            input.side_by_hand = side;
        }
    }

    /// Which end of this capture is the device, as a person said.
    #[must_use]
    pub fn side_by_hand(&self, id: InputId) -> Option<&DeviceSide> {
        self.inputs.get(self.position(id)?)?.side_by_hand.as_ref()
    }

    /// Which end of each capture is the device, by all that is known now.
    #[must_use]
    pub fn sides(&self) -> Vec<(InputId, SideWanted)> {
        let captures: Vec<_> = self
            .inputs
            .iter()
            .filter_map(|i| match &i.content {
                Some(FileContent::Capture(capture)) => Some((i, capture)),
                _ => None,
            })
            .collect();
        if captures.is_empty() {
            return Vec::new();
        }
        let told = self.told_side();
        captures
            .into_iter()
            .map(|(input, capture)| {
                let by_hand = input.side_by_hand.clone().map(|side| SideWanted {
                    side,
                    told: Some(BY_HAND.to_owned()),
                });
                let wanted = by_hand.or_else(|| told.clone()).unwrap_or(SideWanted {
                    side: capture.likely_side(),
                    told: None,
                });
                (input.input.id, wanted)
            })
            .collect()
    }

    /// Captures that were read without the key log that the case has now, or with another end as the
    /// device than the case knows now; each with the end that it is to be read with.
    #[must_use]
    pub fn captures_to_read(&self) -> Vec<(InputId, DeviceSide)> {
        let keys = self.key_log().is_some();
        self.sides()
            .into_iter()
            .filter(|(id, wanted)| {
                let Some(FileContent::Capture(capture)) = self.content(*id) else {
                    return false;
                };
                wanted.side != capture.side || keys && !capture.with_keys
            })
            .map(|(id, wanted)| (id, wanted.side))
            .collect()
    }

    /// What is known without looking into a capture: a person's word, else the roles in the device's
    /// own logs.
    fn told_side(&self) -> Option<SideWanted> {
        let told = |side, why: String| {
            Some(SideWanted {
                side,
                told: Some(why),
            })
        };
        if let Some(side) = &self.device_side {
            return told(side.clone(), "as it was told".to_owned());
        }
        if let Some(FactState::Known(FactValue::Text(role))) =
            self.stated.get("role").map(|f| &f.state)
            && let Ok(side) = role.parse()
        {
            return told(side, "as it was stated".to_owned());
        }
        let attempts = self.attempts();
        let mut own = attempts
            .iter()
            .filter(|a| a.lane == Lane::Device && !self.is_wire(a.input));
        let first = own.clone().next()?;
        let is_client = own.any(|a| a.role == Role::Client);
        let side = if is_client {
            DeviceSide::Client
        } else {
            DeviceSide::Server
        };
        told(side, format!("{} says so", self.name_of(first.input)))
    }
}
