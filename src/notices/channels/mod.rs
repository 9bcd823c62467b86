//! Channels: each takes a message for one address and says what became of it.

pub mod email;
pub mod webhook;
pub mod wecom;
