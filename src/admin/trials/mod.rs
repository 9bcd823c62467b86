//! Trials of sign-ins, as the API shows them.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
