//! What WeCom owns, for reading: members, departments, tags. Only a sync writes them, so there is nothing to change here.

pub mod store;

pub mod model;
pub mod service;

pub use model::{DepartmentView, MemberFilter, MemberView, TagView};
