//! Table `sync_member_change`. Triggers write here whose member's row, or user's, changed in what plans of syncs read; the next sync takes the rows away.

use sea_orm::entity::prelude::*;

/// A change of a member, or of their user.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_member_change")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// On PostgreSQL the number of the transaction, so that none waits for another; on SQLite, which has one writer, 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tx: i64,
    /// Of which corp.
    pub data_source_id: Uuid,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
