//! Versions: numbers by which the read cache tells whether what it holds still stands.
//!
//! Every change raises a counter in what it is a part of: once it is durable where one process owns the database (SQLite), in the same
//! transaction where several write ([`super::stored_versions`]). Whoever changed something is answered after that, so whoever compares with a
//! number that was read after a request came serves nothing that is older than the request. One counter is for everybody; changes that touch
//! nothing but what is read on behalf of one person raise another, so that a person who scans makes nobody else's next request read again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use uuid::Uuid;

/// Counters of people, who share them. A prime, so that all of an id's bits count.
pub(super) const PEOPLE: usize = 61;

/// The counter for everybody, then those of people.
pub(super) type Counts = [u64; 1 + PEOPLE];

/// Whom a change is about, or a value that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Everybody: settings, the directory, or who knows what.
    Everybody,
    /// This user, and nothing that is read on behalf of anybody else.
    Person(Uuid),
}

impl About {
    /// Which of the people's counters it is.
    pub(super) fn person(self) -> Option<usize> {
        match self {
            Self::Everybody => None,
            Self::Person(id) => usize::try_from(id.as_u128() % PEOPLE as u128).ok(),
        }
    }
}

/// Whose counters a change raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Raised {
    /// The one for everybody.
    Everybody,
    /// Those of some people, by their places, each once and in one order by all.
    People(BTreeSet<usize>),
}

impl From<About> for Raised {
    fn from(about: About) -> Self {
        about
            .person()
            .map_or(Self::Everybody, |person| Self::People(BTreeSet::from([person])))
    }
}

impl Raised {
    /// The change is about this user, too. What was everybody's is theirs alone.
    pub(super) fn concern(&mut self, user: Uuid) {
        match (&mut *self, About::Person(user).person()) {
            (Self::People(people), Some(person)) => {
                people.insert(person);
            }
            (Self::Everybody, _) => *self = About::Person(user).into(),
            // Nobody has no counter.
            (Self::People(_), None) => *self = Self::Everybody,
        }
    }
}

/// The version of a value about somebody: it changes when either counter does, since none ever falls.
pub(super) fn version(counts: &Counts, about: About) -> u64 {
    let [everybody, people @ ..] = counts;
    let person = about.person().and_then(|person| people.get(person));
    everybody + person.copied().unwrap_or_default()
}

/// The counters of a process that owns its database. Clones share them.
#[derive(Clone, Debug)]
pub struct ChangeCounter(Arc<[AtomicU64; 1 + PEOPLE]>);

impl Default for ChangeCounter {
    fn default() -> Self {
        Self(Arc::new(std::array::from_fn(|_| AtomicU64::new(0))))
    }
}

impl ChangeCounter {
    /// The version of a value about somebody.
    pub fn version(&self, about: About) -> u64 {
        let [everybody, people @ ..] = &*self.0;
        let person = about.person().and_then(|person| people.get(person));
        everybody.load(Ordering::SeqCst) + person.map_or(0, |person| person.load(Ordering::SeqCst))
    }

    /// Counts a change that was made, or may have been.
    pub fn raise(&self, about: About) {
        self.raise_all(&about.into());
    }

    /// The same, of a change about several people.
    pub(super) fn raise_all(&self, raised: &Raised) {
        let [everybody, people @ ..] = &*self.0;
        let one = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        match raised {
            Raised::Everybody => one(everybody),
            Raised::People(places) => places.iter().filter_map(|place| people.get(*place)).for_each(one),
        }
    }

    /// All of them, now.
    pub(super) fn counts(&self) -> Counts {
        std::array::from_fn(|at| self.0.get(at).map_or(0, |counter| counter.load(Ordering::SeqCst)))
    }
}

/// The counters at one moment, for what is made of several reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(Counts);

impl Moment {
    /// The version of a value about somebody, then.
    pub fn version(&self, about: About) -> u64 {
        version(&self.0, about)
    }
}

/// What a cache compares with.
#[derive(Debug)]
pub(super) enum Current<'a> {
    /// The counters themselves: as of each look.
    Counted(&'a ChangeCounter),
    /// The counters as they were read for this request.
    Read(Arc<Counts>),
}

impl Current<'_> {
    /// The version of a value about somebody.
    pub(super) fn version(&self, about: About) -> u64 {
        match self {
            Self::Counted(counter) => counter.version(about),
            Self::Read(counts) => version(counts, about),
        }
    }

    /// This moment, to be taken before something is read.
    pub(super) fn moment(&self) -> Moment {
        Moment(match self {
            Self::Counted(counter) => counter.counts(),
            Self::Read(counts) => **counts,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{About, ChangeCounter, PEOPLE, Raised};

    #[test]
    fn a_change_about_several_people_changes_the_versions_of_theirs_and_of_nobody_elses() {
        let counter = ChangeCounter::default();
        let person = |number: u128| Uuid::from_u128(number);
        let mut raised = Raised::Everybody;
        for number in [1, 2, 1, 1 + PEOPLE as u128] {
            raised.concern(person(number));
        }
        counter.raise_all(&raised);
        let versions = [0, 1, 2, 3].map(|number| match number {
            0 => counter.version(About::Everybody),
            number => counter.version(About::Person(person(number))),
        });
        assert_eq!(versions, [0, 1, 1, 0], "each counter once");
    }

    #[test]
    fn a_change_about_one_person_changes_the_version_of_theirs_alone_and_one_about_everybody_all() {
        let counter = ChangeCounter::default();
        let (one, other) = (About::Person(Uuid::from_u128(1)), About::Person(Uuid::from_u128(2)));
        let versions = || [About::Everybody, one, other].map(|about| counter.version(about));
        counter.raise(one);
        assert_eq!(versions(), [0, 1, 0]);
        counter.raise(About::Everybody);
        assert_eq!(versions(), [1, 2, 1]);
        let shared = About::Person(Uuid::from_u128(1 + PEOPLE as u128));
        assert_eq!(
            counter.version(shared),
            2,
            "who shares a counter reads once more than need be"
        );
        assert_eq!(super::version(&counter.counts(), one), counter.version(one));
    }
}
