//! Table `verification_file`. Files `WW_verify_….txt` by which WeCom verifies a domain.

use sea_orm::entity::prelude::*;

/// A file served at the root.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "verification_file")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `WW_verify_….txt`.
    #[sea_orm(unique)]
    pub name: String,
    /// As WeCom wrote it.
    pub content: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
