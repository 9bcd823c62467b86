//! Relocation: finds people whose userid changed unseen. Whom WeCom shows under a userid that is new, or that was somebody else's, may be a
//! member we hold under another userid that is nobody's now, or that is somebody else's. The table of evidence decides, and only where one
//! member and one person fit each other alone.

use std::collections::{HashMap, HashSet};

use super::identity::judge_row;
use crate::directory::{
    identity::{
        evidence::{Link, Traits, address, number},
        verdict::{Verdict, judge},
    },
    sync::{
        mirror::{MemberRow, Mirror},
        snapshot::{Person, Snapshot, key},
    },
};

/// What was found.
#[derive(Default)]
pub struct Relocations<'a> {
    /// By the new key: the row of the same person.
    pub moved: HashMap<&'a str, &'a MemberRow>,
    /// New keys of people who may be a member who was not read this time: nothing is done about them until a complete reading.
    pub held_back: HashSet<&'a str>,
}

/// Finds them.
pub fn find<'a>(mirror: &'a Mirror, snapshot: &'a Snapshot) -> Relocations<'a> {
    let mut held: HashMap<&str, &MemberRow> = mirror.members.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut arrivals = Vec::new();
    for (key, person) in snapshot.members.iter().filter(|(_, person)| !person.has_left()) {
        match held.get(key.as_str()).map(|row| judge_row(row, person).verdict) {
            // Who may still be the one we hold is not looked for elsewhere, and their row is not vacant.
            Some(Verdict::SamePerson | Verdict::Doubtful) => {
                held.remove(key.as_str());
            }
            Some(Verdict::SomebodyElse) | None => arrivals.push((key.as_str(), person)),
        }
    }
    // What is left of the rows is vacant: nobody, or perhaps somebody else, is seen under its userid.
    held.retain(|_, row| row.user_id.is_some() || open_userids(&row.person.traits()).next().is_some());
    if held.is_empty() || arrivals.is_empty() {
        return Relocations::default();
    }
    let index = Index::of(held.into_values());
    let fits: Vec<(&str, &MemberRow)> = arrivals
        .into_iter()
        .filter_map(|(key, person)| Some((key, index.only_fit(key, person)?)))
        .collect();
    let mut claims: HashMap<_, usize> = HashMap::new();
    for (_, row) in &fits {
        *claims.entry(row.id).or_default() += 1;
    }
    let mut found = Relocations::default();
    let unread = unread(snapshot);
    for (key, row) in fits.into_iter().filter(|(_, row)| claims.get(&row.id) == Some(&1)) {
        if unread(row) {
            found.held_back.insert(key);
        } else {
            found.moved.insert(key, row);
        }
    }
    found
}

/// Whether a present member was not read, rather than is not there.
fn unread(snapshot: &Snapshot) -> impl Fn(&MemberRow) -> bool + '_ {
    let malformed: HashSet<String> = snapshot
        .malformed
        .iter()
        .filter_map(|row| row.userid.as_deref().map(key))
        .collect();
    move |row| {
        row.present
            && !snapshot.members.contains_key(&row.key)
            && (!snapshot.is_complete() || malformed.contains(&row.key))
    }
}

/// Vacant rows by number, address and a service provider's id, since without one of them nobody is found.
struct Index<'a> {
    rows: HashMap<String, Vec<(&'a MemberRow, Traits)>>,
}

impl<'a> Index<'a> {
    fn of(rows: impl Iterator<Item = &'a MemberRow>) -> Self {
        let mut index = Self { rows: HashMap::new() };
        for row in rows {
            let traits = row.person.traits();
            for clue in clues(&traits) {
                index.rows.entry(clue).or_default().push((row, traits.clone()));
            }
        }
        index
    }

    /// The row of this person, unless several fit; of those a present one comes before departed ones.
    fn only_fit(&self, key: &str, person: &Person) -> Option<&'a MemberRow> {
        let seen = person.traits();
        let mut fits: Vec<&MemberRow> = Vec::new();
        for (row, held) in clues(&seen).iter().filter_map(|clue| self.rows.get(clue)).flatten() {
            let fit = row.key != key && judge(Link::OtherUserid, held, &seen) == Verdict::SamePerson;
            if fit && fits.iter().all(|known| known.id != row.id) {
                fits.push(row);
            }
        }
        if fits.iter().any(|row| row.present) {
            fits.retain(|row| row.present);
        }
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
