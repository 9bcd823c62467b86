//! Subscriptions: who is told of what, by which channel, in which language, and when.

pub mod input;
pub mod service;
pub mod store;
pub mod view;
