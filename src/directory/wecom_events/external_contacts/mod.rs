//! Events about customers (reference 8): recorded before WeCom gets its answer, each once, and counted.
//!
//! Nothing follows from them here. Whom they name is nobody to sign-in and sync: an `external_userid` is compared with no userid and becomes no user.

mod model;
mod service;
pub(in crate::directory) mod store;
mod view;

pub use model::{EventFilter, KEPT};
pub use view::{CountView, EventView};
