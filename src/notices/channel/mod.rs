//! Channels: ways by which notices reach people, as admins set them up.

mod host;
pub mod input;
pub mod service;
pub mod settings;
pub mod store;
pub mod view;
