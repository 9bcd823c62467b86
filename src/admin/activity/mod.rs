//! Activity: how many people signed in and how many were refused, day by day, counted from the audit log.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;
