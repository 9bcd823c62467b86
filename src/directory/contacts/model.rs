//! Members, departments and tags as the API shows them. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::{importing::outcome::Outcome, setup_problem::Problem},
    kernel::sorting::{Kind, Sort, SortWords},
    word_schema,
};

/// Whether a member is still there, as a word.
#[derive(Debug)]
pub struct MemberState;

word_schema!(
    MemberState,
    "MemberState",
    "`present`: WeCom showed them at the last look; `departed`: they are no longer members of the corp.",
    ["present", "departed"]
);

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source that reads it.
    pub data_source_id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Name; null: WeCom gave none.
    #[schema(example = "张三")]
    pub name: Option<String>,
    /// Alias; null: WeCom gave none.
    pub alias: Option<String>,
    /// Position; null: WeCom gave none.
    pub position: Option<String>,
    /// E-mail address; null: WeCom gave none.
    pub email: Option<String>,
    /// Mobile number; null: WeCom gave none.
    pub mobile: Option<String>,
    /// Address of the picture; null: WeCom gave none.
    pub avatar: Option<String>,
    /// WeCom's id of the main department; null: WeCom named none.
    pub main_department: Option<i64>,
    /// WeCom's ids of the departments they are in.
    pub departments: Vec<i64>,
    /// Status in WeCom: 1 active, 2 disabled, 4 not activated, 5 left; null: not known.
    pub status: Option<i32>,
    /// Whether they are still there.
    #[schema(value_type = MemberState)]
    pub state: String,
    /// When it was learned that they left, milliseconds since 1970; null: they did not.
    pub departed_at: Option<i64>,
    /// When WeCom confirmed the membership last, milliseconds since 1970.
    pub checked_at: i64,
    /// Row id of the linked user; null: none.
    pub user_id: Option<Uuid>,
    /// What became of them at the last sync.
    #[schema(value_type = Outcome)]
    pub import_outcome: String,
    /// Why, or under which condition; null: nothing to add.
    pub import_reason: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
}

/// A department.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepartmentView {
    /// Row id; clients name it in `allowed_departments`.
    pub id: Uuid,
    /// Row id of the data source that reads it.
    pub data_source_id: Uuid,
    /// WeCom's id of the department.
    #[schema(example = 7)]
    pub wecom_id: i64,
    /// WeCom's id of the parent; 0 for the root.
    pub parent_wecom_id: i64,
    /// Name; empty where WeCom withholds it.
    pub name: String,
    /// Place among its siblings: bigger comes first.
    pub order: i64,
    /// All ids from the topmost visible ancestor to itself: `/1/2/7/`.
    #[schema(example = "/1/2/7/")]
    pub path: String,
    /// When a sync changed it last, milliseconds since 1970.
    pub updated_at: i64,
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source that reads it.
    pub data_source_id: Uuid,
    /// WeCom's id of the tag.
    #[schema(example = 3)]
    pub wecom_id: i64,
    /// Name of the tag.
    pub name: String,
    /// When a sync changed it last, milliseconds since 1970.
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

/// Where the wanted departments lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepartmentPlace {
    /// Above all others that are known.
    Top,
    /// Directly below this one.
    Below(Uuid),
    /// This one, and those above it.
    Lineage(Uuid),
}

/// Which departments or tags are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct NamedFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// Whose name contains this text, without regard to letter case.
    pub search: Option<String>,
}
