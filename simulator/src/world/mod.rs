//! What exists in the simulated WeCom: corps with members, departments, tags and apps; switches, limits and faults.
//!
//! Plain data with public fields, edited through [`crate::Simulator::edit`] or the control API. What happens while it
//! runs (tokens, codes, counters) is not here but in `state`.

mod app;
mod corp;
mod faults;
pub mod generator;
pub(crate) mod index;
mod member;
pub mod sample;
mod scenario;
mod switches;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use app::{App, Callback, Scope};
pub use corp::{Corp, Department, Tag};
pub use faults::{Fault, FaultKind};
pub use member::{Attribute, Field, Member, Placement, Sensitive};
pub use switches::{HintShape, Limits, MissingField, ScanScopeCheck, Switches};

/// Everything the simulated WeCom knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Corps by corpid.
    pub corps: BTreeMap<String, Corp>,
    /// Choices for every fact which the reference tags uncertain.
    pub switches: Switches,
    /// Thresholds of reference §12.
    pub limits: Limits,
    /// Fault rules; the first which matches a call is applied.
    pub faults: Vec<Fault>,
    /// The caller address WeCom pretends to see; `None` = the real peer address.
    pub caller_ip: Option<String>,
}

impl World {
    /// The demo world: see [`sample`].
    pub fn sample() -> Self {
        sample::world()
    }

    /// Reads a scenario file (`simulator/scenarios/*.toml`). The error is a sentence for the person who wrote it.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        scenario::read(text)
    }

    /// A world of one corp.
    pub fn of(corp: Corp) -> Self {
        Self {
            corps: BTreeMap::from([(corp.corpid.clone(), corp)]),
            ..Self::default()
        }
    }

    /// The corp with this corpid, for editing.
    pub fn corp_mut(&mut self, corpid: &str) -> Option<&mut Corp> {
        self.corps.get_mut(corpid)
    }
}
