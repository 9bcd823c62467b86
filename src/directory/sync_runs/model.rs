//! Sync runs and their rows as the API shows them. Pure.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// A run.
#[derive(Debug, Serialize)]
pub struct RunView {
    /// Row id.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// `manual`, `schedule` or `event`.
    pub cause: String,
    /// `queued`, `running`, `succeeded`, `incomplete`, `paused` or `failed`.
    pub state: String,
    /// Milliseconds.
    pub started_at: i64,
    /// Milliseconds.
    pub finished_at: Option<i64>,
    /// Fetched, created, updated, skipped, departed …
    pub counts: Value,
    /// What was missing or odd.
    pub findings: Value,
    /// Reference number, when it failed.
    pub failure_number: Option<String>,
    /// For the admin.
    pub failure_detail: Option<String>,
}

/// What a run decided about one member.
#[derive(Debug, Serialize)]
pub struct RowView {
    /// Row id.
    pub id: Uuid,
    /// May be empty when malformed.
    pub userid: String,
    /// `skipped`, `conflict`, `malformed`, `adjusted`, `departed`, `returned`, `renamed`, `doubtful`, `outside` or `pinned`.
    pub outcome: String,
    /// A sentence.
    pub reason: String,
}
