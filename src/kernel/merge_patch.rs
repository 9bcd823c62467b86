//! Deserialising a JSON merge patch (RFC 7396): an absent member leaves the field alone, `null` clears it where it may be empty.
//!
//! Each function is for `#[serde(default, deserialize_with = "…")]`.

use serde::{Deserialize, Deserializer};

/// A field that cannot be empty: `null` is refused instead of being read as "absent".
///
/// # Errors
/// When the value is not a `T`.
pub fn non_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that may be cleared: `Some(None)` for `null`.
///
/// # Errors
/// When the value is neither `null` nor a `T`.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Probe {
        #[serde(default, deserialize_with = "non_null")]
        name: Option<String>,
        #[serde(default, deserialize_with = "nullable")]
        hours: Option<Option<i32>>,
    }

    fn read(text: &str) -> Result<Probe, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let probe = read("{}").unwrap();
        assert!(probe.name.is_none() && probe.hours.is_none());
        assert_eq!(read(r#"{"hours":null}"#).unwrap().hours, Some(None));
        assert_eq!(read(r#"{"hours":4}"#).unwrap().hours, Some(Some(4)));
        assert!(read(r#"{"name":null}"#).is_err());
    }
}
