//! WeCom telling us of changes: the URLs it pushes events to, and what an event sets off (reference 6 and 7, product S4.2 and 4.1).
//!
//! An event is a hint to look again, never a fact: a leaver is looked at live and put out at once, anything else starts a sync. The reply
//! comes before the action, because WeCom waits five seconds; so what was acknowledged stands in the database first ([`store::note`]) and
//! [`Callbacks::tick`] catches up with actions that did not end. Cryptography and reading are `wecom::callback`'s.
//!
//! Deliberately absent: suite callbacks (their receive ids and replies differ), and telling portals that somebody left.

mod background_tasks;
mod endpoint;
mod event_handler;
pub mod failure;
pub mod http;
mod receive;
mod store;

#[cfg(test)]
mod tests;

pub use endpoint::{Callbacks, Dependencies, Endpoint, Issued, Owner};
pub use event_handler::Outcome;
pub use failure::CallbackFailure;
pub use receive::Task;
