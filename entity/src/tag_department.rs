//! Table `tag_department`. A department tagged with all below it.

use sea_orm::entity::prelude::*;

/// A department tagged with all below it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tag_department")]
pub struct Model {
    /// Which tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: Uuid,
    /// WeCom's department id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
