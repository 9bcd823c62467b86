//! Table `session`. A browser that has signed in; only the cookie's digest is kept.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// A browser that has signed in; only the cookie's digest is kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// The protocol's `sid`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the cookie, base64url.
    #[sea_orm(unique)]
    pub digest: String,
    /// Who.
    pub user_id: Uuid,
    /// As which member.
    pub member_id: Option<Uuid>,
    /// Through which door.
    pub auth_source_id: Option<Uuid>,
    /// When the person last proved who they are, milliseconds.
    pub auth_time: i64,
    /// How (RFC 8176 and ours).
    pub amr: Strings,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub last_seen_at: i64,
    /// Absolute end, milliseconds.
    pub expires_at: i64,
    /// Milliseconds.
    pub ended_at: Option<i64>,
    /// `logout`, `departed`, `admin`, …
    pub end_reason: Option<String>,
    /// Browser and system at the last sign-in: `Firefox, Windows`.
    pub browser: Option<String>,
    /// The network around the address at the last sign-in: `203.0.113.0/24`.
    pub network: Option<String>,
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
    /// The member.
    #[sea_orm(
        belongs_to = "super::member::Entity",
        from = "Column::MemberId",
        to = "super::member::Column::Id"
    )]
    Member,
}

impl Related<super::users::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<super::member::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Member.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
