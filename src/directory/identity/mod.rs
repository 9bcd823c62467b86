//! Identity: who stands behind a userid. Companies give userids of leavers to others, and change userids of those who stay (reference 3.5):
//! a reused userid must inherit nothing, a renamed one lose nothing.
//!
//! [`evidence`] compares what is known of two people, [`verdict`] weighs it by one table. Syncs, events and sign-ins ask the same table.

pub mod contact_forms;
pub mod evidence;
pub mod model;
pub mod name;
mod service;
pub mod store;
pub mod verdict;

pub use model::{DecisionInput, FindingFilter, State};
