//! The whole product through its public interfaces: one binary, named actors, every storage pairing.
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
mod fixture;

mod admin_api;
mod anonymous_limit;
mod assertions;
mod back_channel_logout;
mod callbacks;
mod chromium;
mod claims;
mod conformance;
mod consent;
mod demo;
mod device;
mod device_misuse;
mod device_terms;
mod dpop;
mod fuzz;
mod hardening;
mod hints;
mod input;
mod keys;
mod leavers;
mod oidc;
mod password;
mod proxies;
mod races;
mod read_cache;
mod records;
mod refusals;
mod registration;
mod replicas;
mod roles;
mod sessions_end;
mod signin;
mod signing_out;
mod single_use;
mod sync;
mod tokens;
