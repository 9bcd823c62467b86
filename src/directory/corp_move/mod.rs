//! Moves: a company goes from an app of the service provider (a suite) to one that it made itself (reference 5.6). The data source stays, and with it its
//! users, their `sub`, groups, grants and what portals list; it changes its app, and its members their ids.
//!
//! ```text
//! planned: app entered, tried ─▶ members paired ─▶ rehearsed (a sync that only plans) ─▶ done ─┬▶ undone: as before
//!    └▶ dropped                                                                                └▶ final: the suite's app was deleted, or an admin says so
//! ```
//! Whatever is decided stands in one transaction ([`store`]); the sync that follows reads what the new app shows.

mod changing;
mod converting;
pub mod failure;
pub mod input;
mod joining;
pub mod model;
mod pairing;
mod planning;
mod rehearsing;
pub mod service;
pub(in crate::directory) mod store;
pub mod view;

pub use failure::MoveFailure;
pub use service::CorpMoves;
