//! Userids that WeCom said were changed (`NewUserID`), and that no look at one member could settle: of several who changed theirs one after another, an old
//! userid is somebody else's new one. Here they are followed all at once, in the order in which they happened, and weighed by the table of evidence.
//!
//! Events come late and in any order. As long as more may be told of the same userids, nobody gives one up, or departs, because of what was told by then:
//! who has to make room for somebody, and who is nowhere to be seen, may be the next of whom it is told. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::{
    identity::judge_row,
    told_order::{Concerned, concerned},
};
use crate::directory::{
    identity::{
        evidence::{Contact, Evidence, Link},
        verdict::{Verdict, Weighed, weigh},
    },
    sync::{
        mirror::{MemberRow, Mirror},
        snapshot::{Person, Snapshot},
    },
};

/// What was told, against what WeCom shows.
#[derive(Default)]
pub struct Told<'a> {
    /// By the new key: the row of who has it now.
    pub moved: HashMap<&'a str, &'a MemberRow>,
    /// Of them, and of whoever stays, about whom there is a doubt.
    pub doubted: HashMap<Uuid, Weighed>,
    /// Keys of which nothing is planned this time: where everybody is shows only in a later reading.
    pub left_alone: HashSet<&'a str>,
    /// Rows of who is on the way between them: they are not missing.
    pub waiting: HashSet<Uuid>,
    /// Of them, whoever may be under a userid that is still to be told.
    pub lost: Vec<&'a MemberRow>,
    /// New keys of somebody whose old one nobody is known to have had: who that was is still to be told.
    pub unowned: Vec<&'a str>,
}

/// Somebody who is to have another key.
#[derive(Clone, Copy)]
struct Move<'a> {
    row: &'a MemberRow,
    weighed: Weighed,
    /// Whom WeCom shows there has their number, address or id.
    sure: bool,
    /// More may be told.
    awaited: bool,
}

impl Move<'_> {
    /// Whether it stands against somebody who fits as well: between namesakes WeCom's word decides.
    fn outweighs(&self, fit: Fit) -> bool {
        self.weighed.verdict == Verdict::SamePerson && (self.sure || fit < Fit::Surely)
    }
}

/// Finds what becomes of what was told. `elsewhere`: rows of who is found by evidence under a userid that was not told; `None`: nobody was looked for yet,
/// so nobody waits.
pub fn find<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot, elsewhere: Option<&HashSet<Uuid>>) -> Told<'a> {
    if mirror.told.is_empty() {
        return Told::default();
    }
    let held: HashMap<&str, &MemberRow> = mirror
        .members
        .iter()
        .filter(|row| row.present)
        .map(|row| (row.key.as_str(), row))
        .collect();
    let (concerned, unowned) = concerned(mirror, snapshot, &held);
    let mut ways = Ways {
        held,
        snapshot,
        elsewhere,
        moves: BTreeMap::new(),
        moving: HashSet::new(),
        waiting: HashMap::new(),
        lost: Vec::new(),
        unowned,
        suspects: HashMap::new(),
    };
    for one in concerned {
        ways.add(one);
    }
    while ways.drop_one() {}
    ways.told()
}

/// What is known of the ways, until nothing more is to be dropped.
struct Ways<'a, 'b> {
    held: HashMap<&'a str, &'a MemberRow>,
    snapshot: &'a Snapshot,
    elsewhere: Option<&'b HashSet<Uuid>>,
    /// By the new key.
    moves: BTreeMap<&'a str, Move<'a>>,
    /// Rows of who moves.
    moving: HashSet<Uuid>,
    /// Whose way is not to be seen to its end yet, by row, with the keys concerned.
    waiting: HashMap<Uuid, Vec<&'a str>>,
    lost: Vec<&'a MemberRow>,
    unowned: Vec<&'a str>,
    /// Of whom it was told, or to whose key, and nothing can be compared: somebody is shown under the old key and the new one.
    suspects: HashMap<Uuid, Weighed>,
}

impl<'a> Ways<'a, '_> {
    fn seen(&self, key: &str) -> Option<&'a Person> {
        let person = self.snapshot.members.get(key)?;
        Some(person.as_ref()).filter(|person| !person.has_left())
    }

    fn add(&mut self, one: Concerned<'a>) {
        let Concerned { row, end, awaited } = one;
        if let Some((end, person)) = end.and_then(|end| Some((end, self.seen(end)?))) {
            let evidence = Evidence::compare(Link::Renamed, &row.person.traits(), &person.traits());
            let (weighed, sure) = (weigh(evidence), is_sure(evidence));
            // In doubt who has it is also who had it for a moment, and whose next one is still to be told.
            let is_found = self.elsewhere.is_none_or(|elsewhere| elsewhere.contains(&row.id));
            let is_early = weighed.verdict == Verdict::Doubtful && (awaited || is_found);
            if weighed.verdict != Verdict::SomebodyElse && !is_early {
                let step = Move {
                    row,
                    weighed,
                    sure,
                    awaited,
                };
                self.moves.insert(end, step);
                self.moving.insert(row.id);
                return;
            }
        }
        self.lose(one);
    }

    /// Somebody who is not where they were told to be, or of whom nothing was told, waits: but for who is plainly where they were, or found elsewhere.
    fn lose(&mut self, one: Concerned<'a>) {
        let (row, awaited) = (one.row, one.awaited);
        if self.elsewhere.is_none_or(|elsewhere| elsewhere.contains(&row.id)) {
            return;
        }
        let waits = match self.seen(&row.key).map(|_| self.fit(row, &row.key)) {
            None | Some(Fit::Perhaps) => awaited,
            Some(Fit::Not) => awaited || !self.snapshot.may_show_absence(),
            // Perhaps the namesake who was told to have their key.
            Some(Fit::ByName) => awaited && one.end.is_none(),
            Some(Fit::Surely) => false,
        };
        if waits {
            let keys = std::iter::once(row.key.as_str()).chain(one.end);
            self.waiting.insert(row.id, keys.collect());
            self.lost.extend(awaited.then_some(row));
        } else if let Some(end) = one.end.filter(|end| awaited && self.seen(end).is_some()) {
            self.unowned.push(end);
        }
    }

    /// Whether whom WeCom shows under a key is the one of this row, as if nothing had been told.
    fn fit(&self, row: &MemberRow, key: &str) -> Fit {
        let Some(person) = self.seen(key) else { return Fit::Not };
        let evidence = Evidence::compare(Link::Unbroken, &row.person.traits(), &person.traits());
        match judge_row(row, person).verdict {
            _ if evidence.is_silent() => Fit::Perhaps,
            Verdict::SamePerson if is_sure(evidence) => Fit::Surely,
            Verdict::SamePerson => Fit::ByName,
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
        if against == Against::Silent {
            for row in [Some(one.row), self.held.get(end).copied()].into_iter().flatten() {
                let seen = self.seen(&row.key).map(Person::traits).unwrap_or_default();
                let weighed = weigh(Evidence::compare(Link::Gap, &row.person.traits(), &seen));
                if weighed.verdict == Verdict::Doubtful {
                    self.suspects.insert(row.id, weighed);
                }
            }
        }
        match against {
            Against::Silent => {}
            Against::Waits => {
                self.waiting.insert(one.row.id, vec![one.row.key.as_str(), end]);
            }
            Against::Refuted => self.lose(Concerned {
                row: one.row,
                end: Some(end),
                awaited: one.awaited,
            }),
        }
        true
    }

    /// What speaks against a move.
    fn against(&self, end: &str, one: &Move<'_>) -> Option<Against> {
        let holder = self.held.get(end).copied();
        let found = |id: &Uuid| self.elsewhere.is_some_and(|elsewhere| elsewhere.contains(id));
        let is_free = holder.is_none_or(|holder| self.moving.contains(&holder.id) || found(&holder.id));
        // The one before is still to be seen there, and nobody came after them: what was told is ahead of that, or long past.
        let after = self.moves.get(one.row.key.as_str());
        if after.is_none_or(|after| after.weighed.verdict == Verdict::Doubtful) {
            let fit = self.fit(one.row, &one.row.key);
            if fit >= Fit::ByName && !(is_free && one.outweighs(fit)) {
                return Some(Against::Refuted);
            }
        }
        let holder = holder?;
        if self.waiting.contains_key(&holder.id) {
            return Some(Against::Waits);
        }
        if is_free {
            return None;
        }
        // Nobody told where the holder went, who may not have been read.
        let is_open = self.elsewhere.is_some() && (one.awaited || !self.snapshot.may_show_absence());
        let old_is_shown = self.seen(&one.row.key).is_some();
        let fit = self.fit(holder, end);
        if fit == Fit::Perhaps && old_is_shown && !is_open {
            return Some(Against::Silent);
        }
        let is_refuted = fit >= Fit::ByName && (!one.outweighs(fit) || old_is_shown && !is_open);
        match (is_refuted, is_open) {
            (true, _) => Some(Against::Refuted),
            (false, true) => Some(Against::Waits),
            (false, false) => None,
        }
    }

    fn told(self) -> Told<'a> {
        let in_doubt = |one: &&Move<'_>| one.weighed.verdict == Verdict::Doubtful || one.row.doubt.is_some();
        let doubted = self.moves.values().filter(in_doubt);
        Told {
            doubted: doubted
                .map(|one| (one.row.id, one.weighed))
                .chain(self.suspects)
                .collect(),
            moved: self.moves.into_iter().map(|(end, one)| (end, one.row)).collect(),
            waiting: self.waiting.keys().copied().collect(),
            left_alone: self.waiting.into_values().flatten().collect(),
            lost: self.lost,
            unowned: self
                .unowned
                .into_iter()
                .filter(|key| !self.held.contains_key(key))
                .collect(),
        }
    }
}

/// Whether number, address or id say that it is the same person.
fn is_sure(evidence: Evidence) -> bool {
    let agrees = [Contact::NumberAgrees, Contact::NumberOnly, Contact::AddressAgrees];
    agrees.contains(&evidence.contact) || evidence.link == Link::SameOpenUserid
}

/// Whether somebody shown is the one held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// They are not, or perhaps not.
    Not,
    /// Nothing can be compared.
    Perhaps,
    /// They are, by what a namesake has as well.
    ByName,
    /// They are.
    Surely,
}

/// Why a move does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    /// What is shown says otherwise.
    Refuted,
    /// It is not to be seen yet.
    Waits,
    /// Nothing says whether it was carried out before.
    Silent,
}

#[cfg(test)]
#[path = "told_renames_tests.rs"]
mod tests;
