//! Tests of the provider that need more than one file: a fixture with one person and two portals, and samples for the pure rules.

pub mod dpop_client;
mod endpoints;
mod fixture;
mod flow;
mod introspection;
mod logout;
mod properties;
mod pushed;
mod resume;
pub mod samples;
mod security_profile;
mod single_use;
