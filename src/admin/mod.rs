//! Admin REST API: callers (API tokens and roles), and one handler file per resource under `http/`.
//!
//! The rules of each resource live with its feature (`directory`, `oidc::registration`); this room only knows who may call them.

pub(in crate::admin) mod access_csv;
pub mod api_docs;
pub mod api_tokens;
pub mod audit_events;
pub(in crate::admin) mod csv;
pub mod failure;
pub mod http;
pub mod offboardings;
pub mod openapi;
pub mod role;
pub(in crate::admin) mod service;
pub mod sessions;
pub mod sync;
pub(in crate::admin) mod sync_rows_csv;
pub mod traces;

pub use failure::AdminFailure;
pub use service::{Admin, Dependencies, StartSync};
