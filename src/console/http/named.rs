//! Names of things that a page knows by their row ids: read once for a page, never per row.

use serde::Deserialize;

/// A thing with a name.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// Row id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Things of one kind.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Names {
    /// Each of them.
    pub items: Vec<Named>,
}

impl Names {
    /// The name of the one with this id.
    pub fn of(&self, id: &str) -> Option<&str> {
        let named = self.items.iter().find(|named| named.id == id);
        named.map(|named| named.name.as_str())
    }
}
