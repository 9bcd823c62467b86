//! Table `sync_row`. What a run decided about one member, where that needs a reason.

use sea_orm::entity::prelude::*;

/// What a run decided about one member, where that needs a reason.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_row")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which run.
    pub run_id: Uuid,
    /// As WeCom gave it; may be empty when malformed.
    pub userid: String,
    /// `skipped`, `conflict`, `malformed`, `departed`, `returned`.
    pub outcome: String,
    /// A sentence.
    pub reason: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
