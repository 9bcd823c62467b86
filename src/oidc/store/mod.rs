//! Queries of the provider: clients, grants and refresh tokens, grant state, settings, the back-channel logout outbox.

pub(in crate::oidc) mod affiliation;
pub(in crate::oidc) mod clients;
pub(in crate::oidc) mod deliveries;
pub(in crate::oidc) mod grant_batches;
pub(in crate::oidc) mod grant_state;
pub(in crate::oidc) mod grants;
pub(in crate::oidc) mod handle;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod settings;
