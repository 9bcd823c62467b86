//! A message to send, already worded.

use serde::Serialize;

use super::target::Destination;

/// An event that waits to be sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Held {
    pub to: Destination,
    pub message: String,
    /// Waits for the release, not for the next event.
    pub until_released: bool,
}

impl Held {
    pub(super) fn new(to: Destination, message: String) -> Self {
        Self {
            to,
            message,
            until_released: false,
        }
    }
}
