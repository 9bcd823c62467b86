//! Lists of clients: how they can be sorted and filtered. Pure.

use uuid::Uuid;

use crate::kernel::sorting::{Kind, Sort, SortWords};

/// How a list of clients can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("client_id", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// Which clients are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct ClientFilter {
    /// No other than these, by row id.
    pub among: Option<Vec<Uuid>>,
    /// Whose name or `client_id` contains this text, without regard to letter case.
    pub search: Option<String>,
    /// Through which this auth source may sign in: those that name it, and those that take all.
    pub auth_source: Option<Uuid>,
    /// Switched on, or off.
    pub enabled: Option<bool>,
}
