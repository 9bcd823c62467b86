//! Table `member`. A person as WeCom knows them, mirrored; keyed by (data source, userid) without regard to letter case.

use sea_orm::entity::prelude::*;

use crate::json::Numbers;

/// A person as WeCom knows them, mirrored; keyed by (data source, userid) without regard to letter case.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// In WeCom's own letter case.
    pub userid: String,
    /// Lower-cased; a tombstone's key carries its own id so that the userid is free again.
    pub userid_key: String,
    /// Null where WeCom gave none.
    pub name: Option<String>,
    /// As WeCom gave it.
    pub alias: Option<String>,
    /// As WeCom gave it.
    pub position: Option<String>,
    /// Only if WeCom gave it.
    pub email: Option<String>,
    /// Only if WeCom gave it.
    pub mobile: Option<String>,
    /// Only if WeCom gave it.
    pub avatar: Option<String>,
    /// `male` or `female`, only if WeCom gave it.
    pub gender: Option<String>,
    /// The service provider's own id of them, of a corp that a suite connects: it stays, whatever is told as the userid.
    pub open_userid: Option<String>,
    /// WeCom's department id.
    pub main_department: Option<i64>,
    /// WeCom's department ids.
    pub departments: Numbers,
    /// 1 active, 2 disabled, 4 not activated, 5 left; null: not known (ids only).
    pub status: Option<i32>,
    /// `present` or `departed`.
    pub state: String,
    /// Milliseconds.
    pub departed_at: Option<i64>,
    /// When WeCom last confirmed this member (sync or sign-in), milliseconds: the age of the membership.
    pub checked_at: i64,
    /// `unbroken` or `gap`: it is in doubt whether they are the person we hold (an open `identity_finding`), weighed like that; null: it is not.
    pub doubt: Option<String>,
    /// The user they are; null: not imported.
    pub user_id: Option<Uuid>,
    /// `imported`, `skipped`, `conflict`, `not_chosen`, `ignored` or `removed` (an admin deleted the user; syncs leave it so).
    pub import_outcome: String,
    /// Why they were not imported, or under which condition they were.
    pub import_reason: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Rows that are read along; other queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// The user.
    #[sea_orm(
        belongs_to = "super::users::Entity",
        from = "Column::UserId",
        to = "super::users::Column::Id"
    )]
    User,
}

impl Related<super::users::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
