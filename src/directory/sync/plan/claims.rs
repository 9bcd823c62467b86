//! Who might be linked to an existing user in this plan: where two members duplicate one user by different keys, neither is guessed. Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{identity::judge_row, profile_merge::merge};
use crate::directory::{
    identity::verdict::Verdict,
    importing::decision::ImportDecision,
    sync::{
        mirror::{MemberRow, Mirror},
        snapshot::{Person, Snapshot},
    },
};

/// Members under their present userid whom we held under another one, by the new key.
pub type Moved<'a> = HashMap<&'a str, &'a MemberRow>;

/// How many members duplicate each user, by what one member duplicates.
pub fn count(
    mirror: &Mirror,
    snapshot: &Snapshot,
    moved: &Moved<'_>,
    claimed_by: impl Fn(&Person) -> BTreeSet<Uuid>,
) -> HashMap<Uuid, usize> {
    let mut claims = HashMap::new();
    for user in claimants(mirror, snapshot, moved).iter().flat_map(claimed_by) {
        *claims.entry(user).or_default() += 1;
    }
    claims
}

/// The members who are no users yet and are not made users by an admin's decision, as they would be imported.
fn claimants(mirror: &Mirror, snapshot: &Snapshot, moved: &Moved<'_>) -> Vec<Person> {
    let held: HashMap<&str, &MemberRow> = mirror.members.iter().map(|row| (row.key.as_str(), row)).collect();
    let elsewhere: HashSet<Uuid> = moved.values().map(|row| row.id).collect();
    let seen = snapshot.members.iter().filter(|(_, person)| !person.has_left());
    let claimants = seen
        .filter(|(key, _)| !moved.contains_key(key.as_str()))
        .filter_map(|(key, seen)| {
            let row = held.get(key.as_str()).filter(|row| !elsewhere.contains(&row.id));
            let Some(row) = row else {
                return Some(Person::clone(seen));
            };
            match judge_row(row, seen).verdict {
                Verdict::SomebodyElse => Some(Person::clone(seen)),
                Verdict::SamePerson if row.user_id.is_none() && !is_placed(mirror.decisions.get(&row.id)) => {
                    Some(merge(&row.person, seen, false))
                }
                Verdict::SamePerson | Verdict::Doubtful => None,
            }
        });
    claimants.collect()
}

/// Whether an admin has said which user the member becomes.
const fn is_placed(decided: Option<&ImportDecision>) -> bool {
    matches!(
        decided,
        Some(ImportDecision::Link(_) | ImportDecision::Rename(_) | ImportDecision::Approve(_))
    )
}
