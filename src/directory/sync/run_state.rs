//! Cause, mode and final state of a sync run. Pure.

use std::time::Duration;

use crate::word_schema;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a run was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Started by hand.
    Manual,
    /// Due by the schedule.
    Schedule,
    /// Started by an event callback of WeCom.
    Event,
    /// Takes another run back.
    Undo,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Schedule, Self::Event, Self::Undo];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Schedule => "schedule",
            Self::Event => "event",
            Self::Undo => "undo",
        }
    }
}

word_schema!(
    Cause,
    "SyncCause",
    "Why a run was started: `manual`ly, by the `schedule`, by an `event` of WeCom, or as the `undo` of another.",
    Cause::ALL.map(Cause::as_str)
);

/// What a run is to do: `plan`: read, compare, and show what would be done; `apply`: do it, unless the guard pauses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncMode)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Read, compare, and show what would be done; write nothing.
    Plan,
    /// Do it, unless the guard pauses it.
    #[default]
    Apply,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Plan, Self::Apply];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// What a run has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests to WeCom.
    pub calls: u64,
    /// Time it was under way.
    pub time: Duration,
}

impl Spent {
    /// This and more.
    pub(super) fn plus(self, calls: u64, time: Duration) -> Self {
        Self {
            calls: self.calls.saturating_add(calls),
            time: self.time.saturating_add(time),
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything was read and applied.
    Succeeded,
    /// What could be read was applied; the findings say what was missing.
    Incomplete,
    /// Nothing was to be applied; the rows say what would be.
    Planned,
    /// As planned, with the ids and the app that a company would have by a move; there is nothing to confirm.
    Rehearsed,
    /// Nothing was applied; an admin must confirm.
    Paused,
}

/// The words of all states of a run, those it passes through included.
pub const STATES: [&str; 8] = [
    "queued",
    "running",
    State::Succeeded.as_str(),
    State::Incomplete.as_str(),
    State::Planned.as_str(),
    State::Rehearsed.as_str(),
    State::Paused.as_str(),
    "failed",
];

/// The state of a run, as a word.
#[derive(Debug)]
pub struct RunState;

word_schema!(
    RunState,
    "SyncRunState",
    "How a run stands: `queued`; `running`; `succeeded`: everything was read and applied; `incomplete`: what could be read was applied, and the \
     findings say what was missing; `planned`: nothing was to be applied, and the rows say what would be; `rehearsed`: the same of a move to another app; `paused`: nothing was applied, an admin \
     must confirm; `failed`.",
    STATES
);

impl State {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Incomplete => "incomplete",
            Self::Planned => "planned",
            Self::Rehearsed => "rehearsed",
            Self::Paused => "paused",
        }
    }
}
