//! Sync runs as comma-separated values, one line each. Pure.

use crate::{admin::csv::line, directory::sync_runs::RunView};

const HEAD: [&str; 13] = [
    "id",
    "data_source_id",
    "cause",
    "mode",
    "state",
    "started_at_ms",
    "finished_at_ms",
    "duration_ms",
    "calls",
    "counts",
    "number",
    "detail",
    "undoes",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a run; its counts are JSON in one cell.
pub fn row(run: &RunView) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let problem = run.problem.as_ref().map(|problem| problem.number.to_owned());
    line([
        run.id.to_string(),
        run.data_source_id.to_string(),
        run.cause.clone(),
        run.mode.clone(),
        run.state.clone(),
        run.started_at.to_string(),
        number(run.finished_at),
        number(run.duration_ms),
        run.calls.to_string(),
        run.counts.to_string(),
        problem.unwrap_or_default(),
        run.failure_detail.clone().unwrap_or_default(),
        run.undoes.map(|id| id.to_string()).unwrap_or_default(),
    ])
}
