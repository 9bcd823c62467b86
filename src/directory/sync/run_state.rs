//! Cause and final state of a sync run. Pure.

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

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything was read and applied.
    Succeeded,
    /// What could be read was applied; the findings say what was missing.
    Incomplete,
    /// Nothing was applied; an admin must confirm.
    Paused,
}

impl State {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Incomplete => "incomplete",
            Self::Paused => "paused",
        }
    }
}
