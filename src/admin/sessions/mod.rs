//! Users' sessions and consents: listing and ending. A session ends through the same code as at a sign-out (`Sessions::end`), so that
//! whatever follows from a session end follows from this too.

pub(in crate::admin) mod bulk_end;
pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{EndSessions, SessionFilter, SessionView, SessionsEnded};

/// End reason of sessions that an admin ends, as stored.
const REASON: &str = "admin";
