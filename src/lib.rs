//! Menjin (门禁): a self-hosted OpenID Connect provider whose employees sign in by scanning with WeCom.
//!
//! The map of the house; arrows point down only (`docs/architecture.md`, kept by `tests/tidy.rs`):
//! `cli → app → {jobs, admin} → offboarding → oidc → signin → gate → directory → wecom → {web, audit, telemetry} → {store, crypto} → kernel`.

pub mod admin;
pub mod audit;
pub mod crypto;
pub mod directory;
pub mod gate;
pub mod kernel;
pub mod oidc;
pub mod signin;
pub mod store;
pub mod web;
pub mod wecom;
