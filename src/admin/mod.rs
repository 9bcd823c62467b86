//! Admin REST API: callers (API tokens and roles), and one handler file per resource under `http/`.
//!
//! The rules of each resource live with its feature (`directory`, `oidc::registration`); this room only knows who may call them.

pub(in crate::admin) mod access_csv;
pub mod activity;
pub mod api_docs;
pub mod api_tokens;
pub(in crate::admin) mod audit_csv;
pub mod audit_events;
pub mod branding;
pub(in crate::admin) mod csv;
pub(in crate::admin) mod csv_rows;
pub(in crate::admin) mod exports;
pub mod failure;
pub mod grants;
pub mod health;
pub mod http;
pub(in crate::admin) mod idempotency;
pub mod offboardings;
pub mod openapi;
pub mod portal_activity;
pub mod refusals;
pub mod resealing;
pub mod role;
pub(in crate::admin) mod service;
pub mod sessions;
pub mod sync;
pub(in crate::admin) mod sync_rows_csv;
pub mod traces;
pub mod trials;
pub(in crate::admin) mod users_csv;

pub use failure::AdminFailure;
pub use role::Role;
pub use service::{Admin, Dependencies, StartSync};
