//! Users: people as Menjin knows them. Their id never changes, because the OIDC `sub` derives from it.

pub mod coverage;
pub mod input;
pub mod listing;
pub mod provenance;
pub mod standard_claims;
pub mod store;
pub mod view;

pub mod editor;
pub mod operators;
pub mod service;

pub use editor::Editor;
