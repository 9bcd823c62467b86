//! Table `consent`. What one person agreed that one portal may have; one row for the two of them.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// What one person agreed that one portal may have.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Which portal.
    pub client_id: Uuid,
    /// Everything agreed so far: scopes, and `claim:…` and `resource:…` for what was asked one by one.
    pub scopes: Strings,
    /// When it last grew or was confirmed, milliseconds.
    pub granted_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
