//! Callbacks: verified on saving, signed, encrypted, delivered with retries, and tampered with on demand (reference §6, §7).

mod deliver;
pub(crate) mod delivery;
mod events;
mod render;
mod seal;

pub(crate) use deliver::{configure, emit};
pub use delivery::{Delivery, DeliveryReport, Owner};
pub use events::Event;
pub use seal::Tamper;
