//! Contacts, read-only: members, departments, tags. WeCom owns them and only a sync writes them, so there is nothing to change here. Who of
//! them becomes a user is decided in `directory::importing`.

pub mod store;

pub mod model;
pub mod service;

pub use model::{DepartmentView, MemberFilter, MemberView, TagView};
