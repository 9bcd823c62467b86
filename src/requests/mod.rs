//! Access requests: a member who is in the corp and not imported asks to be let in, and an approver answers.
//!
//! ```text
//! refused (GT-110) ─▶ the proof of the scan is kept ─▶ apply ─▶ open ─┬▶ approved    (console, link, card, API)
//!                                                                     ├▶ refused
//!                                                                     ├▶ withdrawn   (by the person)
//!                                                                     ├▶ expired     (nobody decided in time)
//!                                                                     ├▶ overtaken   (imported meanwhile)
//!                                                                     └▶ closed      (the person left, or the corp takes no requests any more)
//! ```
//! One table says what may follow what ([`state`]). Whoever decides does so in one transaction with the import, the portals, the end date, the audit
//! events and the notices, so that nothing of it is ever there without the rest.

pub mod applying;
pub mod approver;
mod cards;
pub mod deciding;
pub mod failure;
pub mod http;
pub mod input;
pub mod model;
pub mod service;
pub mod state;
pub mod store;
mod telling;
pub mod tending;
pub mod view;

pub use failure::RequestFailure;
pub use input::{ApproveInput, RefuseInput};
pub use model::Decider;
pub use service::{Dependencies, Requests};
pub use state::State;
pub use store::unheard;
