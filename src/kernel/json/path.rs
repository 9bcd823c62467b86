//! Where a value stands in a document.

use std::fmt;

/// Longest name that is repeated.
const LONGEST: usize = 40;

/// A place in a document.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// A document as a whole, called this; the places inside it are told without that word.
    Document(&'a str),
    /// A document that is a field of something larger.
    Part(&'a str),
    /// A member of an object.
    Member(&'a Path<'a>, &'a str),
    /// An element of a list.
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// An exact key of the place, not for people.
    pub fn key(&self) -> String {
        match self {
            Path::Document(_) | Path::Part(_) => String::new(),
            Path::Member(parent, name) => format!("{}/{}:{name}", parent.key(), name.len()),
            Path::Item(parent, index) => format!("{}/{index}", parent.key()),
        }
    }

    /// The name of the innermost member.
    pub fn name(&self) -> Option<&str> {
        match self {
            Path::Document(_) | Path::Part(_) => None,
            Path::Member(_, name) => Some(name),
            Path::Item(parent, _) => parent.name(),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Document(name) | Path::Part(name) => f.write_str(name),
            Path::Member(Path::Document(_), name) => f.write_str(shown(name)),
            Path::Member(parent, name) => write!(f, "{parent}.{}", shown(name)),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Whether a name that was sent may be repeated: short, of small letters and underscores, as names of fields are and generated secrets
/// are not.
pub fn is_plain(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn shown(name: &str) -> &str {
    if is_plain(name) { name } else { "(unnamed)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_as_the_api_names_them() {
        let body = Path::Document("body");
        let app = Path::Member(&body, "app");
        let metadata = Path::Part("metadata");
        let claims = Path::Member(&metadata, "claims");
        assert_eq!(body.to_string(), "body");
        assert_eq!(Path::Member(&app, "agent_id").to_string(), "app.agent_id");
        assert_eq!(Path::Item(&claims, 3).to_string(), "metadata.claims[3]");
        for secret in ["Secret", "a-b", "s3cret", "", "密", &"x".repeat(41)] {
            assert_eq!(Path::Member(&body, secret).to_string(), "(unnamed)");
        }
    }

    #[test]
    fn keys_are_exact() {
        let body = Path::Document("body");
        let (a, b) = (Path::Member(&body, "a/1:b"), Path::Member(&body, "a"));
        assert_ne!(a.key(), Path::Member(&b, "b").key());
    }
}
