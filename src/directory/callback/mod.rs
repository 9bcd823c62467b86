//! WeCom telling us of changes: the URLs it pushes events to, and what an event sets off (reference 6 and 7, product S4.2 and 4.1).
//!
//! An event is a hint to look again, never a fact: a leaver is looked at live and put out at once, anything else starts a sync. The reply
//! comes before the action, because WeCom waits five seconds; so what was acknowledged stands in the database first ([`store::note`]) and
//! [`Callbacks::tick`] catches up with actions that did not end. Cryptography and reading are `wecom::callback`'s.
//!
//! Deliberately absent: suite callbacks (their receive ids and replies differ), and telling portals that somebody left.

pub(in crate::directory) mod background_tasks;
pub(in crate::directory) mod endpoint;
pub(in crate::directory) mod event_handler;
pub mod failure;
pub(in crate::directory) mod freshness;
pub mod http;
pub(in crate::directory) mod owner;
pub(in crate::directory) mod receive;
pub(in crate::directory) mod service;
pub(in crate::directory) mod store;

pub use endpoint::{Endpoint, Issued};
pub use event_handler::Outcome;
pub use failure::CallbackFailure;
pub use owner::Owner;
pub use receive::Task;
pub use service::{Callbacks, Dependencies};

#[cfg(test)]
mod tests;
