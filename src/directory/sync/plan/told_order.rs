//! The order of changed userids that were told: who ends where, who had to make room, and whose old userid nobody had. Events come in any order, so they are
//! followed from where everybody was before, by the moments at which they happened. Pure.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    directory::{
        identity::{
            evidence::{Evidence, Link},
            verdict::{Verdict, weigh},
        },
        sync::{
            mirror::{MemberRow, Mirror, ToldRename},
            snapshot::Snapshot,
        },
    },
    kernel::clock::Timestamp,
};

/// Somebody whom it concerns.
#[derive(Clone, Copy)]
pub(super) struct Concerned<'a> {
    /// Their row.
    pub row: &'a MemberRow,
    /// The key that they were told to have; `None`: theirs was told to be another's, and of them nothing.
    pub end: Option<&'a str>,
    /// More may be told of that.
    pub awaited: bool,
}

/// Whom it concerns: where each of those ends who were told to have another key, and who had to make room; and the new keys of steps that nobody can have
/// taken.
pub(super) fn concerned<'a>(
    mirror: &'a Mirror,
    snapshot: &'a Snapshot,
    held: &HashMap<&'a str, &'a MemberRow>,
) -> (Vec<Concerned<'a>>, Vec<&'a str>) {
    let mut steps: Vec<&ToldRename> = mirror.told.iter().collect();
    steps.sort_by_key(|step| (step.happened_at, step.told_at));
    let mut unowned = Vec::new();
    let mut order = Order {
        at: before(&steps, held),
        open: steps,
        left: HashMap::new(),
        displaced: Vec::new(),
        snapshot,
    };
    // WeCom tells seconds: of those of one second only who is where tells the order.
    while let Some(moment) = order.open.first().map(|step| step.happened_at) {
        if let Some(step) = order.next(moment) {
            order.follow(step);
            continue;
        }
        let rest = order.open.iter().copied().take_while(|step| step.happened_at == moment);
        let rest: Vec<&ToldRename> = rest.collect();
        order.open.retain(|step| step.happened_at != moment);
        for step in rest.into_iter().filter(|step| !step.carried_out) {
            match order.told_before(step) {
                Some(first) => order.take(first, step),
                // Told twice.
                None if order.has_taken(step) => {}
                None => unowned.extend(step.awaited.then_some(step.new.as_str())),
            }
        }
    }
    let ends = order.at.into_iter().filter(|(end, (row, _))| *end != row.key);
    let ends = ends.map(|(end, (row, awaited))| Concerned {
        row,
        end: Some(end),
        awaited,
    });
    let mut all: Vec<_> = ends.chain(order.displaced).collect();
    all.sort_unstable_by_key(|one| (one.end, one.row.key.as_str()));
    (all, unowned)
}

/// Who was where before what was carried out by now: what is told only now may have happened before that.
fn before<'a>(
    steps: &[&'a ToldRename],
    held: &HashMap<&'a str, &'a MemberRow>,
) -> HashMap<&'a str, (&'a MemberRow, bool)> {
    let mut back: Vec<(&MemberRow, &str)> = Vec::new();
    for step in steps.iter().rev().copied().filter(|step| step.carried_out) {
        let (old, new) = (step.old.as_str(), step.new.as_str());
        if let Some(one) = back.iter_mut().find(|(_, key)| *key == new) {
            one.1 = old;
        } else if let Some(row) = held
            .get(new)
            .copied()
            .filter(|row| back.iter().all(|(other, _)| other.id != row.id))
        {
            back.push((row, old));
        }
    }
    let mut at: HashMap<&str, (&MemberRow, bool)> = held.iter().map(|(key, row)| (*key, (*row, false))).collect();
    for (row, _) in &back {
        at.remove(row.key.as_str());
    }
    for (row, key) in back {
        let key = if at.contains_key(key) { row.key.as_str() } else { key };
        at.entry(key).or_insert((row, false));
    }
    at
}

/// Who is where, while what was told is followed.
struct Order<'a> {
    /// What is still to be followed, in the order in which it happened.
    open: Vec<&'a ToldRename>,
    snapshot: &'a Snapshot,
    /// By key, and whether more may be told of that.
    at: HashMap<&'a str, (&'a MemberRow, bool)>,
    /// By the key that they left last: who, and where to.
    left: HashMap<&'a str, (Uuid, &'a str)>,
    displaced: Vec<Concerned<'a>>,
}

impl<'a> Order<'a> {
    /// Whether whoever had the old key last took this step.
    fn has_taken(&self, step: &ToldRename) -> bool {
        let left = self.left.get(step.old.as_str());
        left.is_some_and(|(_, to)| *to == step.new)
    }

    /// A step of this moment that somebody can take, first one to a key that nobody has.
    fn next(&self, moment: Timestamp) -> Option<&'a ToldRename> {
        let of_moment = || {
            self.open
                .iter()
                .copied()
                .take_while(move |step| step.happened_at == moment)
        };
        let mut begin = of_moment().filter(|step| self.at.contains_key(step.old.as_str()));
        let free = begin.clone().find(|step| !self.at.contains_key(step.new.as_str()));
        free.or_else(|| begin.next())
    }

    /// Whoever has the old key takes this step. Whoever has the new one has left it before, whichever moment is told of that: if somebody is shown there, and
    /// a later step leads away from it, they took that one.
    fn follow(&mut self, step: &'a ToldRename) {
        self.close(step);
        let Some((row, _)) = self.at.remove(step.old.as_str()) else {
            return;
        };
        let (mut key, mut away) = (step.new.as_str(), Vec::new());
        while self.at.contains_key(key) && self.snapshot.members.contains_key(key) {
            let mut later = self.open.iter().copied().filter(|later| later.old == key);
            let Some(next) = later.find(|later| !later.carried_out) else {
                break;
            };
            self.close(next);
            away.push(next);
            key = next.new.as_str();
        }
        for next in away.into_iter().rev() {
            self.take(&next.old, next);
        }
        self.put(row, step);
    }

    /// It is over, however often it was told.
    fn close(&mut self, step: &ToldRename) {
        let is_other = |other: &ToldRename| {
            (other.happened_at, &other.old, &other.new) != (step.happened_at, &step.old, &step.new)
        };
        self.open.retain(|other| is_other(other));
    }

    /// Whoever is at `from` takes this step.
    fn take(&mut self, from: &str, step: &'a ToldRename) {
        if let Some((row, _)) = self.at.remove(from) {
            self.put(row, step);
        }
    }

    fn put(&mut self, row: &'a MemberRow, step: &'a ToldRename) {
        let awaited = step.awaited;
        self.left.insert(step.old.as_str(), (row.id, step.new.as_str()));
        if let Some((row, _)) = self.at.insert(step.new.as_str(), (row, awaited)) {
            self.displaced.push(Concerned {
                row,
                end: None,
                awaited,
            });
        }
    }

    /// Where they are by what was told before who is shown to have taken this step instead: nobody else had the old key, and nobody is shown under the one
    /// that was told first. Where nothing can be compared it may be about somebody who had the old key for a moment.
    fn told_before(&self, step: &ToldRename) -> Option<&'a str> {
        let (id, first) = *self.left.get(step.old.as_str())?;
        let (row, _) = self.at.get(first).filter(|(row, _)| row.id == id)?;
        let person = self
            .snapshot
            .members
            .get(&step.new)
            .filter(|person| !person.has_left())?;
        let evidence = Evidence::compare(Link::Renamed, &row.person.traits(), &person.traits());
        let is_shown = weigh(evidence).verdict == Verdict::SamePerson && !evidence.is_silent();
        let is_free = !self.snapshot.members.contains_key(first) && !self.at.contains_key(step.new.as_str());
        (is_shown && is_free).then_some(first)
    }
}
