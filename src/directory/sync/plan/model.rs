//! A plan as a value: what is to be written, row by row. Pure.

use std::sync::Arc;

use uuid::Uuid;

use crate::word_schema;

use super::structure_model::{AppPlan, DepartmentPlan, TagPlan};
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    identity::{evidence::Traits, verdict::Weighed},
    offboarding::model::{EndReason, Reach},
    sync::{
        mirror::{MemberRow, ThroughApp, UserProfile},
        snapshot::Person,
    },
};

/// What to write, and what to say about it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Departments.
    pub departments: DepartmentPlan,
    /// Tags and their contents.
    pub tags: TagPlan,
    /// The integration app.
    pub app: Option<AppPlan>,
    /// Members who are there and differ from what we hold.
    pub members: Vec<MemberChange>,
    /// Members who are gone; those who are only missing in the order in which WeCom confirmed them last.
    pub departures: Vec<Departure>,
    /// Members who are there and may not come in: their access ends.
    pub outside: Vec<AccessEnd>,
    /// Users who were outside and have access again.
    pub readmitted: Vec<Uuid>,
    /// Whether absence from the lists proves nothing: only those of `departures` are gone whom a live look does not find either, or of whom
    /// WeCom itself says that they left.
    pub needs_look: bool,
    /// Userids of missing members who may be somebody found under another userid, once a live look shows them to nobody.
    pub unproven: Vec<String>,
    /// Whether somebody waits until WeCom has told more of changed userids.
    pub awaits_told: bool,
    /// How many members we held as present.
    pub present: usize,
    /// Members we held as present and WeCom confirmed, changed or not: their membership is fresh.
    pub confirmed: Vec<Uuid>,
    /// Those of them, and of those who returned, whom WeCom had not shown to a live look.
    pub shown_again: Vec<Uuid>,
    /// How many of these need no change.
    pub unchanged: usize,
    /// Whether nothing but a member, their user and what WeCom says of them decides about somebody imported: whom this plan creates is in order.
    pub creates_settled: bool,
    /// How many users made here are taken over.
    pub overwrites: usize,
    /// What the admin should see about single members.
    pub rows: Vec<Row>,
}

/// A row we hold, and the version the plan was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowVersion {
    /// Row id.
    pub id: Uuid,
    /// See [`super::mirror::MemberRow::version`].
    pub version: i64,
}

impl MemberRow {
    /// The row as the plan found it.
    pub const fn held(&self) -> RowVersion {
        RowVersion {
            id: self.id,
            version: self.version,
        }
    }
}

/// Why a member is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not held before.
    Created,
    /// Held, and differs.
    Updated,
    /// Had departed and is the same person.
    Returned,
}

/// A member to write, present from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// The row; `None`: a new one.
    pub held: Option<RowVersion>,
    /// A departed row of another person who had this userid before: it gives the key up first.
    pub supersedes: Option<RowVersion>,
    /// Lower-cased userid.
    pub key: String,
    /// All values, merged with what we hold.
    pub person: Arc<Person>,
    /// What happens to the linked user.
    pub user: UserChange,
    /// Whether they are a user.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<String>,
    /// For counting.
    pub kind: Kind,
    /// It is in doubt from now on whether this is the person we hold, whose profile stays as it is.
    pub doubt: Option<Box<Doubt>>,
    /// It was in doubt, and no longer is.
    pub settled: bool,
    /// The same person had this userid before.
    pub renamed_from: Option<String>,
}

/// A doubt who somebody is, for an admin to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// How it was weighed.
    pub weighed: Weighed,
    /// What we hold.
    pub before: Traits,
    /// What WeCom shows.
    pub after: Traits,
}

/// What happens to the user of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// Neither user nor link change.
    Keep,
    /// A new user, linked, with WeCom's values ([`UserProfile::given`]).
    Create {
        /// Free when the plan was made.
        username: String,
        /// Why the user begins disabled: the member may not come in.
        outside: Option<EndReason>,
    },
    /// An existing user that a sync may touch.
    Write {
        /// Row id.
        id: Uuid,
        /// The member is linked to it and it becomes this data source's.
        link: bool,
        /// Enabled again, if it was disabled as departed.
        enable: bool,
        /// The whole profile, if it changes.
        profile: Option<Box<UserProfile>>,
    },
}

/// A member who is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The member.
    pub held: RowVersion,
    /// For the audit event and the run's rows.
    pub userid: String,
    /// The user to disable; `None` when there is none or it must not be touched.
    pub user_id: Option<Uuid>,
    /// Whether WeCom itself says that they left, rather than only not showing them.
    pub told: bool,
    /// The userid is somebody else's now: the row becomes a tombstone.
    pub reused: bool,
}

/// A member who is there, and whose access ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEnd {
    /// The member's row; `None`: made by this plan.
    pub member: Option<Uuid>,
    /// For the report and the run's rows.
    pub userid: String,
    /// The user.
    pub user_id: Uuid,
    /// Whether the user may be disabled.
    pub may_disable: bool,
    /// Why.
    pub reason: EndReason,
    /// WeCom's status of the member.
    pub status: Option<i32>,
    /// Whether they could come in before: such endings count for the removal threshold.
    pub newly: bool,
    /// Whether it can only be written after the members: the plan links or enables the user first.
    pub after_members: bool,
    /// They fell out of this app's scope: only what was opened through it ends.
    pub through: Option<ThroughApp>,
}

impl AccessEnd {
    /// What the admin sees of it.
    pub fn row(&self) -> Row {
        let reason = match (self.through, self.reason) {
            (Some(app), _) => {
                let agent_id = app.agent_id;
                format!("outside the visible scope of the WeCom app {agent_id}: what was opened through it ended")
            }
            (None, EndReason::DisabledInWeCom) => "disabled in WeCom: access ended".to_owned(),
            (None, EndReason::NotActivated) => "not activated in WeCom: access ended".to_owned(),
            (None, EndReason::OutOfScope) => "outside the visible scope of the WeCom app: access ended".to_owned(),
            (None, _) => "of a status in WeCom that is not active: access ended".to_owned(),
        };
        Row {
            userid: self.userid.clone(),
            outcome: RowOutcome::Outside,
            reason,
        }
    }
}

/// What happened to one member and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As WeCom gave it; empty when unreadable.
    pub userid: String,
    /// What happened.
    pub outcome: RowOutcome,
    /// A sentence.
    pub reason: String,
}

/// Outcomes that are recorded as a row of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowOutcome {
    /// New.
    Created,
    /// Changed.
    Updated,
    /// A department or tag that is gone.
    Deleted,
    /// Was outside, and has access again.
    Readmitted,
    /// By an undo: as it was before.
    Restored,
    /// By an undo: created by the run, and there no longer.
    Removed,
    /// By an undo: left alone, because something changed since.
    Refused,
    /// By the duplicate rule, or because something changed meanwhile.
    Skipped,
    /// A sync never touches that user.
    Conflict,
    /// Unreadable.
    Malformed,
    /// Imported, but for something that was left out or cleaned.
    Adjusted,
    /// Gone.
    Departed,
    /// Back.
    Returned,
    /// The same person under another userid.
    Renamed,
    /// Perhaps somebody else; an admin decides.
    Doubtful,
    /// There, and may not come in.
    Outside,
    /// WeCom gives a value that an admin's pin keeps out.
    Pinned,
}

impl RowOutcome {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Created,
        Self::Updated,
        Self::Deleted,
        Self::Readmitted,
        Self::Restored,
        Self::Removed,
        Self::Refused,
        Self::Skipped,
        Self::Conflict,
        Self::Malformed,
        Self::Adjusted,
        Self::Departed,
        Self::Returned,
        Self::Renamed,
        Self::Doubtful,
        Self::Outside,
        Self::Pinned,
    ];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Readmitted => "readmitted",
            Self::Restored => "restored",
            Self::Removed => "removed",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Conflict => "conflict",
            Self::Malformed => "malformed",
            Self::Adjusted => "adjusted",
            Self::Departed => "departed",
            Self::Returned => "returned",
            Self::Renamed => "renamed",
            Self::Doubtful => "doubtful",
            Self::Outside => "outside",
            Self::Pinned => "pinned",
        }
    }

    /// What happened to a row of which these are before and after.
    pub const fn of_images<T>(before: Option<&T>, after: Option<&T>) -> Self {
        match (before, after) {
            (None, _) => Self::Created,
            (Some(_), None) => Self::Deleted,
            (Some(_), Some(_)) => Self::Updated,
        }
    }

    /// Whether it only remarks something: nothing was written.
    pub const fn is_remark(self) -> bool {
        matches!(
            self,
            Self::Skipped | Self::Conflict | Self::Malformed | Self::Adjusted | Self::Pinned
        )
    }
}

word_schema!(
    RowOutcome,
    "SyncRowOutcome",
    "What became of a row: `created`, `updated`, `deleted` (a department or tag), `departed`, `returned`, `renamed` (another userid), `outside` (there, \
     and may not come in), `readmitted`; `skipped` by the duplicate rule, `conflict` (a sync never touches that user), `malformed`, `adjusted` \
     (imported, but for something that was left out or cleaned), `doubtful` (perhaps somebody else), `pinned` (an admin's pin keeps WeCom's value \
     out); by an undo `restored`, `removed`, or `refused`, because something changed since.",
    RowOutcome::ALL.map(RowOutcome::as_str)
);

impl Plan {
    /// How many rows of this outcome it has.
    pub fn count(&self, outcome: RowOutcome) -> usize {
        self.rows.iter().filter(|row| row.outcome == outcome).count()
    }

    /// How many members it writes for this reason.
    pub fn count_kind(&self, kind: Kind) -> usize {
        self.members.iter().filter(|change| change.kind == kind).count()
    }

    /// How many people it would keep out because it is in doubt who they are.
    pub fn doubts(&self) -> usize {
        self.members.iter().filter(|change| change.doubt.is_some()).count()
    }

    /// Whether it changes nothing; fresh confirmations and remarks are no change.
    pub fn is_empty(&self) -> bool {
        let scope = self
            .app
            .as_ref()
            .is_none_or(|app| app.add.is_empty() && app.remove.is_empty());
        self.departments == DepartmentPlan::default()
            && self.tags == TagPlan::default()
            && scope
            && self.members.is_empty()
            && self.departures.is_empty()
            && self.outside.is_empty()
            && self.readmitted.is_empty()
    }

    /// Whether every member who was here is confirmed or departs.
    pub const fn confirms_everybody(&self) -> bool {
        self.present == self.confirmed.len() + self.departures.len()
    }

    /// Whether the same plan would come of the same things again, once it is applied; before anybody is looked at live.
    pub fn leaves_all_as_it_is(&self) -> bool {
        let confirmed = self.confirms_everybody() && self.shown_again.is_empty();
        confirmed && !self.needs_look && self.is_empty()
    }

    /// How far falling out of the integration app's visible scope reaches.
    pub fn reach_of_scope(&self) -> Reach {
        match &self.app {
            Some(app) if app.has_others => Reach::App {
                id: app.id,
                passwords: true,
            },
            _ => Reach::Everywhere,
        }
    }

    /// How many people lose their access by it, or may have to wait for an admin: what the removal threshold counts.
    pub fn removals(&self) -> usize {
        self.departures.len() + self.outside.iter().filter(|end| end.newly).count() + self.doubts()
    }
}
