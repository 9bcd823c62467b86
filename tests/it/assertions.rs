//! Clients that prove themselves with a JWT (OpenID Connect Core, section 9), pushed and signed authorization requests, FAPI 2.0.

mod algorithms;
mod authentication;
mod fapi;
mod objects;
mod pushed;
mod references;
