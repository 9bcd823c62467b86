//! Reads documents, parts of documents and query strings.

use std::{borrow::Cow, cell::RefCell};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error},
};
use serde_json::{Map, Value};

use super::{
    fields,
    path::Path,
    tree::{Found, Tree},
};
use crate::kernel::validation::ValidationErrors;

/// Why a document cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The worst of the faults.
    pub kind: Kind,
    /// Those of the document's form.
    pub shape: ValidationErrors,
    /// Texts and names that hold control characters.
    pub characters: ValidationErrors,
}

impl Unreadable {
    /// All faults together.
    pub fn faults(self) -> ValidationErrors {
        let mut faults = self.shape;
        faults.append(self.characters);
        faults
    }
}

/// Kinds of faults, from the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is no JSON object.
    Syntax,
    /// Fields are unknown, missing, there twice or of another type.
    Shape,
    /// Texts hold control characters.
    Characters,
}

/// A JSON object of which no name stands twice, for crates that parse by themselves. Which texts are plain is for its reader to judge.
#[derive(Debug)]
pub struct Strict(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = RefCell::default();
        let tree = Tree {
            path: Path::Document("body"),
            found: &found,
        };
        let value = tree.deserialize(deserializer)?;
        let found = found.into_inner();
        match value {
            Value::Object(members) if found.twice.is_empty() => Ok(Self(members)),
            _ => Err(D::Error::custom("no object with each name once")),
        }
    }
}

/// Reads a document, `T` being a type with named fields.
///
/// # Errors
/// All faults; they name fields and what is expected there, never what was sent.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    let (value, found) = parse(body)?;
    typed(Path::Document("body"), &value, found)
}

/// Reads a document as an object whose members are judged later.
///
/// # Errors
/// As [`read`].
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    read(body)
}

/// Reads a query string, whose values are all texts.
///
/// # Errors
/// As [`read`].
pub fn query<'a, T: DeserializeOwned>(
    pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> Result<T, Unreadable> {
    let root = Path::Document("query");
    let (mut members, mut found) = (Map::new(), Found::default());
    for (name, value) in pairs {
        found.name(&root, &name, members.contains_key(name.as_ref()));
        found.text(&Path::Member(&root, &name), &value);
        members.insert(name.into_owned(), Value::String(value.into_owned()));
    }
    typed(root, &Value::Object(members), found)
}

/// Reads a part of a document that was parsed before, called `name` in what is told.
///
/// # Errors
/// All faults.
pub fn part<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, ValidationErrors> {
    let root = if name.is_empty() {
        Path::Document("body")
    } else {
        Path::Part(name)
    };
    fields::read(root, value)
}

fn parse(body: &[u8]) -> Result<(Value, Found), Unreadable> {
    let found = RefCell::default();
    let tree = Tree {
        path: Path::Document("body"),
        found: &found,
    };
    let mut parser = serde_json::Deserializer::from_slice(body);
    let value = tree.deserialize(&mut parser).and_then(|value| {
        parser.end()?;
        Ok(value)
    });
    match value {
        Ok(value) => Ok((value, found.into_inner())),
        Err(error) => {
            let mut faults = ValidationErrors::default();
            let place = format!("is no JSON (line {}, column {})", error.line(), error.column());
            faults.add("body", place);
            Err(Unreadable {
                kind: Kind::Syntax,
                shape: faults,
                characters: ValidationErrors::default(),
            })
        }
    }
}

fn typed<T: DeserializeOwned>(root: Path<'_>, value: &Value, found: Found) -> Result<T, Unreadable> {
    let mut shape = found.twice;
    let read = fields::read(root, value).map_err(|faults| shape.append(faults));
    let kind = match (read, shape.is_empty(), found.characters.is_empty()) {
        (Ok(read), true, true) => return Ok(read),
        _ if !value.is_object() => Kind::Syntax,
        (_, true, _) => Kind::Characters,
        _ => Kind::Shape,
    };
    Err(Unreadable {
        kind,
        shape,
        characters: found.characters,
    })
}
