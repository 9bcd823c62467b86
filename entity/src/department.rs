//! Table `department`. A department as WeCom describes it.

use sea_orm::entity::prelude::*;

/// A department as WeCom describes it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "department")]
pub struct Model {
    /// Ours; stable while WeCom keeps the department.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// WeCom's department id.
    pub wecom_id: i64,
    /// WeCom's id of the parent; 0 for the root; may be invisible to us.
    pub parent_wecom_id: i64,
    /// May be empty where WeCom withholds it.
    pub name: String,
    /// Bigger comes first.
    pub sort_order: i64,
    /// All ids from the topmost visible ancestor to itself: `/1/2/7/`.
    pub path: String,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
