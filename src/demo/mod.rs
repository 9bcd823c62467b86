//! `menjin demo`: a simulated WeCom, Menjin on SQLite in a temporary directory, and two demo portals, in one process.
//!
//! It is set up through public interfaces: the admin REST API, the discovery URL, and for the made-up history the pages that people use; but
//! the addresses of its portals, which the API does not take (plain http, beyond loopback), it writes into their rows itself. Nothing here is
//! used by `menjin serve`.

mod addresses;
mod claims;
mod faults;
mod faults_page;
mod history;
mod logout_token;
mod owner;
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
