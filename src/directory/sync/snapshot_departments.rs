//! Departments in the snapshot builder, and which of them the visible scope of the app covers.

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::DepartmentFact;
use crate::wecom::model::Department;

/// Departments gathered so far.
#[derive(Default)]
pub struct Departments {
    facts: BTreeMap<i64, DepartmentFact>,
    /// Whether a list failed, or had a row whose department nobody knows.
    pub(super) incomplete: bool,
    /// Departments of the visible scope, picked or by a tag, each with its subtree.
    pub(super) scope: BTreeSet<i64>,
}

impl Departments {
    /// Adds what one list tells of a department; a parent and a name that are told stay.
    pub(super) fn add(&mut self, seen: Department) {
        let fact = self.facts.entry(seen.id).or_insert(DepartmentFact {
            id: seen.id,
            parent_id: seen.parent_id,
            name: None,
            order: seen.order,
        });
        fact.parent_id = fact.parent_id.or(seen.parent_id);
        if seen.name.is_some() {
            fact.name = seen.name;
        }
    }

    /// Those that the scope names and no list shows.
    pub fn unlisted(&self) -> Vec<i64> {
        let unlisted = self.scope.iter().filter(|id| !self.facts.contains_key(id));
        unlisted.copied().collect()
    }

    /// Those listed.
    pub fn listed(&self) -> Vec<i64> {
        self.facts.keys().copied().collect()
    }

    /// Those listed that the scope covers.
    pub fn covered(&self) -> Vec<i64> {
        self.facts.keys().copied().filter(|id| self.covers(*id)).collect()
    }

    /// Whether the scope covers this department, by itself or by one above. One that is listed only because it is above is not covered: the
    /// app sees nobody directly in it (reference 4.3).
    pub fn covers(&self, id: i64) -> bool {
        let mut next = Some(id);
        // No tree is as high as it has departments, unless it runs in a circle.
        for _ in 0..=self.facts.len() {
            match next {
                Some(id) if self.scope.contains(&id) => return true,
                Some(id) => match self.facts.get(&id).map(|fact| fact.parent_id) {
                    // Below what nobody could read it may be covered.
                    Some(None) => return true,
                    Some(parent) => next = parent,
                    None => return false,
                },
                None => return false,
            }
        }
        false
    }

    /// Those whose names no list told.
    pub(super) fn nameless(&self) -> impl Iterator<Item = i64> {
        self.facts
            .values()
            .filter(|fact| fact.name.is_none())
            .map(|fact| fact.id)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether no list showed any.
    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    pub(super) fn into_facts(self) -> Vec<DepartmentFact> {
        self.facts.into_values().collect()
    }
}
