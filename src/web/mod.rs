//! Shared HTTP: how a failure becomes a reply, languages and texts, cookies, headers, the page layout.
//!
//! Deliberately without a handler of its own except the style sheet: each feature keeps its handlers in its `http.rs`.

pub mod address;
pub mod bound;
pub mod cookies;
pub mod failure;
pub mod headers;
pub mod input;
pub mod page;
pub mod reference;
pub mod strangers;
pub mod texts;
