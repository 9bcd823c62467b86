//! Health: what runs here, whether its stores take writes, what waits, when contacts were synced, and what resources say is wrong.
//!
//! Cheap enough for a screen that asks every few seconds: nothing is called outside. What only a live look shows is the doctor's.

pub(in crate::admin) mod model;
pub(in crate::admin) mod service;
pub mod store;

pub use model::{HealthView, Installation, Parts, Waiting};
