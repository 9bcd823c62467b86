//! Presses of the buttons of cards (reference 7.6): recorded before WeCom gets its answer, acted on by whoever sent the card.
//!
//! What a press means is not known here. That it came from WeCom, for this corp and this app, is: its envelope was verified by the key of the app's
//! endpoint. Whether its member may decide, and whether that app sent the card, is for whoever acts on it to check.

mod press;
pub(in crate::directory) mod receipt;
mod store;

pub use press::{KEPT, Press};
pub use store::{Code, acted_on_since, any_acted_on_since, any_pending, forget_code, pending, settle, usable_code};
