//! WeCom event callbacks: the URLs WeCom pushes contact events to, and what an event starts (reference 6 and 7, product S4.2 and 4.1).
//!
//! An event is a hint to look again, never a fact: a leaver is looked up live and loses access at once, anything else starts a sync. The
//! reply comes before the action, because WeCom waits five seconds; so an event is recorded in the database before it is acknowledged
//! ([`store::pending_looks`], [`store::note`]), and [`Callbacks::tick`] retries actions that did not complete. Cryptography and parsing are in `wecom::callback`.
//!
//! A pressed button of a card is recorded too, for whoever sent the card ([`card_events`]), and so is what happens to customers, for whoever reads it
//! ([`external_contacts`]).
//!
//! What the callbacks of suites bring (their receive ids and replies differ) is verified by `directory::suite` and handed on to
//! [`Callbacks::receive_of_suite`]. Portals hear of a departure through the outbox of logouts (`directory::session_end`).

pub(in crate::directory) mod background_tasks;
pub mod card_events;
mod corp_ids;
pub(in crate::directory) mod endpoint;
pub(in crate::directory) mod endpoint_owner;
pub(in crate::directory) mod event_handler;
pub mod external_contacts;
pub mod failure;
pub(in crate::directory) mod freshness;
pub mod http;
mod identity_events;
mod lanes;
pub(in crate::directory) mod look_queue;
pub(in crate::directory) mod pending_look;
pub(in crate::directory) mod receive;
pub(in crate::directory) mod refused_callbacks;
pub(in crate::directory) mod service;
pub(in crate::directory) mod signed;
pub(in crate::directory) mod store;
pub mod view;

pub use endpoint::{Endpoint, Issued};
pub use endpoint_owner::Owner;
pub use event_handler::Outcome;
pub use failure::CallbackFailure;
pub use receive::PendingEvent;
pub use service::{Callbacks, Dependencies};
pub use view::CallbackView;

#[cfg(test)]
mod tests;
