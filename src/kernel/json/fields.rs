//! Reads a parsed value as a type, and finds all faults.
//!
//! A type stops reading at its first fault. So that the others are found too, it is read again with something acceptable in the place of
//! each fault found so far, until nothing new turns up or the value is too large to be read that often.

use std::{collections::HashSet, fmt};

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Visitor, value::StrDeserializer,
};
use serde_json::{Map, Value, map};

use super::path::{Path, is_plain};
use crate::kernel::validation::{MOST_TOLD, ValidationErrors};

/// An acceptable text in the place of a fault, also for ids.
const PLACEHOLDER: &str = "00000000-0000-0000-0000-000000000000";

/// How much reading again may cost: nodes times their depth, over all readings.
const MOST_READ_AGAIN: usize = 200_000;

/// The fields or variants of a type.
type Names = &'static [&'static str];

/// Reads a value that stands at this place.
///
/// # Errors
/// All faults.
pub fn read<T: DeserializeOwned>(path: Path<'_>, value: &Value) -> Result<T, ValidationErrors> {
    let mut faults = ValidationErrors::default();
    let mut told = HashSet::new();
    let mut readings = None;
    loop {
        let fault = match T::deserialize(Reader::at(path, Some(value), &told)) {
            Ok(read) if told.is_empty() => return Ok(read),
            Ok(_) => return Err(faults),
            Err(fault) => fault.at(&path, || "is not acceptable".to_owned()),
        };
        let Some(place) = fault.place else { return Err(faults) };
        // A type that refuses even the placeholder cannot be read any further.
        if !told.insert(place.key) {
            return Err(faults);
        }
        faults.add(place.shown, fault.expected);
        let most = *readings.get_or_insert_with(|| MOST_READ_AGAIN / weight(value, 1));
        if told.len() > MOST_TOLD.min(most) {
            return Err(faults);
        }
    }
}

/// What one more reading costs: finding a place takes as many steps as it is deep. At least one.
fn weight(value: &Value, depth: usize) -> usize {
    let parts: usize = match value {
        Value::Array(items) => items.iter().map(|item| weight(item, depth.saturating_add(1))).sum(),
        Value::Object(members) => members
            .values()
            .map(|member| weight(member, depth.saturating_add(1)))
            .sum(),
        _ => 0,
    };
    depth.saturating_add(parts)
}

/// One fault. What serde or a type says about a value is dropped, because it may repeat the value.
#[derive(Debug, Default)]
struct Fault {
    place: Option<Place>,
    expected: String,
    missing: Option<&'static str>,
    known: Option<Names>,
}

#[derive(Debug)]
struct Place {
    key: String,
    shown: String,
}

impl Fault {
    fn new(path: &Path<'_>, expected: impl Into<String>) -> Self {
        let place = Place {
            key: path.key(),
            shown: path.to_string(),
        };
        Self {
            place: Some(place),
            expected: expected.into(),
            ..Self::default()
        }
    }

    /// The fault with its place, which is this one unless it is known already.
    fn at(self, path: &Path<'_>, expected: impl FnOnce() -> String) -> Self {
        match (&self.place, self.missing) {
            (Some(_), _) => self,
            (None, Some(name)) => Self::new(&Path::Member(path, name), "is needed"),
            (None, None) => Self::new(path, expected()),
        }
    }

    /// The fault of a name that its object does not know.
    fn unknown(self, parent: &Path<'_>, name: &str) -> Self {
        let known = match self.known.unwrap_or_default() {
            [] => "none".to_owned(),
            known => known.join(", "),
        };
        let path = Path::Member(parent, name);
        let mut fault = Self::new(&path, format!("is not known here; known are {known}"));
        if let Some(place) = fault.place.as_mut().filter(|_| !is_plain(name)) {
            place.shown = parent.to_string();
            fault.expected = format!("has a field that is not known here; known are {known}");
        }
        fault
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            missing: Some(field),
            ..Self::default()
        }
    }

    fn unknown_field(_: &str, known: Names) -> Self {
        Self {
            known: Some(known),
            ..Self::default()
        }
    }
}

/// Gives a value to the type that reads it; `None`: something acceptable in its place.
#[derive(Clone, Copy)]
struct Reader<'a> {
    path: Path<'a>,
    value: Option<&'a Value>,
    told: &'a HashSet<String>,
}

impl<'a> Reader<'a> {
    fn at(path: Path<'a>, value: Option<&'a Value>, told: &'a HashSet<String>) -> Self {
        let replaced = !told.is_empty() && told.contains(&path.key());
        Self {
            path,
            value: value.filter(|_| !replaced),
            told,
        }
    }

    fn fault(&self, expected: impl Into<String>) -> Fault {
        Fault::new(&self.path, expected)
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = match self.value {
            None => visitor.visit_u64(0),
            Some(Value::Number(number)) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => visitor.visit_i64(number),
                (None, Some(number)) => visitor.visit_u64(number),
                (None, None) => return Err(self.fault("must be a whole number")),
            },
            Some(_) => return Err(self.fault("must be a whole number")),
        };
        read.map_err(|fault: Fault| fault.at(&self.path, || "must be a whole number in the possible range".to_owned()))
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let items = match self.value {
            None => [].iter(),
            Some(Value::Array(items)) => items.iter(),
            Some(_) => return Err(self.fault("must be a list")),
        };
        let items = Items {
            path: self.path,
            items: items.enumerate(),
            told: self.told,
        };
        let read = visitor.visit_seq(items);
        read.map_err(|fault: Fault| fault.at(&self.path, || "is not an acceptable list".to_owned()))
    }

    fn members<'de, V: Visitor<'de>>(self, fields: Option<Names>, visitor: V) -> Result<V::Value, Fault> {
        let empty = Map::new();
        let members = match self.value {
            None => &empty,
            Some(Value::Object(members)) => members,
            Some(_) => return Err(self.fault("must be an object")),
        };
        let replaced = |field: &&'static str| {
            let absent = !members.contains_key(*field);
            let told = || self.told.contains(&Path::Member(&self.path, field).key());
            absent && (self.value.is_none() || !self.told.is_empty() && told())
        };
        let missing: Vec<&'static str> = fields.unwrap_or_default().iter().copied().filter(replaced).collect();
        let members = Members {
            path: self.path,
            fields,
            members: members.iter(),
            missing: missing.into_iter(),
            next: None,
            told: self.told,
        };
        let read = visitor.visit_map(members);
        read.map_err(|fault: Fault| fault.at(&self.path, || "is not acceptable".to_owned()))
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.whole(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    whole_numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    whole_numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = match self.value {
            None | Some(Value::Null) => visitor.visit_unit(),
            Some(Value::Bool(value)) => visitor.visit_bool(*value),
            Some(Value::Number(number)) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_i64(number),
                (_, Some(number), _) => visitor.visit_u64(number),
                (_, _, number) => visitor.visit_f64(number.unwrap_or_default()),
            },
            Some(Value::String(text)) => visitor.visit_str(text),
            Some(Value::Array(_)) => return self.list(visitor),
            Some(Value::Object(_)) => return self.members(None, visitor),
        };
        read.map_err(|fault: Fault| fault.at(&self.path, || "is not acceptable".to_owned()))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            None => visitor.visit_bool(false),
            Some(Value::Bool(value)) => visitor.visit_bool(*value),
            Some(_) => Err(self.fault("must be true or false")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let text = match self.value {
            None => PLACEHOLDER,
            Some(Value::String(text)) => text,
            Some(_) => return Err(self.fault("must be a text")),
        };
        let expected = match (&visitor as &dyn Expected).to_string().as_str() {
            "a formatted UUID string" => "must be an id (a UUID)".to_owned(),
            other => format!("must be {other}"),
        };
        let read = visitor.visit_str(text);
        read.map_err(|fault: Fault| fault.at(&self.path, || expected))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            None | Some(Value::Null) => visitor.visit_none(),
            Some(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.members(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: Names,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.members(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: Names,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word = match self.value {
            None => variants.first().copied(),
            Some(value) => value.as_str(),
        };
        let expected = || format!("must be one of {}", variants.join(", "));
        let word = word.ok_or_else(|| self.fault(expected()))?;
        let read = visitor.visit_enum(Word(word));
        read.map_err(|fault: Fault| fault.at(&self.path, expected))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

/// The word of an enumeration whose variants hold nothing.
struct Word<'a>(&'a str);

impl<'de, 'a> EnumAccess<'de> for Word<'a> {
    type Error = Fault;
    type Variant = <StrDeserializer<'a, Fault> as EnumAccess<'de>>::Variant;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let word: StrDeserializer<'a, Fault> = self.0.into_deserializer();
        word.variant_seed(seed)
    }
}

struct Items<'a> {
    path: Path<'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
    told: &'a HashSet<String>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some((index, value)) = self.items.next() else {
            return Ok(None);
        };
        let reader = Reader::at(Path::Item(&self.path, index), Some(value), self.told);
        seed.deserialize(reader).map(Some)
    }
}

/// The members of an object, then those that were told missing.
struct Members<'a> {
    path: Path<'a>,
    fields: Option<Names>,
    members: map::Iter<'a>,
    missing: std::vec::IntoIter<&'static str>,
    next: Option<(&'a str, Option<&'a Value>)>,
    told: &'a HashSet<String>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        loop {
            let member = self.members.next().map(|(name, value)| (name.as_str(), Some(value)));
            let Some((name, value)) = member.or_else(|| self.missing.next().map(|name| (name, None))) else {
                return Ok(None);
            };
            let unknown = self.fields.is_some_and(|fields| !fields.contains(&name));
            if unknown && !self.told.is_empty() && self.told.contains(&Path::Member(&self.path, name).key()) {
                continue;
            }
            self.next = Some((name, value));
            let key: StrDeserializer<'_, Fault> = name.into_deserializer();
            let read = seed.deserialize(key).map(Some);
            return read.map_err(|fault: Fault| fault.unknown(&self.path, name));
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, value) = self.next.take().unwrap_or_default();
        seed.deserialize(Reader::at(Path::Member(&self.path, name), value, self.told))
    }
}
