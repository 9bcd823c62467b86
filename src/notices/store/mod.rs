//! Queries of the post room.

pub mod alerts;
pub mod cards;
pub mod deliveries;
pub mod digests;
pub mod outbox;
pub mod records;
