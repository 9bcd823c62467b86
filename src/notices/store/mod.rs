//! Queries of the post room.

pub mod alerts;
pub mod cards;
pub mod deliveries;
pub mod digests;
pub mod ending;
pub mod outbox;
pub mod people;
pub mod records;
pub mod told;
