//! Table `callback_failure`. Why requests at a callback endpoint were refused.

use sea_orm::entity::prelude::*;

/// That requests at a callback endpoint were refused with this number.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "callback_failure")]
pub struct Model {
    /// Where.
    #[sea_orm(primary_key, auto_increment = false)]
    pub endpoint_id: Uuid,
    /// Reference number of the failure.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    /// First, milliseconds.
    pub first_at: i64,
    /// Last, to the minute, milliseconds.
    pub last_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
