//! Who is settled: members who are there, are users, and of whom WeCom says what we hold. Nothing would be planned of them, so they need not be
//! planned with; of a large corp these are nearly all, in nearly every run. Pure.
//!
//! Where a member and their user are in order, no other row has a say in it: neither whom somebody may duplicate nor who changed userid is asked about
//! them. What else decides is left to the long way: other apps, whose sessions a plan looks at; a reading that shows a part of the departments; keys by
//! which members share values. The visible scope is asked each time, so it may change.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{identity::judge_row, intake::Intake, profile_merge::merge, visible_scope::VisibleScope};
use crate::directory::{
    identity::verdict::Verdict,
    importing::{decision::ImportDecision, rules::MatchKey},
    offboarding::model::EndReason,
    sync::{
        mirror::{MemberRow, Mirror, Standing, UserRow},
        snapshot::{Person, Snapshot},
        source::DuplicateRule,
    },
};

/// Tells who is settled.
pub struct Settling {
    intake: Intake,
    scope: Option<VisibleScope>,
    /// Users whom an admin chose for a member: whose they are decides what becomes of that.
    chosen: HashSet<Uuid>,
    /// Keys that WeCom said were changed: whose they are is seen from all of them.
    told: HashSet<String>,
}

impl Settling {
    /// By these settings and this reading; of the mirror neither members nor users are asked. `None`: more decides than a member and their user.
    pub fn of(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Option<Self> {
        let by_name = |key: &MatchKey| *key == MatchKey::Username;
        let alone = mirror.others.is_empty() && !mirror.other_apps && !snapshot.memberships_partial;
        (alone && mirror.import.match_by.iter().all(by_name)).then(|| Self {
            intake: Intake {
                data_source: mirror.data_source_id,
                rule,
            },
            scope: mirror.whole_corp.then(|| VisibleScope::seen(snapshot)).flatten(),
            chosen: mirror.decisions.values().filter_map(ImportDecision::user).collect(),
            told: mirror
                .told
                .iter()
                .flat_map(|told| [told.old.clone(), told.new.clone()])
                .collect(),
        })
    }

    /// Users whose members are never settled.
    pub const fn chosen(&self) -> &HashSet<Uuid> {
        &self.chosen
    }

    /// Whether somebody of whom WeCom says this may be settled: their status keeps them out whatever else holds, or nothing does.
    pub fn may_be(&self, key: &str, seen: &Person) -> bool {
        let scope = self.scope.as_ref();
        let inside = || scope.is_none_or(|scope| scope.covers(key, &seen.departments));
        !seen.has_left() && !self.told.contains(key) && (kept_out(seen) || inside())
    }

    /// Whether this member, of whom WeCom says this, is settled, if they may be.
    pub fn is(&self, row: &MemberRow, user: &UserRow, seen: &Person) -> bool {
        row.present
            && !row.is_unconfirmed()
            && row.doubt.is_none()
            && row.user_id == Some(user.id)
            && user.owner.is_touchable()
            && !self.chosen.contains(&user.id)
            && match user.standing {
                Standing::Active => !kept_out(&row.person),
                Standing::Outside => kept_out(&row.person),
                Standing::Departed | Standing::Disabled => false,
            }
            && judge_row(row, seen).verdict == Verdict::SamePerson
            && merge(&row.person, seen, false) == row.person
            && self.intake.taken(&user.profile, &row.person.profile) == user.profile
    }
}

fn kept_out(person: &Person) -> bool {
    person.status.and_then(EndReason::of_status).is_some()
}

/// Whether anybody of those that are left to be planned may want a username of their own.
pub fn wants_names(mirror: &Mirror, snapshot: &Snapshot) -> bool {
    let held: HashMap<&str, &MemberRow> = mirror.members.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut seen = snapshot.members.iter().filter(|(_, person)| !person.has_left());
    seen.any(|(key, person)| {
        held.get(key.as_str())
            .is_none_or(|row| row.user_id.is_none() || judge_row(row, person).verdict != Verdict::SamePerson)
    })
}
