//! Things that live for a time under a random name.

use std::collections::HashMap;

use rand::rngs::StdRng;

use crate::errmsg::alphanumeric;

/// What stands under a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    Good(T),
    Expired,
    Unknown,
}

/// See the module.
pub(super) struct Expiring<T> {
    kept: HashMap<String, (T, u64)>,
}

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self { kept: HashMap::new() }
    }
}

impl<T: Clone> Expiring<T> {
    /// Keeps it until `until` under a new name of so many characters.
    pub(super) fn keep(&mut self, thing: T, until: u64, length: usize, rng: &mut StdRng) -> String {
        let name = alphanumeric(rng, length);
        self.kept.insert(name.clone(), (thing, until));
        name
    }

    pub(super) fn look(&self, name: &str, now: u64) -> Found<T> {
        match self.kept.get(name) {
            None => Found::Unknown,
            Some((_, until)) if *until <= now => Found::Expired,
            Some((thing, _)) => Found::Good(thing.clone()),
        }
    }

    /// The thing, unless it expired.
    pub(super) fn find(&self, name: &str, now: u64) -> Option<T> {
        match self.look(name, now) {
            Found::Good(thing) => Some(thing),
            Found::Expired | Found::Unknown => None,
        }
    }

    pub(super) fn change(&mut self, name: &str, change: impl FnOnce(&mut T)) {
        if let Some((thing, _)) = self.kept.get_mut(name) {
            change(thing);
        }
    }

    /// Takes it out: names are good once.
    pub(super) fn take(&mut self, name: &str, now: u64) -> Option<T> {
        let found = self.find(name, now);
        self.kept.remove(name);
        found
    }
}
