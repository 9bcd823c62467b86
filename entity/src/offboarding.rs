//! Table `offboarding`. One report per ending of a person's access: why, how it was learned, and what ended.

use sea_orm::entity::prelude::*;

/// One report per ending of a person's access. Refers to nothing by foreign key: it is the proof, and outlives what it tells of.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "offboarding")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose access ended.
    pub user_id: Uuid,
    /// Their username at that moment.
    pub username: String,
    /// As which member.
    pub member_id: Option<Uuid>,
    /// Of which data source; null for a user of none.
    pub data_source_id: Option<Uuid>,
    /// Their userid in WeCom at that moment.
    pub userid: Option<String>,
    /// Why: `departed`, `wecom_disabled`, `out_of_scope`, `admin`, …
    pub reason: String,
    /// How it was learned: `sync`, `event`, `sign_in`, `session`, `admin` or `date`.
    pub learned_by: String,
    /// What exactly was seen; never a secret.
    pub evidence: Json,
    /// The app whose sign-ins ended; null: all access ended.
    pub app_id: Option<Uuid>,
    /// Whether the user was disabled by it.
    pub user_disabled: bool,
    /// The sessions that ended, as `directory::offboarding` reads them.
    pub sessions: Json,
    /// The grants (families of refresh tokens) that were revoked, as `directory::offboarding` reads them.
    pub grants: Json,
    /// Milliseconds.
    pub at: i64,
    /// Milliseconds: when the person had access again; null: not since.
    pub readmitted_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
