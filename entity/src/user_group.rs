//! Table `user_group`. A group of users, made by admins; WeCom knows nothing of it.

use sea_orm::entity::prelude::*;

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_group")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As it is shown and told to portals.
    pub name: String,
    /// Lower-cased name.
    #[sea_orm(unique)]
    pub name_key: String,
    /// For people; may be empty.
    pub description: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; who is in it is not counted.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
