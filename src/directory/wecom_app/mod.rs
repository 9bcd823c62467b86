//! WeCom apps: AgentId and secret. One row per (corp, AgentId), shared by the data source that syncs through it and by every auth source
//! that signs in through it; so one app has one secret, saved on whichever side.

pub mod store;

pub mod model;
pub mod notice;
pub mod reading;
pub mod service;
pub mod view;

pub use model::{AppInput, AppView, DesiredApp, SECRET, WeComApp, check, desired_app};
