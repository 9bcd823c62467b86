//! Shared HTTP: failures as replies, languages and texts, cookies, headers, page layout, client address, rate limits.
//!
//! Deliberately without handlers of its own: each feature keeps its handlers in its `http.rs`.

pub mod accent_colour;
pub mod ago;
pub mod anonymous_limit;
pub mod brand;
pub mod browser;
#[cfg(test)]
pub mod captured_log;
pub mod client_address;
pub mod connection;
pub mod connection_limit;
pub mod context;
pub mod cookies;
pub mod deadline;
pub mod details;
pub mod draining;
pub mod failure;
pub mod headers;
pub mod input;
pub mod language;
pub mod page;
pub mod rate_limit;
pub mod reference;
pub mod request_body;
pub mod texts;
pub mod way_on;
