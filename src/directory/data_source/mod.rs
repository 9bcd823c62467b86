//! Data sources: the contacts of one corp that Menjin syncs, by which rules, and how its people may sign in.

mod audited;
pub mod check;
mod entered;
pub mod guard;
pub mod input;
pub mod store;
pub mod view;

pub mod model;
pub mod service;
mod settings_check;

pub use model::{CONTACTS_SECRET, DataSource, DuplicateRule, LoginMethod, Settings, next_sync};
