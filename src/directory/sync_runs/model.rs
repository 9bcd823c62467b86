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
    /// Milliseconds it was under way; null while it is, for the first time, and where its process died.
    pub duration_ms: Option<i64>,
    /// Requests it sent to WeCom, repeated ones included.
    pub calls: i64,
    /// Fetched, created, updated, skipped, departed …
    pub counts: Value,
    /// What was missing or odd.
    pub findings: Value,
    /// Reference number, when it failed.
    pub failure_number: Option<String>,
    /// For the admin.
    pub failure_detail: Option<String>,
    /// The run that this one takes back.
    pub undoes: Option<Uuid>,
}

impl RunView {
    /// Whether it has come to an end, or waits for an admin.
    pub fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }
}

/// Which runs are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this data source.
    pub source: Option<Uuid>,
    /// Of one of these data sources.
    pub among: Option<Vec<Uuid>>,
    /// In this state.
    pub state: Option<String>,
    /// For this cause.
    pub cause: Option<String>,
    /// In this mode.
    pub mode: Option<String>,
    /// Begun at this moment or later, milliseconds.
    pub since: Option<i64>,
    /// Begun before this moment, milliseconds.
    pub until: Option<i64>,
}

/// Which rows of a run are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    /// With this outcome.
    pub outcome: Option<String>,
    /// About this kind of thing.
    pub subject: Option<String>,
    /// Of this userid, without regard to letter case; of all that begin so where it ends with `*`, which no userid does.
    pub userid: Option<String>,
}

/// What a run changed or decided about one member, department, tag or app.
#[derive(Debug, Serialize)]
pub struct RowView {
    /// Row id.
    pub id: Uuid,
    /// `member`, `user`, `department`, `tag` or `app`.
    pub subject: String,
    /// Row id of what was written.
    pub subject_id: Option<Uuid>,
    /// The member's user.
    pub user_id: Option<Uuid>,
    /// May be empty when malformed. Of a department or tag: its id in WeCom.
    pub userid: String,
    /// `created`, `updated`, `departed`, `returned`, `skipped`, `conflict`, `malformed`, `pinned`, …
    pub outcome: String,
    /// A sentence.
    pub reason: String,
    /// By column (`member.name`, `user.email`, …): `from` and `to`. Null where nothing was written, and for what was created whole.
    pub changes: Option<Value>,
    /// `undone`, or `refused: ` with a sentence; null: not undone.
    pub undone: Option<String>,
}
