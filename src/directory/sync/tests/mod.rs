//! Tests of the sync: properties of planning, the meaning of WeCom's answers, and runs against a real database.

mod answers;
mod bench;
mod crashes;
mod creations;
mod duplicates;
pub(super) mod fixture;
mod freshness;
mod identity_properties;
mod import_properties;
mod members;
mod model;
mod planning;
mod properties;
mod provenance;
mod provenance_properties;
mod runs;
mod settled;
mod settled_kept;
mod snapshot_builder;
mod stories;
mod tables;
mod told;
mod told_properties;
mod unchanged;
mod undo;
mod undo_accounts;
mod undo_properties;
