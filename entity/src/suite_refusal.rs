//! Table `suite_refusal`. Why requests at a callback of a suite were refused.

use sea_orm::entity::prelude::*;

/// That requests at a callback of a suite were refused with this number.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suite_refusal")]
pub struct Model {
    /// Row id of the suite.
    #[sea_orm(primary_key, auto_increment = false)]
    pub suite: Uuid,
    /// At which callback: `command` or `data`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub callback: String,
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
