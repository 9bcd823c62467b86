//! Relocation: finds people whose userid changed unseen. Whom WeCom shows under a userid that is new, or that was somebody else's, may be a
//! member we hold under another userid that is nobody's now, or somebody else's, or perhaps so. The table of evidence decides, and only where one
//! member and one person fit each other alone.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    identity::judge_row,
    told_renames::{self, Told},
};
use crate::directory::{
    identity::{
        contact_forms::{address, number},
        evidence::{Link, Traits},
        verdict::{Verdict, Weighed, judge},
    },
    sync::{
        mirror::{MemberRow, Mirror},
        snapshot::{Completeness, Person, Snapshot},
        unread_userids::UnreadUserids,
    },
};

/// What was found.
#[derive(Default)]
pub struct Relocations<'a> {
    /// By the new key: the row of the same person.
    pub moved: HashMap<&'a str, &'a MemberRow>,
    /// New keys of people who may be a member who was not read this time: nothing is done about them until that is known.
    pub held_back: HashSet<&'a str>,
    /// Of those who moved by WeCom's word, or were said to, about whom there is a doubt.
    pub doubted: HashMap<Uuid, Weighed>,
    /// Keys that WeCom said were changed, in an order that a later reading shows: nothing is planned of them.
    pub left_alone: HashSet<&'a str>,
    /// Present rows that are not missing: where they are shows later.
    pub waiting: HashSet<Uuid>,
    /// Userids of those of them that a live look can tell of.
    pub unproven: Vec<String>,
    /// Somebody waits until more is told of changed userids.
    pub awaits_told: bool,
}

impl<'a> From<Told<'a>> for Relocations<'a> {
    fn from(told: Told<'a>) -> Self {
        Self {
            moved: told.moved,
            doubted: told.doubted,
            left_alone: told.left_alone,
            awaits_told: !told.waiting.is_empty(),
            waiting: told.waiting,
            ..Self::default()
        }
    }
}

impl Relocations<'_> {
    /// The rows of which it is known what becomes of them.
    fn settled(&self) -> HashSet<Uuid> {
        let moved = self.moved.values().map(|row| row.id);
        moved.chain(self.waiting.iter().copied()).collect()
    }

    /// Whether it is known what becomes of whoever has this key now.
    fn is_planned(&self, key: &str) -> bool {
        self.moved.contains_key(key) || self.left_alone.contains(key) || self.held_back.contains(key)
    }
}

/// Somebody whose row may be another than the one of their userid.
struct Arrival<'a> {
    key: &'a str,
    person: &'a Person,
}

/// Finds them. Of whom it was told is looked for by evidence first: whoever is found need not be waited for.
pub fn find<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot) -> Relocations<'a> {
    if mirror.told.is_empty() {
        return find_beside(mirror, snapshot, Told::default());
    }
    let told = told_renames::find(mirror, snapshot, None);
    let by_word: HashSet<Uuid> = told.moved.values().map(|row| row.id).collect();
    let found = find_beside(mirror, snapshot, told);
    let moved = found.moved.values().map(|row| row.id);
    let mut elsewhere: HashSet<Uuid> = moved.filter(|id| !by_word.contains(id)).collect();
    loop {
        let mut told = told_renames::find(mirror, snapshot, Some(&elsewhere));
        let (lost, unowned) = (std::mem::take(&mut told.lost), std::mem::take(&mut told.unowned));
        let mut found = find_beside(mirror, snapshot, told);
        let moved: HashSet<Uuid> = found.moved.values().map(|row| row.id).collect();
        let before = elsewhere.len();
        // Whoever was found only beside somebody who waits is not found.
        elsewhere.retain(|id| moved.contains(id));
        if elsewhere.len() == before {
            leave_alone(mirror, snapshot, &lost, &mut found);
            wait_for_owners(mirror, snapshot, unowned, &mut found);
            return found;
        }
    }
}

/// Leaves alone whoever is new and may be somebody of whom more is to be told.
fn leave_alone<'a>(mirror: &Mirror, snapshot: &'a Snapshot, lost: &[&MemberRow], found: &mut Relocations<'a>) {
    if lost.is_empty() {
        return;
    }
    let lost: Vec<Traits> = lost.iter().map(|row| row.person.traits()).collect();
    let moved: HashSet<Uuid> = found.moved.values().map(|row| row.id).collect();
    let rows = mirror.members.iter().filter(|row| !moved.contains(&row.id));
    let held: HashMap<&str, &MemberRow> = rows.map(|row| (row.key.as_str(), row)).collect();
    let seen = snapshot.members.iter().filter(|(_, person)| !person.has_left());
    for (key, person) in seen.filter(|(key, _)| !found.is_planned(key)).collect::<Vec<_>>() {
        let row = held.get(key.as_str());
        let is_new = row.is_none_or(|row| judge_row(row, person).verdict == Verdict::SomebodyElse);
        let traits = person.traits();
        let may_be = |lost: &Traits| judge(Link::Renamed, lost, &traits) != Verdict::SomebodyElse;
        if is_new && lost.iter().any(may_be) {
            found.left_alone.insert(key);
        }
    }
}

/// Leaves alone whoever is new by what was told of an old userid that nobody had, and whoever is missing and may be them.
fn wait_for_owners<'a>(mirror: &Mirror, snapshot: &'a Snapshot, unowned: Vec<&'a str>, found: &mut Relocations<'a>) {
    let settled = found.settled();
    for key in unowned
        .into_iter()
        .filter(|key| !found.is_planned(key))
        .collect::<Vec<_>>()
    {
        let Some(person) = snapshot.members.get(key).filter(|person| !person.has_left()) else {
            continue;
        };
        let traits = person.traits();
        let rows = mirror
            .members
            .iter()
            .filter(|row| row.present && !snapshot.members.contains_key(&row.key) && !settled.contains(&row.id));
        let may_be = |row: &&MemberRow| judge(Link::Renamed, &row.person.traits(), &traits) == Verdict::SamePerson;
        let owners: Vec<Uuid> = rows.filter(may_be).map(|row| row.id).collect();
        if !owners.is_empty() {
            found.left_alone.insert(key);
            found.awaits_told = true;
            found.waiting.extend(owners);
        }
    }
}

/// Finds them beside whoever is known by what was told.
fn find_beside<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot, told: Told<'a>) -> Relocations<'a> {
    let mut found = Relocations::from(told);
    let (arrivals, index) = open(mirror, snapshot, &found);
    let fits: Vec<(Arrival<'_>, &MemberRow)> = arrivals
        .into_iter()
        .filter_map(|arrival| index.only_fit(&arrival).map(|row| (arrival, row)))
        .filter(|(_, row)| !found.waiting.contains(&row.id))
        .collect();
    let mut claims: HashMap<_, usize> = HashMap::new();
    for (_, row) in &fits {
        *claims.entry(row.id).or_default() += 1;
    }
    let absence = absence(snapshot);
    for (arrival, row) in fits.into_iter().filter(|(_, row)| claims.get(&row.id) == Some(&1)) {
        let absent = absence(row);
        if absent == Absence::Proven {
            found.moved.insert(arrival.key, row);
            continue;
        }
        found.waiting.insert(row.id);
        found.held_back.insert(arrival.key);
        if absent == Absence::Unproven {
            found.unproven.push(row.person.userid.clone());
        }
    }
    close_circles(mirror, snapshot, &mut found);
    found
}

/// Whose row may be another one, and the rows that may be somebody's under another userid.
fn open<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot, found: &Relocations<'a>) -> (Vec<Arrival<'a>>, Index<'a>) {
    // Who waits for more to be told stays among them: whom they are like is found to be nobody else.
    let moved: HashSet<Uuid> = found.moved.values().map(|row| row.id).collect();
    let rows = mirror.members.iter().filter(|row| !moved.contains(&row.id));
    let mut held: HashMap<&str, &MemberRow> = rows.map(|row| (row.key.as_str(), row)).collect();
    let (mut arrivals, mut doubted) = (Vec::new(), HashSet::new());
    let seen = snapshot.members.iter().filter(|(_, person)| !person.has_left());
    for (key, person) in seen.filter(|(key, _)| !found.is_planned(key)) {
        let key = key.as_str();
        let row = held.get(key).copied();
        match row.map(|row| (row, judge_row(row, person).verdict)) {
            Some((_, Verdict::SamePerson)) => {
                held.remove(key);
            }
            // Who is perhaps the one we hold is not looked for elsewhere: an admin decides. Their row may be of somebody who arrives elsewhere.
            Some((row, Verdict::Doubtful)) => {
                doubted.insert(row.id);
            }
            Some((_, Verdict::SomebodyElse)) | None => arrivals.push(Arrival { key, person }),
        }
    }
    // What is left of the rows is vacant, or perhaps so: nobody, somebody else or perhaps somebody else is seen under its userid.
    held.retain(|key, row| {
        let findable = row.user_id.is_some() || open_userids(&row.person.traits()).next().is_some();
        findable && snapshot.looked_at.get(*key) != Some(&true)
    });
    if arrivals.is_empty() {
        held.clear();
    }
    (arrivals, Index::of(held.into_values(), doubted))
}

/// Finds those who exchanged userids with others who were found. Whose userid one of these has now is not there any more; if the one that is
/// left over in turn is theirs by what can be compared, they have it, also where they have neither number nor address.
fn close_circles<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot, found: &mut Relocations<'a>) {
    let settled = found.settled();
    let displaced = mirror.members.iter().filter(|row| {
        row.present && row.user_id.is_some() && !settled.contains(&row.id) && found.moved.contains_key(row.key.as_str())
    });
    for row in displaced.collect::<Vec<_>>() {
        let mut left = row.key.as_str();
        // Each row moved once, and this one did not: the way ends.
        while let Some(mover) = found.moved.get(left) {
            left = mover.key.as_str();
        }
        let seen = snapshot.members.get_key_value(left);
        if let Some((key, person)) = seen.filter(|(key, person)| !person.has_left() && !found.is_planned(key))
            && judge(Link::Gap, &row.person.traits(), &person.traits()) == Verdict::SamePerson
        {
            found.moved.insert(key, row);
        }
    }
}

/// What a member's absence from this reading says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// They are not there, or seen.
    Proven,
    /// They may be behind what is never shown: a live look tells.
    Unproven,
    /// They were not read.
    Unread,
}

fn absence(snapshot: &Snapshot) -> impl Fn(&MemberRow) -> Absence + '_ {
    let unread = UnreadUserids::of(snapshot.malformed.iter().map(|row| row.userid.as_deref()));
    move |row| {
        if !row.present || snapshot.members.contains_key(&row.key) {
            return Absence::Proven;
        }
        match &snapshot.completeness {
            _ if unread.may_be(&row.key) => Absence::Unread,
            Completeness::Complete => Absence::Proven,
            Completeness::Withheld { .. } if snapshot.looked_at.get(&row.key) == Some(&false) => Absence::Proven,
            Completeness::Withheld { .. } => Absence::Unproven,
            Completeness::Partial { .. } => Absence::Unread,
        }
    }
}

/// Rows by number, address and a service provider's id, since without one of them nobody is found.
struct Index<'a> {
    rows: HashMap<String, Vec<(&'a MemberRow, Traits)>>,
    /// Those whose person is perhaps where they were.
    doubted: HashSet<Uuid>,
}

impl<'a> Index<'a> {
    fn of(rows: impl Iterator<Item = &'a MemberRow>, doubted: HashSet<Uuid>) -> Self {
        let mut index = Self {
            rows: HashMap::new(),
            doubted,
        };
        for row in rows {
            let traits = row.person.traits();
            for clue in clues(&traits) {
                index.rows.entry(clue).or_default().push((row, traits.clone()));
            }
        }
        index
    }

    /// The row of this person, unless several fit; of those one that is vacant comes before those that perhaps are, and then a present one before
    /// departed ones.
    fn only_fit(&self, arrival: &Arrival<'_>) -> Option<&'a MemberRow> {
        let seen = arrival.person.traits();
        let mut fits: Vec<&MemberRow> = Vec::new();
        for (row, held) in clues(&seen).iter().filter_map(|clue| self.rows.get(clue)).flatten() {
            let fit = row.key != arrival.key && judge(Link::OtherUserid, held, &seen) == Verdict::SamePerson;
            if fit && fits.iter().all(|known| known.id != row.id) {
                fits.push(row);
            }
        }
        let rank = |row: &MemberRow| (self.doubted.contains(&row.id), !row.present);
        let best = fits.iter().map(|row| rank(row)).min()?;
        fits.retain(|row| rank(row) == best);
        match fits.as_slice() {
            [row] => Some(*row),
            _ => None,
        }
    }
}

fn clues(traits: &Traits) -> Vec<String> {
    let numbers = traits.mobile.as_deref().and_then(number);
    let addresses = traits.emails.iter().filter_map(|email| address(email));
    // No number and no address begins like this.
    let open_userids = open_userids(traits).map(|id| format!("open_userid:{}", id.to_lowercase()));
    numbers.into_iter().chain(addresses).chain(open_userids).collect()
}

/// What may be a service provider's id of them, as WeCom told it or for an encrypted userid.
fn open_userids(traits: &Traits) -> impl Iterator<Item = &String> {
    traits.open_userid.iter().chain(&traits.encrypted_userid)
}
