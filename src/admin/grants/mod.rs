//! Grants: what people let portals have, with the families of refresh tokens behind them. Listing and ending; never token material.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{GrantFilter, GrantView, GrantsEnded};

/// Revoke reason of grants that an admin ends, as stored.
const REASON: &str = "admin";
