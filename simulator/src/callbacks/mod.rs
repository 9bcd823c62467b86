//! Callbacks: verified on saving, signed, encrypted, delivered with retries, and tampered with on demand (reference §6, §7).

mod acting;
mod deliver;
pub(crate) mod delivery;
pub(crate) mod events;
mod pressing;
mod render;
mod seal;

pub use acting::Told;
pub(crate) use acting::{act, carry_out};
pub(crate) use deliver::{configure, emit, release};
pub use delivery::{Delivery, DeliveryReport, Owner};
pub use events::Event;
pub(crate) use pressing::press;
pub use seal::Tamper;
