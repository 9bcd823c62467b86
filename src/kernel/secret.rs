//! `Secret<T>`: a value that must not be shown: no `Debug` of its content, no `Display`, no `PartialEq`, wiped when dropped.

use std::fmt;

use zeroize::Zeroize;

/// Holds a secret. The content is reached only by [`Secret::expose`], so every use can be found by name.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a secret.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The content; the caller promises not to log or return it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> serde::Deserialize<'de> for Secret<String> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// The beginning of a text that may be a secret somebody put in the wrong place, for logs: six characters.
pub fn beginning(text: &str) -> String {
    match text.char_indices().nth(6) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
