//! Probes: the credentials of data sources and WeCom apps, tried live (reference 13.1): before they are saved, when an admin says so, and once a
//! day. What one saw is kept and shown as problems until it heals.
//!
//! A refused secret is asked about no more often than `wecom::Refusal` lets it, because WeCom blocks addresses that keep sending wrong ones.

pub mod asking;
pub(in crate::directory) mod bound;
pub mod egress;
pub mod entered;
pub mod failure;
pub mod holder;
pub mod model;
pub mod problems;
pub mod schedule;
pub mod service;
pub mod store;
pub mod view;

pub use failure::ProbeFailure;
pub use model::{AskWeCom, Probed};
pub use schedule::ProbeSchedule;
