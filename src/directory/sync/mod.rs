//! Sync: reconciles departments, members, tags and the app's visible scope of one data source with WeCom.
//!
//! Snapshot (desired state) → plan (diff) → departure check → guard → apply, or end there where only the plan is wanted. [`fetch`] reads WeCom first and completely and
//! returns a plain [`snapshot::Snapshot`]; [`plan::plan`] compares it with the [`mirror::Mirror`] and returns what to write as a plain
//! value; [`departure_check`] looks up live who seems to have left; [`guard`] refuses to change unusually many people at once;
//! [`apply`] writes in bounded batches, so that sign-ins are served in between. A run that is killed is simply run again, at once ([`retry`]): the next
//! plan holds what is left to do. What a run writes stands in its [`journal`], so that it can be taken back ([`undo`]); a run that lost its
//! lease is fenced off (`store::fence`). Only `store` knows SQL. The other apps of
//! the corp are read by [`app_reader`], at each sync and each hour.
//!
//! Deliberately absent: deciding who may sign in (`gate` does). Portals hear of a departure through the outbox of logouts
//! (`directory::session_end`).

pub mod app_reader;
pub mod apply;
mod background;
mod circuit_breaker;
mod comparison;
mod completeness;
mod confirmation;
mod conflicts;
pub mod counts;
mod deciding;
mod department_list;
pub mod departure_check;
mod exports;
pub mod failure;
pub mod fetch;
pub mod guard;
mod heard;
pub mod journal;
pub mod listed_ids;
mod live_identity;
pub mod mirror;
mod other_ids;
mod other_userid;
pub mod plan;
pub mod reading;
pub mod rehearsal;
pub mod retry;
pub mod run;
pub mod run_context;
mod run_lease;
pub mod run_state;
pub mod schedule;
pub mod scheduler;
mod scope_recount;
pub mod scope_tally;
pub mod service;
pub mod short_way;
pub mod snapshot;
pub mod snapshot_builder;
mod snapshot_departments;
mod snapshot_tags;
pub mod source;
pub(crate) mod store;
pub mod tally;
mod unchanged;
mod undo;
pub mod unread_userids;

#[cfg(test)]
mod tests;

pub use deciding::within::{ImportTarget, PendingImport};
pub use failure::SyncFailure;
pub use run::{Run, Runs};
pub use run_state::{Cause, Mode, STATES, State};
pub use service::Sync;
pub use short_way::{ShortWay, WhichProgram};
