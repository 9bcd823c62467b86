//! Where an installation stands, the one table of what may follow what, and what a push is worth that came late. Pure.
//!
//! Pushes come twice, late and in any order, or not at all (reference 6.5, 9.6). So none is believed by its place in the queue: each says when WeCom
//! told it, and what is not plainly newer than what is known is decided by asking WeCom whether the app is installed now.

use serde::{Deserialize, Serialize};

use crate::word_schema;

/// Where an installation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The corp installed the app; no admin here has bound it.
    Unbound,
    /// It is a data source here.
    Bound,
    /// It was a data source here, which has moved to an app of the corp's own.
    Moved,
    /// Nobody bound it in time.
    Expired,
    /// The corp deleted the app.
    Cancelled,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The corp agreed, for the first time or again: there is a new permanent code.
    Install,
    /// An admin here binds it.
    Bind,
    /// Its data source moves to an app of the corp's own.
    Move,
    /// That is taken back.
    MoveBack,
    /// Its time is over.
    Expire,
    /// The corp deleted the app.
    Cancel,
}

/// The table: status (`None`: the corp is not known), event → status. What is not in it cannot happen, or changes nothing.
const TRANSITIONS: &[(Option<Status>, Event, Status)] = &[
    (None, Event::Install, Status::Unbound),
    (Some(Status::Unbound), Event::Install, Status::Unbound),
    (Some(Status::Bound), Event::Install, Status::Bound),
    (Some(Status::Moved), Event::Install, Status::Moved),
    (Some(Status::Expired), Event::Install, Status::Unbound),
    (Some(Status::Cancelled), Event::Install, Status::Unbound),
    (Some(Status::Unbound), Event::Bind, Status::Bound),
    (Some(Status::Bound), Event::Move, Status::Moved),
    (Some(Status::Moved), Event::MoveBack, Status::Bound),
    (Some(Status::Unbound), Event::Expire, Status::Expired),
    // Told before the installation was: kept, so that what was told earlier is known to be old when it comes.
    (None, Event::Cancel, Status::Cancelled),
    (Some(Status::Unbound), Event::Cancel, Status::Cancelled),
    (Some(Status::Bound), Event::Cancel, Status::Cancelled),
    (Some(Status::Moved), Event::Cancel, Status::Cancelled),
    (Some(Status::Expired), Event::Cancel, Status::Cancelled),
];

impl Status {
    /// All.
    pub const ALL: [Self; 5] = [Self::Unbound, Self::Bound, Self::Moved, Self::Expired, Self::Cancelled];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Bound => "bound",
            Self::Moved => "moved",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the corp has the app, as far as is known, and we hold its permanent code.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Unbound | Self::Bound | Self::Moved)
    }
}

/// The status that follows; `None`: that cannot happen here, or changes nothing.
pub fn after(status: Option<Status>, event: Event) -> Option<Status> {
    let found = TRANSITIONS
        .iter()
        .find(|(from, what, _)| *from == status && *what == event);
    found.map(|(_, _, to)| *to)
}

/// What a push is worth beside what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Told after it: it counts.
    Newer,
    /// Told in the same second or before: WeCom is asked how it is now.
    Doubtful,
}

/// Weighs what was told at one moment against the last that is known, both in milliseconds; WeCom tells seconds.
pub fn weigh(told_at: i64, known_at: Option<i64>) -> Weight {
    match known_at {
        Some(known) if told_at.div_euclid(1000) <= known.div_euclid(1000) => Weight::Doubtful,
        _ => Weight::Newer,
    }
}

word_schema!(
    Status,
    "InstallationStatus",
    "Where an installation stands: `unbound`: the corp installed the app, and no admin here has bound it; `bound`: it is a data source here; `moved`: that data \
     source has moved to an app of the company's own; `expired`: nobody bound it in time; `cancelled`: the corp deleted the app.",
    Status::ALL.map(Status::word)
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, Status, TRANSITIONS, Weight, after, weigh};

    const EVENTS: &[Event] = &[
        Event::Install,
        Event::Bind,
        Event::Move,
        Event::MoveBack,
        Event::Expire,
        Event::Cancel,
    ];

    #[test]
    fn each_status_is_read_as_it_was_written_and_the_table_is_one_of_functions() {
        for status in Status::ALL {
            assert_eq!(Status::of(status.word()), Some(status));
        }
        assert_eq!(Status::of("installed"), None);
        for (at, (from, event, _)) in TRANSITIONS.iter().enumerate() {
            let again = TRANSITIONS.iter().skip(at + 1);
            assert!(!again.into_iter().any(|(other, what, _)| other == from && what == event));
        }
    }

    #[test]
    fn only_what_waits_is_bound_and_whatever_was_deleted_is_bound_by_nobody() {
        for status in Status::ALL {
            let bound = after(Some(status), Event::Bind);
            assert_eq!(bound.is_some(), status == Status::Unbound, "{status:?}");
        }
        assert_eq!(after(None, Event::Bind), None);
        assert_eq!(after(Some(Status::Cancelled), Event::Cancel), None, "told twice");
    }

    #[test]
    fn what_is_told_in_the_same_second_or_earlier_is_looked_up() {
        assert_eq!(weigh(5_000, None), Weight::Newer);
        assert_eq!(weigh(6_000, Some(5_999)), Weight::Newer);
        assert_eq!(weigh(5_000, Some(5_999)), Weight::Doubtful);
        assert_eq!(weigh(4_000, Some(5_000)), Weight::Doubtful);
    }

    proptest! {
        #[test]
        fn nothing_but_an_admin_binds_and_what_is_installed_again_after_its_end_waits_anew(
            events in proptest::collection::vec(0..EVENTS.len(), 1..50)
        ) {
            let mut status = None;
            for at in events {
                let event = EVENTS[at];
                let Some(next) = after(status, event) else { continue };
                if next == Status::Bound && status != Some(Status::Bound) {
                    prop_assert!(matches!(event, Event::Bind | Event::MoveBack));
                    prop_assert_eq!(event == Event::MoveBack, status == Some(Status::Moved));
                }
                if status.is_some_and(|status| !status.is_live()) && next.is_live() {
                    prop_assert_eq!((event, next), (Event::Install, Status::Unbound));
                }
                status = Some(next);
            }
        }
    }
}
