//! Registering clients: metadata over the admin API, and dynamic registration (RFC 7591/7592).

mod admin;
mod server;
