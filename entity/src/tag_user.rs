//! Table `tag_user`. A member tagged individually.

use sea_orm::entity::prelude::*;

/// A member tagged individually.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tag_user")]
pub struct Model {
    /// Which tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: Uuid,
    /// Lower-cased userid.
    #[sea_orm(primary_key, auto_increment = false)]
    pub userid_key: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
