//! Table `sync_input_change`. Triggers write here that something changed which plans of syncs read; a sync takes the rows away before it reads.

use sea_orm::entity::prelude::*;

/// A transaction that changed something.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_input_change")]
pub struct Model {
    /// On PostgreSQL the number of the transaction, so that none waits for another; on SQLite, which has one writer, 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tx: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
