//! Tests that need more than one file: a small house with one person and two portals, and samples for the pure rules.

mod endpoints;
mod fixture;
mod flow;
mod introspection;
mod logout;
pub mod prover;
mod pushed;
mod resume;
mod rubbish;
pub mod samples;
mod security_profile;
mod single_use;
