//! Table `private_field_answer`. What became of asking a person, in WeCom, for a private field of theirs; one row for the two of them.

use sea_orm::entity::prelude::*;

/// What became of asking a person, in WeCom, for a private field of theirs.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "private_field_answer")]
pub struct Model {
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Which field, as `directory::user::provenance` names it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: String,
    /// `asked`, `asked_again`, `failed`, `declined`, `withheld`, `given` or `unclear`.
    pub answer: String,
    /// Milliseconds.
    pub at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
