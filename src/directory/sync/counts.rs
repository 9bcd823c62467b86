//! Counts and progress of a sync run. Kept as JSON in its row.

use serde::{Deserialize, Serialize};

/// Phase of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading from WeCom.
    #[default]
    Fetching,
    /// Comparing.
    Planning,
    /// Writing; `done` of `todo` members.
    Applying,
    /// Over.
    Finished,
}

/// What a run did. While it is paused: what it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Its phase.
    pub phase: Phase,
    /// Members to write in all.
    pub todo: usize,
    /// Members written so far.
    pub done: usize,
    /// Members WeCom showed.
    pub fetched: usize,
    /// New members.
    pub created: usize,
    /// Changed members.
    pub updated: usize,
    /// Members without a change.
    pub unchanged: usize,
    /// Not imported by rule.
    pub skipped: usize,
    /// Not imported, or not removed, because a sync never touches the user.
    pub conflicts: usize,
    /// Unreadable rows.
    pub malformed: usize,
    /// Members who departed.
    pub departed: usize,
    /// Members who are there and whose access ended: disabled in WeCom, outside the visible scope.
    pub outside: usize,
    /// People who were outside and have access again.
    pub readmitted: usize,
    /// Members who returned.
    pub returned: usize,
    /// Members of whom an admin is asked who they are.
    pub doubtful: usize,
    /// Departments WeCom showed.
    pub departments: usize,
    /// Tags WeCom showed.
    pub tags: usize,
    /// How many people lose their access: departed, and newly outside.
    pub removals: usize,
    /// Rows of another run that were taken back.
    pub undone: usize,
    /// Rows of another run that were left alone, because something changed since.
    pub refused: usize,
    /// Removals an admin agreed to.
    pub confirmed: Option<usize>,
}
