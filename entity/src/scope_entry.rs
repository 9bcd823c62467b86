//! Table `scope_entry`. One line of an app's visible scope as picked in WeCom: a member, a department (with all below) or a tag.

use sea_orm::entity::prelude::*;

/// One line of an app's visible scope as picked in WeCom: a member, a department (with all below) or a tag.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scope_entry")]
pub struct Model {
    /// Whose scope.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: Uuid,
    /// `user`, `department` or `tag`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// Lower-cased userid, department id or tag id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
