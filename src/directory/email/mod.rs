//! E-mail addresses of a data source's people: from which sources, in which order, and for which domains an admin vouches.

pub mod model;
mod settle;
pub mod store;

pub use model::{EmailSettings, VouchedDomain};
pub use settle::{Address, Holder};
pub use store::Settled;
