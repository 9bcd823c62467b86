//! Sync: reconciles departments, members, tags and the app's visible scope of one data source with WeCom.
//!
//! Snapshot (desired state) → plan (diff) → departure check → removal threshold → apply. [`fetch`] reads WeCom first and completely and
//! returns a plain [`snapshot::Snapshot`]; [`plan::plan`] compares it with the [`mirror::Mirror`] and returns what to write as a plain
//! value; [`departure_check`] looks up live who seems to have left; [`removal_threshold`] refuses to remove too many people at once;
//! [`apply`] writes in bounded batches, so that sign-ins are served in between. A run that is killed is simply run again, at once ([`retry`]): the next
//! plan holds what is left to do. Only `store` knows SQL.
//!
//! Deliberately absent: deciding who may sign in (`gate` does). Portals hear of a departure through the outbox of logouts
//! (`directory::session_end`).

pub mod apply;
mod background;
mod completeness;
mod conflicts;
pub mod counts;
mod deciding;
pub mod departure_check;
pub mod failure;
pub mod fetch;
mod live_identity;
pub mod mirror;
pub mod plan;
pub mod removal_threshold;
pub mod retry;
pub mod run;
pub mod run_context;
pub mod run_state;
pub mod schedule;
pub mod scheduler;
pub mod service;
pub mod snapshot;
pub mod snapshot_builder;
mod snapshot_departments;
mod snapshot_tags;
pub mod source;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub use failure::SyncFailure;
pub use run::{Run, Runs};
pub use run_state::{Cause, State};
pub use service::{Preview, Sync};
