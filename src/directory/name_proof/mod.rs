//! Whom WeCom may show names to. It tells an app of a service provider none: they stand in frames of its own on our pages (display component, reference
//! 9.10), for whoever proved, by a scan with WeCom of that very company, that they are one of its members. A proof belongs to one session and one data
//! source ([`entity::name_proof`]), and counts for as long as both stand and the member is there and active.

pub mod failure;
pub mod model;
mod scanning;
pub mod service;
mod signing;
pub mod store;

pub use failure::NameProofFailure;
pub use model::{Begun, Company, Department, Member, Scan, SignedPage, Viewer};
pub use scanning::RETURN;
pub use service::{Dependencies, NameProofs};
pub use signing::Page;
