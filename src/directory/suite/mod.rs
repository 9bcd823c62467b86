//! Suites: apps of a service provider (第三方应用), and templates of apps that it develops for customers (代开发应用模板), which companies install
//! (reference 9). Their credentials are a resource that admins edit; their two callbacks bring tickets, what becomes of installations, and the
//! events of the companies that installed them.
//!
//! A ticket is written at once, and the newest counts ([`store::credential`] knows how long). Any other push is one row for whoever acts on
//! it; events of contacts go on to `wecom_events`, as those of an app that the company made itself.

pub mod failure;
pub mod http;
pub mod input;
pub mod model;
pub mod opened;
mod problems;
mod receive;
mod refused;
pub mod service;
pub mod store;
mod trial;
mod troubled;
mod trying;
pub mod view;

pub use failure::SuiteFailure;
pub use service::{Dependencies, Suites};
pub(in crate::directory) use troubled::troubled;
