//! Lists of users: how they can be sorted and filtered. Pure.

use uuid::Uuid;

use super::provenance::Field;
use crate::kernel::sorting::{Kind, Sort, SortWords};

/// How a list of users can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("username", Kind::Text),
        ("updated_at", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// States of users.
pub const STATUSES: [&str; 2] = ["active", "disabled"];

/// Which users are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Whose username or name contains this text, without regard to letter case.
    pub search: Option<String>,
    /// Who has this username, without regard to letter case.
    pub username: Option<String>,
    /// In this state.
    pub status: Option<String>,
    /// Who came from this data source.
    pub data_source: Option<Uuid>,
    /// With this console role.
    pub console_role: Option<String>,
    /// Who lack at least one of these fields, of those that WeCom fills; empty: it does not matter.
    pub lacks: Vec<Field>,
    /// Who are in this group.
    pub group: Option<Uuid>,
    /// Whom these lists let in.
    pub let_in: Option<LetIn>,
}

/// The lists by which a portal lets people in.
#[derive(Clone, Debug, Default)]
pub struct LetIn {
    /// Row ids of the auth sources it accepts; `None`: all.
    pub auth_sources: Option<Vec<Uuid>>,
    /// Row ids of departments whose members may enter, with all below; with the two lists below empty too, everybody may.
    pub departments: Vec<Uuid>,
    /// Row ids of groups whose people may enter besides.
    pub groups: Vec<Uuid>,
    /// Row ids of users who may enter besides.
    pub users: Vec<Uuid>,
}
