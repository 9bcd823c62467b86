//! The root type of the simulated world, as plain data.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{
    corp::Corp,
    faults::Fault,
    suite::{Provider, Suite},
    switches::{Limits, Switches},
};

/// Everything the simulated WeCom knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Corps by corpid.
    pub corps: BTreeMap<String, Corp>,
    /// Service providers by corpid.
    pub providers: BTreeMap<String, Provider>,
    /// Suites by suite id.
    pub suites: BTreeMap<String, Suite>,
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
