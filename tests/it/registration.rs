//! Registering clients: metadata over the admin API, and dynamic registration (RFC 7591/7592).

mod admin;
pub mod anonymous;
mod decided;
mod dynamic;
mod initial;
mod metadata;
mod pages;
mod sector;
pub mod server;
