//! API tokens of the admin API. A token is shown once, when it is created; only its digest is kept.

pub(in crate::admin) mod last_use;
pub(in crate::admin) mod model;
pub(in crate::admin) mod reach;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{Created, Identity, NewToken, SORTS, TokenFilter, TokenScope, TokenView};
pub use reach::Reach;
