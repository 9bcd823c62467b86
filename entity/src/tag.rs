//! Table `tag`. A tag as WeCom describes it.

use sea_orm::entity::prelude::*;

/// A tag as WeCom describes it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// WeCom's tag id.
    pub wecom_id: i64,
    /// For people.
    pub name: String,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
