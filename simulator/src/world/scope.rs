//! The visible scope of an app (reference §4.2).

use serde::{Deserialize, Serialize};

/// Visible scope: members picked individually, departments with their subtrees, tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Userids picked individually.
    pub users: Vec<String>,
    /// Department ids, each with its whole subtree.
    pub parties: Vec<u32>,
    /// Tag ids; a tag holds members and departments.
    pub tags: Vec<u32>,
}
