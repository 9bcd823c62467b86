//! Response code of a card: with the app's token it updates the card once (reference 7.6). Kept out of logs like a secret.

use std::fmt;

/// A response code.
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseCode(String);

impl ResponseCode {
    /// As WeCom gave it.
    pub const fn new(code: String) -> Self {
        Self(code)
    }

    /// The code; the caller promises not to log or return it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseCode(…)")
    }
}
