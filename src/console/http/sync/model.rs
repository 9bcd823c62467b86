//! Runs and their rows, as the API tells them and as pages show them.

use serde::Deserialize;
use serde_json::Value;

use crate::console::http::{
    frame::Frame,
    moment::Moment,
    names::{self, Source},
    values::Change,
    visit::Visit,
};

/// A run.
#[derive(Deserialize)]
pub(in crate::console::http) struct Run {
    pub(in crate::console::http) id: String,
    pub(in crate::console::http) data_source_id: String,
    pub(in crate::console::http) state: String,
    pub(in crate::console::http) mode: String,
    pub(in crate::console::http) cause: String,
    pub(in crate::console::http) calls: u64,
    #[serde(default)]
    pub(in crate::console::http) counts: Counts,
    pub(in crate::console::http) duration_ms: Option<i64>,
    pub(in crate::console::http) started_at: i64,
    #[serde(default)]
    pub(in crate::console::http) findings: Vec<Finding>,
    pub(in crate::console::http) problem: Option<Problem>,
    pub(in crate::console::http) undoes: Option<String>,
}

/// What it did, or would do.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::console::http) struct Counts {
    pub(in crate::console::http) created: u64,
    pub(in crate::console::http) updated: u64,
    pub(in crate::console::http) departed: u64,
    pub(in crate::console::http) outside: u64,
    pub(in crate::console::http) returned: u64,
    pub(in crate::console::http) readmitted: u64,
    pub(in crate::console::http) removals: u64,
    pub(in crate::console::http) overwrites: u64,
    pub(in crate::console::http) conflicts: u64,
    pub(in crate::console::http) skipped: u64,
    pub(in crate::console::http) doubtful: u64,
    pub(in crate::console::http) malformed: u64,
    pub(in crate::console::http) refused: u64,
    pub(in crate::console::http) undone: u64,
    pub(in crate::console::http) unchanged: u64,
    pub(in crate::console::http) fetched: u64,
    pub(in crate::console::http) departments: u64,
    pub(in crate::console::http) done: u64,
    pub(in crate::console::http) todo: u64,
    pub(in crate::console::http) phase: Option<String>,
}

impl Counts {
    /// Those that say what changes, by the outcome of their rows, in the order of a page.
    pub(in crate::console::http) const fn by_outcome(&self) -> [(&'static str, u64); 12] {
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
    pub(in crate::console::http) fn nothing(&self) -> bool {
        self.by_outcome().iter().all(|(_, count)| *count == 0)
    }
}

/// What was missing or odd.
#[derive(Deserialize)]
pub(in crate::console::http) struct Finding {
    pub(in crate::console::http) number: String,
    pub(in crate::console::http) severity: String,
    pub(in crate::console::http) title: String,
    pub(in crate::console::http) title_zh: String,
    pub(in crate::console::http) detail: Option<String>,
    pub(in crate::console::http) remedy: String,
    pub(in crate::console::http) remedy_zh: String,
}

/// What is wrong, as `parts::problem` shows it.
#[derive(Deserialize)]
pub(in crate::console::http) struct Problem {
    pub(in crate::console::http) number: String,
    pub(in crate::console::http) severity: String,
    pub(in crate::console::http) title: String,
    pub(in crate::console::http) title_zh: String,
    #[serde(default)]
    pub(in crate::console::http) detail: String,
    pub(in crate::console::http) remedy: String,
    pub(in crate::console::http) remedy_zh: String,
    #[serde(default, rename = "where")]
    pub(in crate::console::http) place: Option<String>,
}

impl Run {
    /// Whether it is under way.
    pub(in crate::console::http) fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "queued" | "running")
    }

    /// Whether it waits for somebody to agree.
    pub(in crate::console::http) fn can_be_confirmed(&self) -> bool {
        matches!(self.state.as_str(), "planned" | "paused")
    }

    /// Whether what it did can be taken back. A preview that somebody agreed to did something, too.
    pub(in crate::console::http) fn can_be_undone(&self) -> bool {
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
pub(in crate::console::http) struct Row {
    pub(in crate::console::http) subject: String,
    pub(in crate::console::http) userid: String,
    pub(in crate::console::http) outcome: String,
    pub(in crate::console::http) reason: String,
    pub(in crate::console::http) user_id: Option<String>,
    pub(in crate::console::http) undone: Option<String>,
    changes: Option<Value>,
}

impl Row {
    /// Its values before and after.
    pub(in crate::console::http) fn changes(&self) -> Vec<Change> {
        let members = self.changes.as_ref().and_then(Value::as_object);
        let change = |(name, change): (&String, &Value)| Change {
            before: change.get("from").cloned().unwrap_or_default(),
            after: change.get("to").cloned().unwrap_or_default(),
            name: name.clone(),
        };
        members.into_iter().flatten().map(change).collect()
    }
}

/// A run in a list.
pub(in crate::console::http) struct Line {
    pub(in crate::console::http) run: Run,
    pub(in crate::console::http) source: String,
    pub(in crate::console::http) started: Moment,
    pub(in crate::console::http) took: String,
}

impl Line {
    /// A run with the name of its data source.
    pub(in crate::console::http) fn new(visit: &Visit, sources: &[Source], run: Run) -> Self {
        Self {
            source: names::source_name(sources, &run.data_source_id).to_owned(),
            started: visit.moment(run.started_at),
            took: run.duration_ms.map(took).unwrap_or_default(),
            run,
        }
    }

    /// Which changes it made, those that are there.
    pub(in crate::console::http) fn changes(&self, frame: &Frame) -> String {
        let counts = self.run.counts.by_outcome();
        let told = counts.iter().filter(|(_, count)| *count > 0);
        let told: Vec<String> = told
            .map(|(outcome, count)| format!("{} {count}", frame.word("console-outcome", outcome)))
            .collect();
        told.join(" · ")
    }
}

/// A span: `340 ms`, `12.5 s`, `3 min 20 s`.
pub(in crate::console::http) fn took(millis: i64) -> String {
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
