//! `menjin demo`: a simulated WeCom, Menjin on SQLite in a temporary directory, and two demo portals, in one process.
//!
//! Everything is set up through public interfaces: the admin REST API and the discovery URL. Nothing here is used by `menjin serve`.

mod portal;
mod relying_party;
mod run;
mod setup;

pub use run::{Demo, Options, start};
