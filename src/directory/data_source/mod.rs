//! Data sources: one corp's contacts that we sync, with which rules, and how its people may sign in.

pub mod input;
pub mod store;
pub mod view;

pub mod model;
pub mod service;

pub use model::{CONTACTS_SECRET, DataSource, DuplicateRule, LoginMethod, Settings, next_sync};
