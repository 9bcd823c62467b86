//! Deserialising a JSON merge patch (RFC 7396): an absent member leaves the field alone, `null` clears it where it may be empty.
//!
//! Each function is for `#[serde(default, deserialize_with = "…")]`.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use super::secret::Secret;

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

/// A secret. Unlike serde's own message, the error never repeats the value, because error texts are logged.
///
/// # Errors
/// When the value is not a text.
pub fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<String>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(Some(Secret::new(text))),
        _ => Err(D::Error::custom("a secret must be a string")),
    }
}

/// A secret that may be cleared or left out.
///
/// # Errors
/// When the value is neither `null` nor a text.
pub fn nullable_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Secret<String>>>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Some(None)),
        Value::String(text) => Ok(Some(Some(Secret::new(text)))),
        _ => Err(D::Error::custom("a secret must be a string or null")),
    }
}

/// A secret of a new resource, where `null` and absent are the same.
///
/// # Errors
/// As [`nullable_secret`].
pub fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<String>>, D::Error> {
    nullable_secret(deserializer).map(Option::flatten)
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
        #[serde(default, deserialize_with = "secret")]
        secret: Option<Secret<String>>,
    }

    fn read(text: &str) -> Result<Probe, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let probe = read("{}").unwrap();
        assert!(probe.name.is_none() && probe.hours.is_none() && probe.secret.is_none());
        assert_eq!(read(r#"{"hours":null}"#).unwrap().hours, Some(None));
        assert_eq!(read(r#"{"hours":4}"#).unwrap().hours, Some(Some(4)));
        assert!(read(r#"{"name":null}"#).is_err());
    }

    #[test]
    fn a_secret_of_the_wrong_type_is_not_repeated() {
        let error = read(r#"{"secret":987654321}"#).err().unwrap();
        assert!(!error.contains("987654321"), "{error}");
    }
}
