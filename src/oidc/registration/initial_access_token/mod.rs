//! Initial access tokens (RFC 7591 §3): what an admin hands to somebody who may register clients without an admin. A token is shown once,
//! when it is created; only its digest is kept. Registering with it happens in `dynamic`.

pub(in crate::oidc) mod model;
pub(in crate::oidc) mod service;
pub mod store;

pub use model::{CreatedInitial, INITIAL_SORTS, InitialView, NewInitial};
