//! What a certified OpenID provider must do, line by line; each test's name is a line of the certification profiles' lists.
//!
//! Lines that belong to one feature stand with it: claims.rs, consent.rs, assertions.rs, bound.rs, device.rs, farewell.rs, registration.rs, keys.rs.

mod basic;
mod config;
mod everywhere;
mod form_post;
