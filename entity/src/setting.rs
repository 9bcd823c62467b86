//! Table `setting`. A value of the installation, such as the salt of pairwise subjects.

use sea_orm::entity::prelude::*;

/// A value of the installation, such as the salt of pairwise subjects.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "setting")]
pub struct Model {
    /// What it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Sealed for `setting.<name>` where it is secret.
    pub value: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
