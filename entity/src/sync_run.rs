//! Table `sync_run`. One run of a sync, to be watched.

use sea_orm::entity::prelude::*;

/// One run of a sync, to be watched.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_run")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of what.
    pub data_source_id: Uuid,
    /// `manual`, `schedule`, `event` or `undo`.
    pub cause: String,
    /// `plan` or `apply`.
    pub mode: String,
    /// `queued`, `running`, `succeeded`, `incomplete`, `planned`, `paused` or `failed`.
    pub state: String,
    /// Milliseconds.
    pub started_at: i64,
    /// Milliseconds.
    pub finished_at: Option<i64>,
    /// Milliseconds it was under way in all; null while it is, for the first time, and where its process died.
    pub duration_ms: Option<i64>,
    /// Requests it sent to WeCom, repeated ones included.
    pub calls: i64,
    /// Fetched, created, updated, skipped, departed …
    pub counts: Json,
    /// What was missing or odd, each with a reference number and a sentence.
    pub findings: Json,
    /// Reference number, when it failed.
    pub failure_number: Option<String>,
    /// For the admin.
    pub failure_detail: Option<String>,
    /// The run that this one takes back.
    pub undoes: Option<Uuid>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
