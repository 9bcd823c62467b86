//! Table `users_search`. What users are looked for, filtered and counted by.

use sea_orm::entity::prelude::*;

/// A row for each user, which triggers of the database write.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users_search")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The corp they came from; null: made here.
    pub data_source_id: Option<Uuid>,
    /// `active` or `disabled`.
    pub status: String,
    /// The fields of those WeCom fills that they lack, and `email_verified` where it is false: `,email,profile.gender,`.
    pub lacks: String,
    /// Username and name in small letters, with a line break between them.
    pub words: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
