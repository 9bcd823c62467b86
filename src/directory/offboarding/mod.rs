//! Offboarding: the one door through which a person's access ends, whoever learns that it must (a sync, an event of WeCom, a look at a
//! sign-in, an admin, a date), and through which it begins again.
//!
//! In one transaction: the user's state, their sessions, what was granted in them, a logout for each portal in the outbox, the audit event,
//! and a report that proves it. The gate judges every visit by itself; this room makes true everywhere what one of them learned.

pub mod model;
pub mod service;
pub mod store;

pub use service::Offboarding;
