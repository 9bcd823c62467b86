//! `menjin demo`: a simulated WeCom, Menjin on SQLite in a temporary directory, and two demo portals, in one process.
//!
//! Everything is set up through public interfaces: the admin REST API, the discovery URL, and for the made-up history the pages that people
//! use. Nothing here is used by `menjin serve`.

mod addresses;
mod claims;
mod faults;
mod faults_page;
mod history;
mod logout_token;
mod page;
mod portal;
mod portals;
mod relying_party;
mod run;
mod settings;
mod setup;
mod start_page;
mod visitor;

pub use addresses::parse_listen;
pub use run::{Demo, Options, start};
