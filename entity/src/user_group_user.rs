//! Table `user_group_user`. A user in a group.

use sea_orm::entity::prelude::*;

/// A user in a group.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_group_user")]
pub struct Model {
    /// Which group.
    #[sea_orm(primary_key, auto_increment = false)]
    pub group_id: Uuid,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Milliseconds.
    pub added_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
