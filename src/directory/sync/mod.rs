//! Keeps departments, members, tags and the app's visible scope of one data source in step with WeCom.
//!
//! Desired state → plan → second look → guard → apply. [`fetch`] asks WeCom first and completely and returns a plain [`snapshot::Snapshot`];
//! [`plan::plan`] compares it with the [`mirror::Mirror`] and returns what to write as a plain value; [`guard`] refuses to remove too many
//! people at once; [`apply`] writes in bounded batches, so that sign-ins keep flowing. A run that is killed is simply run again: the
//! next plan holds what is left to do. Only `store` knows SQL.
//!
//! Deliberately absent: telling portals that somebody left (not built yet), and deciding who may sign in (`gate` does).

pub mod apply;
pub mod counts;
pub mod departure_check;
pub mod failure;
pub mod fetch;
pub mod job;
mod launch;
pub mod mirror;
pub mod plan;
pub mod removal_threshold;
pub mod run;
pub mod run_state;
pub mod schedule;
pub mod scheduler;
pub mod service;
pub mod snapshot;
pub mod snapshot_builder;
mod snapshot_tags;
pub mod source;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use failure::SyncFailure;
pub use run::{Run, Runs};
pub use run_state::{Cause, State};
pub use service::{Preview, Sync};
