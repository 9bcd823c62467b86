//! Sync runs and their rows as the API shows them. Pure.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::{
        setup_problem::Problem,
        sync::{
            counts::Counts,
            journal::{Change, Subject},
            plan::model::RowOutcome,
            run_state::{Cause, Mode, RunState},
            snapshot::Finding,
        },
    },
    kernel::sorting::{Kind, Sort, SortWords},
};

/// A run of a sync.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncRun)]
pub struct RunView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source_id: Uuid,
    /// Why it was started.
    #[schema(value_type = Cause)]
    pub cause: String,
    /// What it is to do.
    #[schema(value_type = Mode)]
    pub mode: String,
    /// How it stands.
    #[schema(value_type = RunState)]
    pub state: String,
    /// When it began, milliseconds since 1970.
    pub started_at: i64,
    /// When it came to an end, milliseconds since 1970; null: it has not.
    pub finished_at: Option<i64>,
    /// How long it was under way, milliseconds; null while it is, for the first time, and where its process died.
    pub duration_ms: Option<i64>,
    /// Requests it sent to WeCom, repeated ones included.
    pub calls: i64,
    /// What it did, or would do.
    #[schema(value_type = Counts)]
    pub counts: Value,
    /// What was missing or odd; empty: nothing.
    #[schema(value_type = Vec<Finding>)]
    pub findings: Value,
    /// Reference number, when it failed; else null.
    #[schema(example = "SY-101")]
    pub failure_number: Option<String>,
    /// What is particular about the failure; null: nothing.
    pub failure_detail: Option<String>,
    /// Why it failed, was paused or is incomplete, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// Row id of the run that this one takes back; null: none.
    pub undoes: Option<Uuid>,
}

impl RunView {
    /// Whether it has come to an end, or waits for an admin.
    pub fn is_over(&self) -> bool {
        !matches!(self.state.as_str(), "queued" | "running")
    }
}

/// How a list of runs can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("started_at", Kind::Id)], Sort::down("started_at", Kind::Id));
/// How the rows of a run can be sorted: as they were written unless asked otherwise.
pub const ROW_SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("userid", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SyncRow)]
pub struct RowView {
    /// Row id.
    pub id: Uuid,
    /// What it is about.
    #[schema(value_type = Subject)]
    pub subject: String,
    /// Row id of what was written; null: nothing was.
    pub subject_id: Option<Uuid>,
    /// Row id of the member's user; null: none.
    pub user_id: Option<Uuid>,
    /// Userid of the member, perhaps empty when malformed; of a department or tag its id in WeCom.
    pub userid: String,
    /// What became of it.
    #[schema(value_type = RowOutcome)]
    pub outcome: String,
    /// Why, a sentence; may be empty.
    pub reason: String,
    /// What changed, by column (`member.name`, `user.email`, …); null where nothing was written, and for what was created whole.
    #[schema(value_type = Option<BTreeMap<String, Change>>)]
    pub changes: Option<Value>,
    /// `undone`, or `refused: ` with a sentence; null: not undone.
    pub undone: Option<String>,
}
