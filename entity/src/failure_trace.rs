//! Table `failure_trace`. What led to a failure that somebody was told, under the reference they were shown; kept for some weeks.

use sea_orm::entity::prelude::*;

/// What led to a failure that somebody was told.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "failure_trace")]
pub struct Model {
    /// The code shown to the person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reference: String,
    /// When it was told last, milliseconds.
    pub at: i64,
    /// Reference number of the failure.
    pub number: String,
    /// Steps, calls and request; never a secret.
    pub detail: Json,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
