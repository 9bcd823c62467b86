//! Data sources: the contacts of one corp that Menjin syncs, by which rules, and how its people may sign in.

mod audited;
mod entered;
pub mod guard;
pub mod input;
pub mod store;
pub mod view;

pub mod model;
pub mod service;

pub use model::{CONTACTS_SECRET, DataSource, DuplicateRule, LoginMethod, Settings, next_sync};
