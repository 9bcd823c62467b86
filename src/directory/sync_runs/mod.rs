//! Sync runs, read-only: lists and shows them. Starting and executing them is in `directory::sync`.

pub mod store;

pub mod model;
pub mod service;

pub use model::{RowFilter, RowView, RunFilter, RunView};
