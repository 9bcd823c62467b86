//! Reach: which rows of a kind a token may touch. Pure.

use uuid::Uuid;

/// What a token reaches of the resources its kind is scoped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    All,
    /// Those with these row ids.
    Only(Vec<Uuid>),
}

impl Reach {
    /// Whether it has this row.
    pub fn has(&self, id: Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(&id),
        }
    }

    /// The row ids it is limited to; `None`: it is not.
    pub fn ids(&self) -> Option<&[Uuid]> {
        match self {
            Self::All => None,
            Self::Only(ids) => Some(ids),
        }
    }
}
