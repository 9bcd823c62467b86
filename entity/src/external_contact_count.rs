//! Table `external_contact_count`. How many events about customers a data source was told of.

use sea_orm::entity::prelude::*;

/// Events of one kind, those that are not kept any more among them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "external_contact_count")]
pub struct Model {
    /// The data source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_source_id: Uuid,
    /// What happened, as in `external_contact_event`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub change: String,
    /// How many.
    pub total: i64,
    /// When the first was received, milliseconds.
    pub first_at: i64,
    /// When the last was received, milliseconds.
    pub last_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
