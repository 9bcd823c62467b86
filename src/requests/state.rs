//! The states of an access request, and the one table of what may follow what. Pure.

use serde::{Deserialize, Serialize};

use crate::word_schema;

/// Where an access request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided.
    Open,
    /// The member was let in.
    Approved,
    /// They were not.
    Refused,
    /// Nobody decided in time.
    Expired,
    /// The member took it back.
    Withdrawn,
    /// The member was imported meanwhile.
    Overtaken,
    /// Nobody can decide any more: the member left, or their corp takes no requests.
    Closed,
}

/// What can happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// An approver lets them in.
    Approve,
    /// An approver does not.
    Refuse,
    /// Its time is over.
    Expire,
    /// The member takes it back.
    Withdraw,
    /// The member is a user, by another way.
    Overtake,
    /// The member left, or their corp takes no requests any more.
    Close,
}

/// The table: state, event → state. What is not in it cannot happen.
const TRANSITIONS: &[(State, Event, State)] = &[
    (State::Open, Event::Approve, State::Approved),
    (State::Open, Event::Refuse, State::Refused),
    (State::Open, Event::Expire, State::Expired),
    (State::Open, Event::Withdraw, State::Withdrawn),
    (State::Open, Event::Overtake, State::Overtaken),
    (State::Open, Event::Close, State::Closed),
];

impl State {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Approved,
        Self::Refused,
        Self::Expired,
        Self::Withdrawn,
        Self::Overtaken,
        Self::Closed,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Overtaken => "overtaken",
            Self::Closed => "closed",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state that follows; `None`: that cannot happen here.
    pub fn after(self, event: Event) -> Option<Self> {
        let found = TRANSITIONS
            .iter()
            .find(|(from, what, _)| *from == self && *what == event);
        found.map(|(_, _, to)| *to)
    }

    /// Whether nothing can happen any more.
    pub fn is_over(self) -> bool {
        Event::ALL.iter().all(|event| self.after(*event).is_none())
    }
}

impl Event {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Approve,
        Self::Refuse,
        Self::Expire,
        Self::Withdraw,
        Self::Overtake,
        Self::Close,
    ];
}

word_schema!(
    State,
    "AccessRequestState",
    "Where an access request stands: `open`; `approved` or `refused` by an approver; `expired`: nobody decided in time; `withdrawn` by the \
     person; `overtaken`: they were imported meanwhile; `closed`: nobody can decide any more, for the reason in `closed_because`.",
    State::ALL.map(State::word)
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Event, State};

    #[test]
    fn each_state_is_read_as_it_was_written_and_only_an_open_one_goes_on() {
        for state in State::ALL {
            assert_eq!(State::of(state.word()), Some(state));
            assert_eq!(state.is_over(), state != State::Open, "{state:?}");
        }
        assert_eq!(State::of("accepted"), None);
    }

    #[test]
    fn each_event_leads_to_a_state_of_its_own() {
        let mut reached: Vec<State> = Event::ALL
            .iter()
            .filter_map(|event| State::Open.after(*event))
            .collect();
        reached.sort_by_key(|state| state.word());
        reached.dedup();
        assert_eq!(reached.len(), Event::ALL.len());
    }

    proptest! {
        #[test]
        fn whatever_happens_in_whatever_order_the_first_event_decides_for_good(
            events in proptest::collection::vec(0..Event::ALL.len(), 1..50)
        ) {
            let mut state = State::Open;
            let mut changes = 0;
            for event in &events {
                if let Some(next) = state.after(Event::ALL[*event]) {
                    prop_assert_ne!(next, state);
                    state = next;
                    changes += 1;
                }
            }
            prop_assert_eq!(changes, 1);
            prop_assert_eq!(Some(state), State::Open.after(Event::ALL[events[0]]));
        }
    }
}
