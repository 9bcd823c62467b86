//! Installations: corps that installed an app of the service provider (a suite), and how each becomes a data source here, and ends (reference 9.2 to 9.6).
//!
//! ```text
//! invitation (an admin asks) ─┬ browser: WeCom's install page comes back with a code and our `state` ─▶ code kept ─▶ read ─▶ bound
//!                             └ phone: `create_auth` is pushed ─▶ code kept ─▶ read ─▶ unbound, waits ─┬▶ a member scans ─▶ bound
//!                                                                                                      └▶ expired
//! `cancel_auth`, or WeCom says that nothing is authorised ─▶ cancelled: access of all its people ends, its data is removed
//! ```
//! One table says what may follow what ([`state`]). A permanent code is kept before anything else is done about it; whatever fails after that is tried
//! again. Pushes come twice, late and in any order: what is not plainly newer is decided by asking WeCom.

mod cancelling;
mod exchanging;
pub mod failure;
pub mod input;
mod inviting;
pub mod model;
mod pushes;
mod returning;
mod scanning;
pub mod service;
mod settling;
pub mod state;
pub(in crate::directory) mod store;
mod tending;
pub mod view;

pub use failure::InstallationFailure;
pub use service::{Dependencies, Installations};
