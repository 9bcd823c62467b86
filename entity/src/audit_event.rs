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
    /// The user it is about, where it says so.
    pub user_id: Option<Uuid>,
    /// The member it is about, likewise.
    pub member_id: Option<Uuid>,
    /// `client_id` of the portal it is about, likewise.
    pub client_id: Option<String>,
    /// Row id of the data source it is about, likewise.
    pub data_source_id: Option<Uuid>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
