//! Parses a document and finds what no schema allows: names that stand twice, and control characters.

use std::{cell::RefCell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::path::Path;
use crate::kernel::validation::{ValidationErrors, is_line, is_paragraph};

/// Fields that take several lines: a data source's description, why somebody is not let in, a postal address (OpenID Connect Core 5.1.1), and the
/// content of a file.
const SEVERAL_LINES: [&str; 5] = ["description", "reason", "formatted", "street_address", "content"];

/// What was found in a document.
#[derive(Debug, Default)]
pub struct Found {
    /// Names that stand twice.
    pub twice: ValidationErrors,
    /// Texts and names with control characters.
    pub characters: ValidationErrors,
}

impl Found {
    /// Notes a text that holds control characters.
    pub fn text(&mut self, path: &Path<'_>, text: &str) {
        let lines = path.name().is_some_and(|name| SEVERAL_LINES.contains(&name));
        if !(is_line(text) || lines && is_paragraph(text)) {
            self.characters.add(path, "must not hold control characters");
        }
    }

    /// Notes a name: control characters in it, and that it stood there before.
    pub fn name(&mut self, path: &Path<'_>, name: &str, twice: bool) {
        if !is_line(name) {
            self.characters.add(path, "has a name with control characters");
        }
        if twice {
            self.twice.add(Path::Member(path, name), "stands twice");
        }
    }
}

/// Reads a value at this place.
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    /// Where it stands.
    pub path: Path<'a>,
    /// What was found so far.
    pub found: &'a RefCell<Found>,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        self.found.borrow_mut().text(&self.path, value);
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let place = Path::Item(&self.path, values.len());
            let item = Tree {
                path: place,
                found: self.found,
            };
            match list.next_element_seed(item)? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let twice = members.contains_key(&name);
            self.found.borrow_mut().name(&self.path, &name, twice);
            let member = Tree {
                path: Path::Member(&self.path, &name),
                found: self.found,
            };
            let value = object.next_value_seed(member)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
