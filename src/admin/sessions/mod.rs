//! Sessions and consents of people, for looking at and for ending. Ending goes through the same auth source as signing out does, so that whatever
//! follows from the end of a session follows from this too.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{SessionFilter, SessionView};
