//! What a certified OpenID provider must do, line by line; each test's name is a line of the certification profiles' lists.
//!
//! Lines that belong to one feature stand with it: claims.rs, consent.rs, assertions.rs, dpop.rs, device.rs, hints.rs, signing_out.rs, back_channel_logout.rs, registration.rs,
//! keys.rs.

mod basic;
mod config;
mod everywhere;
mod form_post;
