//! Userids that WeCom said were changed (`NewUserID`), and that no look at one member could settle: of several who changed theirs one after another, an old
//! userid is somebody else's new one. Here they are followed all at once, in the order in which they happened, and weighed by the table of evidence.
//! Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::identity::judge_row;
use crate::directory::{
    identity::{
        evidence::{Evidence, Link},
        verdict::{Verdict, Weighed, weigh},
    },
    sync::{
        mirror::{MemberRow, Mirror, ToldRename},
        snapshot::{Person, Snapshot},
    },
};

/// What was told, against what WeCom shows.
#[derive(Default)]
pub struct Told<'a> {
    /// By the new key: the row of who has it now.
    pub moved: HashMap<&'a str, &'a MemberRow>,
    /// Of them, about whom there is a doubt.
    pub doubted: HashMap<Uuid, Weighed>,
    /// Keys of which nothing is planned this time: where everybody is shows only in a later reading.
    pub left_alone: HashSet<&'a str>,
    /// Rows of who is on the way between them: they are not missing.
    pub waiting: HashSet<Uuid>,
}

/// Somebody who is to have another key.
#[derive(Clone, Copy)]
struct Move<'a> {
    row: &'a MemberRow,
    weighed: Weighed,
}

/// Finds what becomes of what was told.
pub fn find<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot) -> Told<'a> {
    if mirror.told.is_empty() {
        return Told::default();
    }
    let held: HashMap<&str, &MemberRow> = mirror
        .members
        .iter()
        .filter(|row| row.present)
        .map(|row| (row.key.as_str(), row))
        .collect();
    let mut ways = Ways {
        held,
        snapshot,
        moves: BTreeMap::new(),
        moving: HashSet::new(),
        waiting: HashMap::new(),
    };
    for (row, end) in ends(&mirror.told, &ways.held) {
        ways.add(row, end);
    }
    while ways.drop_one() {}
    ways.told()
}

/// Where each of those ends who were told to have another key, by key; a step that leads nowhere is left out.
fn ends<'a>(told: &'a [ToldRename], held: &HashMap<&'a str, &'a MemberRow>) -> Vec<(&'a MemberRow, &'a str)> {
    let mut at = held.clone();
    let mut steps: Vec<&ToldRename> = told.iter().collect();
    steps.sort_by_key(|step| (step.happened_at, step.told_at));
    // WeCom tells seconds: of those of one second only who is where tells the order.
    for moment in steps.chunk_by(|one, other| one.happened_at == other.happened_at) {
        let mut open = moment.to_vec();
        while let Some(next) = next_step(&open, &at) {
            let step = open.remove(next);
            if let Some(row) = at.remove(step.old.as_str()) {
                at.insert(step.new.as_str(), row);
            }
        }
    }
    let mut ends: Vec<_> = at
        .into_iter()
        .filter(|(end, row)| *end != row.key)
        .map(|(end, row)| (row, end))
        .collect();
    ends.sort_unstable_by_key(|(_, end)| *end);
    ends
}

/// A step that somebody can take, first one to a key that nobody has.
fn next_step(open: &[&ToldRename], at: &HashMap<&str, &MemberRow>) -> Option<usize> {
    let begins = |step: &&ToldRename| at.contains_key(step.old.as_str());
    let free = |step: &&ToldRename| !at.contains_key(step.new.as_str());
    open.iter()
        .position(|step| begins(step) && free(step))
        .or_else(|| open.iter().position(begins))
}

/// What is known of the ways, until nothing more is to be dropped.
struct Ways<'a> {
    held: HashMap<&'a str, &'a MemberRow>,
    snapshot: &'a Snapshot,
    /// By the new key.
    moves: BTreeMap<&'a str, Move<'a>>,
    /// Rows of who moves.
    moving: HashSet<Uuid>,
    /// Whose way is not to be seen to its end yet, by row, with the keys concerned.
    waiting: HashMap<Uuid, [&'a str; 2]>,
}

impl<'a> Ways<'a> {
    fn seen(&self, key: &str) -> Option<&'a Person> {
        let person = self.snapshot.members.get(key)?;
        Some(person.as_ref()).filter(|person| !person.has_left())
    }

    fn add(&mut self, row: &'a MemberRow, end: &'a str) {
        match self.seen(end) {
            Some(person) => {
                let weighed = weigh(Evidence::compare(Link::Renamed, &row.person.traits(), &person.traits()));
                if weighed.verdict != Verdict::SomebodyElse {
                    self.moves.insert(end, Move { row, weighed });
                    self.moving.insert(row.id);
                }
            }
            // Somebody else is where they were, and they are nowhere.
            None if self.seen(&row.key).is_some() && self.fit(row, &row.key) == Fit::Not => {
                self.waiting.insert(row.id, [&row.key, end]);
            }
            None => {}
        }
    }

    /// Whether whom WeCom shows under a key is the one of this row, as if nothing had been told.
    fn fit(&self, row: &MemberRow, key: &str) -> Fit {
        let Some(person) = self.seen(key) else { return Fit::Not };
        let silent = Evidence::compare(Link::Unbroken, &row.person.traits(), &person.traits()).is_silent();
        match judge_row(row, person).verdict {
            _ if silent => Fit::Perhaps,
            Verdict::SamePerson => Fit::Is,
            Verdict::Doubtful | Verdict::SomebodyElse => Fit::Not,
        }
    }

    /// Drops a move that does not stand, if there is one; others may not stand without it.
    fn drop_one(&mut self) -> bool {
        let found = self
            .moves
            .iter()
            .find_map(|(end, one)| Some((*end, *one, self.against(end, one)?)));
        let Some((end, one, against)) = found else { return false };
        self.moves.remove(end);
        self.moving.remove(&one.row.id);
        if against == Against::Waits {
            self.waiting.insert(one.row.id, [&one.row.key, end]);
        }
        true
    }

    /// What speaks against a move.
    fn against(&self, end: &str, one: &Move<'_>) -> Option<Against> {
        // The one before is still to be seen there, and nobody came after them: what was told is ahead of that, or long past.
        if !self.moves.contains_key(one.row.key.as_str()) && self.fit(one.row, &one.row.key) == Fit::Is {
            return Some(Against::Refuted);
        }
        let holder = *self.held.get(end)?;
        if self.waiting.contains_key(&holder.id) {
            return Some(Against::Waits);
        }
        if self.moving.contains(&holder.id) {
            return None;
        }
        // Nobody told where the holder went, who may not have been read.
        if !self.snapshot.is_complete() {
            return Some(Against::Waits);
        }
        let old_is_shown = self.seen(&one.row.key).is_some();
        match self.fit(holder, end) {
            Fit::Is => Some(Against::Refuted),
            Fit::Perhaps if old_is_shown => Some(Against::Refuted),
            Fit::Perhaps | Fit::Not => None,
        }
    }

    fn told(self) -> Told<'a> {
        let in_doubt = |one: &&Move<'_>| one.weighed.verdict == Verdict::Doubtful || one.row.doubt.is_some();
        let doubted = self.moves.values().filter(in_doubt);
        Told {
            doubted: doubted.map(|one| (one.row.id, one.weighed)).collect(),
            moved: self.moves.into_iter().map(|(end, one)| (end, one.row)).collect(),
            waiting: self.waiting.keys().copied().collect(),
            left_alone: self.waiting.into_values().flatten().collect(),
        }
    }
}

/// Whether somebody shown is the one held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// They are.
    Is,
    /// Nothing can be compared.
    Perhaps,
    /// They are not, or perhaps not.
    Not,
}

/// Why a move does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    /// What is shown says otherwise.
    Refuted,
    /// It is not to be seen yet.
    Waits,
}

#[cfg(test)]
#[path = "told_renames_tests.rs"]
mod tests;
