//! Counts and progress of a sync run. Kept as JSON in its row.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    guard::Impact,
    plan::model::{Kind, Plan, RowOutcome},
    snapshot::Snapshot,
};

/// Phase of a run: `fetching` from WeCom (`done` of `todo` lists by now, more may turn up), `planning`, `applying` (`done` of `todo`
/// members), `finished`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncPhase)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading from WeCom; `done` of `todo` lists by now, more may turn up.
    #[default]
    Fetching,
    /// Comparing.
    Planning,
    /// Writing; `done` of `todo` members.
    Applying,
    /// Over.
    Finished,
}

/// What a run did. While it is paused, or was only planned: what it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncCounts)]
#[serde(default)]
pub struct Counts {
    /// Where it is.
    pub phase: Phase,
    /// Lists to read, or members to write, in all.
    pub todo: usize,
    /// So many of them are done.
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
    /// Users made here who are taken over.
    pub overwrites: usize,
    /// WeCom said word for word what it had said to a run that found nothing to do, and nothing changed here since: nothing was compared, and
    /// these are the counts of that run.
    pub as_before: bool,
    /// What an admin agreed to; null: nobody was asked.
    pub agreed: Option<Impact>,
}

impl Counts {
    /// What a snapshot shows, before anything is compared.
    pub fn seen(snapshot: &Snapshot, agreed: Option<Impact>) -> Self {
        Self {
            phase: Phase::Planning,
            fetched: snapshot.members.len(),
            malformed: snapshot.malformed.len(),
            departments: snapshot.departments.len(),
            tags: snapshot.tags.len(),
            agreed,
            ..Self::default()
        }
    }

    /// Adds what a plan would do.
    pub fn planned(&mut self, plan: &Plan) {
        self.todo = plan.members.len() + plan.departures.len();
        self.created = plan.count_kind(Kind::Created);
        self.updated = plan.count_kind(Kind::Updated);
        self.returned = plan.count_kind(Kind::Returned);
        self.unchanged = plan.unchanged;
        self.skipped = plan.count(RowOutcome::Skipped);
        self.conflicts = plan.count(RowOutcome::Conflict);
        self.departed = plan.departures.len();
        self.doubtful = plan.doubts();
        self.outside = plan.outside.len();
        self.readmitted = plan.readmitted.len();
        self.removals = plan.removals();
        self.overwrites = plan.overwrites;
    }

    /// How much of it is guarded, as an admin sees it in a run that was planned or paused.
    pub fn impact(&self) -> Impact {
        // A run paused before removals were counted apart knows only who departed.
        let removals = self.removals.max(self.departed);
        Impact {
            removals,
            departures: self.departed,
            outside: removals.saturating_sub(self.departed + self.doubtful),
            overwrites: self.overwrites,
        }
    }
}
