//! Runs and their rows, as the API tells them and as pages show them.

use serde::Deserialize;
use serde_json::Value;

use crate::console::http::{
    frame::Frame,
    moment::Moment,
    names::{self, Source},
    values::{self, Change},
    visit::Visit,
};

/// A run.
#[derive(Deserialize)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) data_source_id: String,
    pub(super) state: String,
    pub(super) mode: String,
    pub(super) cause: String,
    pub(super) calls: u64,
    #[serde(default)]
    pub(super) counts: Counts,
    pub(super) duration_ms: Option<i64>,
    pub(super) started_at: i64,
    #[serde(default)]
    pub(super) findings: Vec<Finding>,
    pub(super) problem: Option<Problem>,
    pub(super) undoes: Option<String>,
}

/// What it did, or would do.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) departed: u64,
    pub(super) outside: u64,
    pub(super) returned: u64,
    pub(super) readmitted: u64,
    pub(super) removals: u64,
    pub(super) overwrites: u64,
    pub(super) conflicts: u64,
    pub(super) skipped: u64,
    pub(super) doubtful: u64,
    pub(super) malformed: u64,
    pub(super) refused: u64,
    pub(super) undone: u64,
    pub(super) unchanged: u64,
    pub(super) fetched: u64,
    pub(super) departments: u64,
    pub(super) done: u64,
    pub(super) todo: u64,
    pub(super) phase: Option<String>,
}

impl Counts {
    /// Those that say what changes, by the outcome of their rows, in the order of a page.
    pub(super) const fn by_outcome(&self) -> [(&'static str, u64); 12] {
        [
            ("created", self.created),
            ("updated", self.updated),
            ("departed", self.departed),
            ("outside", self.outside),
            ("returned", self.returned),
            ("readmitted", self.readmitted),
            ("conflict", self.conflicts),
            ("doubtful", self.doubtful),
            ("skipped", self.skipped),
            ("malformed", self.malformed),
            ("refused", self.refused),
            ("restored", self.undone),
        ]
    }

    /// Whether nothing changes.
    pub(super) fn nothing(&self) -> bool {
        self.by_outcome().iter().all(|(_, count)| *count == 0)
    }
}

/// What was missing or odd.
#[derive(Deserialize)]
pub(super) struct Finding {
    pub(super) number: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) title_zh: String,
    pub(super) detail: Option<String>,
    pub(super) remedy: String,
}

/// What is wrong, as `parts::problem` shows it.
#[derive(Deserialize)]
pub(super) struct Problem {
    pub(super) number: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) title_zh: String,
    #[serde(default)]
    pub(super) detail: String,
    pub(super) remedy: String,
    #[serde(default, rename = "where")]
    pub(super) place: Option<String>,
}

impl Run {
    /// Whether it is under way.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "queued" | "running")
    }

    /// Whether it waits for somebody to agree.
    pub(super) fn can_be_confirmed(&self) -> bool {
        matches!(self.state.as_str(), "planned" | "paused")
    }

    /// Whether what it did can be taken back. A preview that somebody agreed to did something, too.
    pub(super) fn can_be_undone(&self) -> bool {
        let applied = match self.state.as_str() {
            "succeeded" | "incomplete" => true,
            "failed" => self.mode == "apply",
            _ => false,
        };
        applied && self.cause != "undo"
    }
}

/// What a run changed or decided about one thing.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) subject: String,
    pub(super) userid: String,
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) user_id: Option<String>,
    pub(super) undone: Option<String>,
    changes: Option<Value>,
}

impl Row {
    /// Its values before and after.
    pub(super) fn changes(&self) -> Vec<Change> {
        let members = self.changes.as_ref().and_then(Value::as_object);
        let change = |(name, change): (&String, &Value)| Change {
            before: values::told(name, change.get("from").unwrap_or(&Value::Null)),
            after: values::told(name, change.get("to").unwrap_or(&Value::Null)),
            name: name.clone(),
        };
        members.into_iter().flatten().map(change).collect()
    }
}

/// A page of rows.
#[derive(Deserialize)]
pub(super) struct Rows {
    pub(super) items: Vec<Row>,
    pub(super) next_cursor: Option<String>,
}

/// A run in a list.
pub(super) struct Line {
    pub(super) run: Run,
    pub(super) source: String,
    pub(super) started: Moment,
    pub(super) took: String,
}

impl Line {
    /// A run with the name of its data source.
    pub(super) fn new(visit: &Visit, sources: &[Source], run: Run) -> Self {
        Self {
            source: names::source_name(sources, &run.data_source_id).to_owned(),
            started: visit.moment(run.started_at),
            took: run.duration_ms.map(took).unwrap_or_default(),
            run,
        }
    }

    /// Which changes it made, those that are there.
    pub(super) fn changes(&self, frame: &Frame) -> String {
        let counts = self.run.counts.by_outcome();
        let told = counts.iter().filter(|(_, count)| *count > 0);
        let told: Vec<String> = told
            .map(|(outcome, count)| format!("{} {count}", frame.word("console-outcome", outcome)))
            .collect();
        told.join(" · ")
    }
}

/// A span: `340 ms`, `12.5 s`, `3 min 20 s`.
pub(super) fn took(millis: i64) -> String {
    match millis {
        ..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::took;

    #[test]
    fn spans_are_read_at_a_glance() {
        assert_eq!([340, 12_540, 200_000].map(took), ["340 ms", "12.5 s", "3 min 20 s"]);
    }
}
