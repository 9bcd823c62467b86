//! Users' sessions and consents: listing and ending. A session ends through the same code as at a sign-out (`Sessions::end`), so that
//! whatever follows from a session end follows from this too.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{SessionFilter, SessionView};
