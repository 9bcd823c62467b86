//! Members, departments and tags as the API shows them. Pure.

use serde::Serialize;
use uuid::Uuid;

use crate::directory::setup_problem::Problem;
use crate::kernel::sorting::{Kind, Sort, SortWords};

/// A member.
#[derive(Debug, Serialize)]
pub struct MemberView {
    /// Row id.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Null where WeCom gave none; so for the next five.
    pub name: Option<String>,
    /// Alias.
    pub alias: Option<String>,
    /// Position.
    pub position: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Mobile number.
    pub mobile: Option<String>,
    /// URL.
    pub avatar: Option<String>,
    /// WeCom's department id.
    pub main_department: Option<i64>,
    /// WeCom's department ids.
    pub departments: Vec<i64>,
    /// 1 active, 2 disabled, 4 not activated, 5 left; null: not known.
    pub status: Option<i32>,
    /// `present` or `departed`.
    pub state: String,
    /// Milliseconds.
    pub departed_at: Option<i64>,
    /// When WeCom confirmed the membership last, milliseconds.
    pub checked_at: i64,
    /// The linked user.
    pub user_id: Option<Uuid>,
    /// `imported`, `skipped`, `conflict`, `not_chosen`, `ignored` or `removed`.
    pub import_outcome: String,
    /// Why, or under which condition.
    pub import_reason: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A department.
#[derive(Debug, Serialize)]
pub struct DepartmentView {
    /// Row id; clients name it in `allowed_departments`.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// WeCom's id.
    pub wecom_id: i64,
    /// WeCom's id of the parent; 0 for the root.
    pub parent_wecom_id: i64,
    /// May be empty where WeCom withholds it.
    pub name: String,
    /// Bigger comes first.
    pub order: i64,
    /// All ids from the topmost visible ancestor to itself: `/1/2/7/`.
    pub path: String,
    /// Milliseconds.
    pub updated_at: i64,
}

/// A tag.
#[derive(Debug, Serialize)]
pub struct TagView {
    /// Row id.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// WeCom's id.
    pub wecom_id: i64,
    /// Name.
    pub name: String,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Which members are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// With this import outcome.
    pub outcome: Option<String>,
    /// `present` or `departed`.
    pub state: Option<String>,
    /// In this department itself, by its row id.
    pub department: Option<Uuid>,
    /// Whose userid, name, alias or e-mail address contains this text, without regard to letter case.
    pub search: Option<String>,
}

/// States of members.
pub const MEMBER_STATES: [&str; 2] = ["present", "departed"];

/// What a sync or an admin decided about the import of a member.
pub const OUTCOMES: [&str; 6] = ["imported", "skipped", "conflict", "not_chosen", "ignored", "removed"];

/// How a list of members can be sorted.
pub const MEMBER_SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("userid", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

/// How lists of departments and tags can be sorted.
pub const NAMED_SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("name", Kind::Text),
        ("wecom_id", Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// Which departments or tags are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct NamedFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// Whose name contains this text, without regard to letter case.
    pub search: Option<String>,
}
