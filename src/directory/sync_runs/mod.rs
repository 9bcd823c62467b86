//! Runs of a sync, for watching. Starting and executing them is `directory::sync`'s business.

pub mod store;

pub mod model;
pub mod service;

pub use model::{RowView, RunView};
