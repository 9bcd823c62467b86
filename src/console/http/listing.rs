//! A page of a list of the API.

use serde::Deserialize;

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Listing<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Where the next page begins; none: this is the last one.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next_cursor: None,
        }
    }
}
