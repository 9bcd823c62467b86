//! Reads of a JSON object only the fields that somebody asks for: a member's row has twice as many, and a corp has a hundred thousand of them.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;

/// Reads these fields of an object, in any letter case; it fails where it is no object, or one of them cannot be read.
#[derive(Clone, Copy)]
pub(super) struct Fields<'f>(pub(super) &'f [&'f str]);

/// Fields that were asked for, in that order.
pub(super) struct Picked<'f> {
    names: &'f [&'f str],
    /// Null where there is none, and whether its name was written as it was asked for.
    values: Vec<(Value, bool)>,
}

impl Picked<'_> {
    /// One of the fields.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        let at = self.names.iter().position(|asked| *asked == name)?;
        self.values.get(at).map(|(value, _)| value)
    }
}

impl<'de, 'f> DeserializeSeed<'de> for Fields<'f> {
    type Value = Picked<'f>;

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<Self::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de, 'f> Visitor<'de> for Fields<'f> {
    type Value = Picked<'f>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut values: Vec<(Value, bool)> = self.0.iter().map(|_| (Value::Null, false)).collect();
        while let Some(name) = object.next_key_seed(Name(self.0))? {
            let slot = name.and_then(|(at, exact)| Some((values.get_mut(at)?, exact)));
            match slot {
                Some((slot, exact)) if exact || !slot.1 => *slot = (object.next_value()?, exact),
                _ => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Picked { names: self.0, values })
    }
}

/// Which of these a name is, and whether it is written like that.
struct Name<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<(usize, bool)>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<(usize, bool)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let at = self.0.iter().position(|field| field.eq_ignore_ascii_case(name));
        Ok(at.map(|at| (at, self.0.get(at) == Some(&name))))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeSeed;
    use serde_json::{Value, json};

    use super::Fields;

    fn picked(row: &str) -> Option<[Value; 2]> {
        let fields = ["userid", "department"];
        let mut object = serde_json::Deserializer::from_str(row);
        let picked = Fields(&fields).deserialize(&mut object).ok()?;
        assert!(picked.find("name").is_none());
        Some(fields.map(|field| picked.find(field).unwrap().clone()))
    }

    #[test]
    fn only_what_is_asked_for_is_read() {
        let row = r#"{"UserID":"LiHua","extattr":{"attrs":[{"value":"x"}]},"department":[1,2],"name":"李华"}"#;
        assert_eq!(picked(row), Some([json!("LiHua"), json!([1, 2])]));
        assert_eq!(picked("{}"), Some([Value::Null, Value::Null]));
    }

    #[test]
    fn the_name_as_it_was_asked_for_comes_first() {
        for row in [
            r#"{"userid":"a","USERID":"b","department":null}"#,
            r#"{"USERID":"b","userid":"a"}"#,
        ] {
            assert_eq!(picked(row), Some([json!("a"), Value::Null]), "{row}");
        }
    }

    #[test]
    fn what_is_no_object_or_cannot_be_read_is_left_to_others() {
        for row in ["[]", "\"LiHua\"", "null", "7", r#"{"userid":"\ud800"}"#] {
            assert_eq!(picked(row), None, "{row}");
        }
        assert!(picked(r#"{"userid":"x","name":"\ud800"}"#).is_some());
    }
}
