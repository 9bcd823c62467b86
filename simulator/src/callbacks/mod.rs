//! Callbacks: verified on saving, signed, encrypted, delivered with retries, and tampered with on demand (reference §6, §7, §9).

mod acting;
mod configure;
mod deliver;
pub(crate) mod delivery;
pub(crate) mod events;
mod external;
mod for_suites;
pub(crate) mod held;
mod installing;
mod pressing;
mod push_words;
pub(crate) mod pushes;
mod render;
mod seal;
mod tamper;
mod target;
mod ticking;
mod told;

pub(crate) use acting::{act, carry_out, push_all};
pub(crate) use configure::{configure, configure_suite};
pub(crate) use deliver::{emit, push, release};
pub use delivery::{Delivery, DeliveryReport, Owner};
pub use events::Event;
pub use external::{ChatChange, ExternalChange, ExternalChat, ExternalContact, ExternalTag, TagChange};
pub(crate) use installing::{Place, cancel, changed, install, rescope, reset};
pub(crate) use pressing::press;
pub use pushes::Push;
pub use tamper::Tamper;
pub use target::SuiteCallback;
pub(crate) use ticking::tick;
pub use told::{Acted, Pushed, Told};
