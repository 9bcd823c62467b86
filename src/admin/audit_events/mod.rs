//! Reading the audit log.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{EventFilter, EventView};
