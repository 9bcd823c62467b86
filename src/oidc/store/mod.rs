//! Queries of the provider: clients, grants and refresh tokens, what an access token still stands on.

pub(in crate::oidc) mod affiliation;
pub(in crate::oidc) mod batch_writes;
pub(in crate::oidc) mod clients;
pub(in crate::oidc) mod deliveries;
pub(in crate::oidc) mod grant_state;
pub(in crate::oidc) mod grants;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod queries;
pub(in crate::oidc) mod settings;
