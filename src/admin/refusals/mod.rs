//! Refusals: what people were shown instead of being let in, read from the audit log, one by one and counted by number.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{RefusalFilter, RefusalSummary, RefusalView};
