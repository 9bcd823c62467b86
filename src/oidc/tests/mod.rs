//! Tests that need more than one file: a small house with one person and two portals, and samples for the pure rules.

mod endpoints;
mod flow;
mod house;
mod introspect;
mod logout;
mod profile;
pub mod prover;
mod pushed;
mod resume;
mod rubbish;
pub mod samples;
mod single_use;
