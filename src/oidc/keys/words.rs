//! An algorithm in JSON documents: its JOSE name. Beside the type, so that a new algorithm needs no second list.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::Alg;

/// What OpenID Connect Core section 2 makes the default.
impl Default for Alg {
    fn default() -> Self {
        Self::Rs256
    }
}

impl Serialize for Alg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// The error names what is known, never what was sent.
impl<'de> Deserialize<'de> for Alg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::of(&word).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.into_iter().map(Self::word).collect();
            D::Error::custom(format_args!("expected one of {}", known.join(", ")))
        })
    }
}
