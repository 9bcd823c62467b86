//! Table `audit_event`. Something that happened and may be asked about later; never changed.

use sea_orm::entity::prelude::*;

/// Something that happened and may be asked about later; never changed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Milliseconds.
    pub at: i64,
    /// A word from `audit::Kind`.
    pub kind: String,
    /// `user:…`, `token:…`, `member:…`, `system`.
    pub actor: String,
    /// What it was about.
    pub subject: String,
    /// The code shown to the person, when something was refused.
    pub reference: Option<String>,
    /// Reference number of the failure.
    pub number: Option<String>,
    /// The rest; never a secret.
    pub detail: Json,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
