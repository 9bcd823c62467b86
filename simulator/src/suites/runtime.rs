//! The parts of it together.

use super::{
    codes::SuiteCodes,
    plans::Plans,
    tokens::{ServiceTokens, SuiteTickets},
    viewers::Viewers,
};

/// See the module.
#[derive(Default)]
pub(crate) struct Suites {
    pub tickets: SuiteTickets,
    pub tokens: ServiceTokens,
    pub codes: SuiteCodes,
    pub viewers: Viewers,
    pub plans: Plans,
}
