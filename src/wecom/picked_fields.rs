//! Reads of a JSON object only the fields that somebody asks for: a member's row has twice as many, and a corp has a hundred thousand of them.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

/// These fields of an object, in any letter case; `None` where it is no object, or one of them cannot be read.
pub(super) fn pick(raw: &RawValue, fields: &[&str]) -> Option<Map<String, Value>> {
    let mut object = serde_json::Deserializer::from_str(raw.get());
    Fields(fields).deserialize(&mut object).ok()
}

struct Fields<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<Self::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut picked = Map::with_capacity(self.0.len());
        while let Some(name) = object.next_key_seed(Name(self.0))? {
            match name {
                Some(name) => drop(picked.insert(name, object.next_value()?)),
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(picked)
    }
}

/// A name, if it is one of these.
struct Name<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let asked = self.0.iter().any(|field| field.eq_ignore_ascii_case(name));
        Ok(asked.then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::RawValue};

    use super::pick;

    fn picked(row: &str) -> Option<serde_json::Value> {
        let raw: Box<RawValue> = serde_json::from_str(row).unwrap();
        pick(&raw, &["userid", "department"]).map(serde_json::Value::Object)
    }

    #[test]
    fn only_what_is_asked_for_is_read() {
        let row = r#"{"UserID":"LiHua","extattr":{"attrs":[{"value":"x"}]},"department":[1,2],"name":"李华"}"#;
        assert_eq!(picked(row), Some(json!({ "UserID": "LiHua", "department": [1, 2] })));
        assert_eq!(picked("{}"), Some(json!({})));
    }

    #[test]
    fn what_is_no_object_or_cannot_be_read_is_left_to_others() {
        for row in ["[]", "\"LiHua\"", "null", "7", r#"{"userid":"\ud800"}"#] {
            assert_eq!(picked(row), None, "{row}");
        }
        assert!(picked(r#"{"userid":"x","name":"\ud800"}"#).is_some());
    }
}
