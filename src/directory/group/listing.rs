//! Lists of groups: how they can be sorted and filtered. Pure.

use uuid::Uuid;

use crate::kernel::sorting::{Kind, Sort, SortWords};

/// How a list of groups can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// Which groups are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    /// Whose name contains this text, without regard to letter case.
    pub search: Option<String>,
    /// Which have this name, without regard to letter case.
    pub name: Option<String>,
    /// In which this user is.
    pub user: Option<Uuid>,
}
