//! What lists of portals tell besides: the last sign-in at each, and whether it hears of logouts.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub(in crate::admin) mod store;

pub use model::{ClientLine, LogoutHealth};
