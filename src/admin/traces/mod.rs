//! Traces: what led to a failure that somebody was told, by the code they were shown.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::TraceView;
