//! Table `credential_notice`. What happened to a person's credentials by another's hand, until they have seen it and a while longer.

use sea_orm::entity::prelude::*;

/// What happened to a person's credentials by another's hand.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credential_notice")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose credentials.
    pub user_id: Uuid,
    /// `password_link_made`, `password_link_used`, `totp_link_made`, `totp_link_used`.
    pub kind: String,
    /// Who made the link, as the audit log names them.
    pub made_by: String,
    /// Client address of whoever used the link.
    pub address: Option<String>,
    /// Milliseconds.
    pub at: i64,
    /// Milliseconds: when the person was shown it after a scan.
    pub seen_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
