//! Queries of the sync. Everything is read in pages and written in batches; nothing here decides what to write, except that a row which
//! changed since the plan was made is left alone.

pub mod access;
pub mod addresses;
pub mod app_readings;
mod audit_events;
pub mod creations;
pub mod departments;
pub mod departures;
pub mod fence;
mod identities;
mod images;
pub mod journal;
pub mod members;
pub mod mirror;
pub mod moved;
pub mod other_apps;
pub mod part;
mod precheck;
pub mod proof;
mod rows;
pub mod runs;
pub mod scope;
pub mod scope_tally;
pub mod settled;
pub mod sources;
pub mod tags;
pub mod told;
pub mod undo;
pub mod users;

/// Result of queries inside a transaction; the failure of the use case is made of it outside.
type Stored<T> = Result<T, sea_orm::DbErr>;
