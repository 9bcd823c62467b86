//! The whole product through its public doors: one binary, named actors, every storage pairing.
//!
//! The application is built by the same function as in `main`; WeCom is played by the simulator, which shares no code with it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod actors;
mod backends;
mod stage;

mod admin_api;
mod assertions;
mod bound;
mod callbacks;
mod chromium;
mod claims;
mod conformance;
mod consent;
mod demo;
mod device;
mod device_misuse;
mod device_terms;
mod farewell;
mod fuzz;
mod hardening;
mod hints;
mod input;
mod keys;
mod leavers;
mod meanwhile;
mod oidc;
mod password;
mod proxies;
mod refusals;
mod registration;
mod remembered;
mod replicas;
mod roles;
mod signin;
mod signing_out;
mod single_use;
mod strangers;
mod sync;
mod tokens;
