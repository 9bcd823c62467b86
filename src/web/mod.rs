//! Shared HTTP: how a failure becomes a reply, languages and texts, cookies, headers, the page layout.
//!
//! Deliberately without a handler of its own except the style sheet: each feature keeps its handlers in its `http.rs`.

pub mod anonymous_limit;
pub mod client_address;
pub mod cookies;
pub mod failure;
pub mod headers;
pub mod input;
pub mod page;
pub mod rate_limit;
pub mod reference;
pub mod texts;
