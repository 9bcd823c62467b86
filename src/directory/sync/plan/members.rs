//! Plans members: who is created, updated, returned or departed.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    access::Access,
    duplicate_rule::{Import, UsernameIndex},
    identity::Facts,
    model::{Departure, Kind, MemberChange, Plan, Row, RowOutcome, RowVersion, UserChange},
    profile_merge::{merge, overwrite},
};
use crate::directory::sync::{
    mirror::{MemberRow, Mirror, Outcome, Standing, UserProfile, UserRow},
    snapshot::{Person, Snapshot, key},
    source::DuplicateRule,
};

struct Planner<'a> {
    users: HashMap<Uuid, &'a UserRow>,
    names: UsernameIndex<'a>,
    rule: DuplicateRule,
    access: Access<'a>,
    memberships_partial: bool,
    plan: Plan,
}

/// Plans the members.
pub fn plan(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Plan {
    let held: HashMap<&str, &MemberRow> = mirror.members.iter().map(|row| (row.key.as_str(), row)).collect();
    let mut planner = Planner {
        users: mirror.users.iter().map(|user| (user.id, user)).collect(),
        names: UsernameIndex::new(mirror, rule),
        rule,
        access: Access::new(mirror, snapshot),
        memberships_partial: snapshot.memberships_partial,
        plan: Plan::default(),
    };
    for (key, person) in &snapshot.members {
        if !person.has_left() {
            planner.seen(key, person, held.get(key.as_str()).copied());
        }
    }
    planner.missing(mirror, snapshot);
    planner.unreadable(snapshot);
    planner.plan
}

impl Planner<'_> {
    fn seen(&mut self, key: &str, person: &Person, held: Option<&MemberRow>) {
        match held {
            None => self.create(key, person, None),
            Some(row) if row.present => self.present(row, person),
            Some(row) if may_be_same_person(&row.person, person) => self.returned(row, person),
            // The userid was given to somebody else (reference 3.5): nothing of the old row may reach them.
            Some(row) => self.create(key, person, Some(row.held())),
        }
    }

    fn create(&mut self, key: &str, person: &Person, supersedes: Option<RowVersion>) {
        if supersedes.is_some() {
            self.row(
                &person.userid,
                RowOutcome::Returned,
                "the userid now belongs to another person, who became a new member".to_owned(),
            );
        }
        let (user, outcome, reason) = self.import(person);
        self.access.plan(&mut self.plan, person, None, &user);
        self.plan.members.push(MemberChange {
            held: None,
            supersedes,
            key: key.to_owned(),
            person: person.clone(),
            user,
            outcome,
            reason,
            kind: Kind::Created,
        });
    }

    fn present(&mut self, row: &MemberRow, person: &Person) {
        self.plan.confirmed.push(row.id);
        let person = merge(&row.person, person, self.memberships_partial);
        let (user, outcome, reason) = match row.user_id {
            None => self.import_again(row, &person),
            Some(id) => (self.refresh(id, &person), row.outcome, row.reason.clone()),
        };
        self.access.plan(&mut self.plan, &person, Some(row), &user);
        if user == UserChange::Keep && outcome == row.outcome && reason == row.reason && person == row.person {
            self.plan.unchanged += 1;
            return;
        }
        self.plan.members.push(MemberChange {
            held: Some(row.held()),
            supersedes: None,
            key: row.key.clone(),
            person,
            user,
            outcome,
            reason,
            kind: Kind::Updated,
        });
    }

    fn returned(&mut self, row: &MemberRow, seen: &Person) {
        self.row(&seen.userid, RowOutcome::Returned, "present in WeCom again".to_owned());
        // What WeCom said about them before they left is no longer true.
        let person = Person {
            status: seen.status,
            ..merge(&row.person, seen, false)
        };
        let (user, outcome, reason) = match row.user_id {
            None => self.import_again(row, &person),
            Some(id) => (self.welcome_back(id, &person), row.outcome, row.reason.clone()),
        };
        self.access.plan(&mut self.plan, &person, Some(row), &user);
        self.plan.members.push(MemberChange {
            held: Some(row.held()),
            supersedes: None,
            key: row.key.clone(),
            person,
            user,
            outcome,
            reason,
            kind: Kind::Returned,
        });
    }

    /// Imports a member we hold who has no user; an admin's removal of their user is not undone.
    fn import_again(&mut self, row: &MemberRow, person: &Person) -> (UserChange, Outcome, Option<String>) {
        if row.outcome == Outcome::Removed && !self.names.has_linkable_user(person) {
            return (UserChange::Keep, Outcome::Removed, row.reason.clone());
        }
        self.import(person)
    }

    /// Imports a member who has no user yet.
    fn import(&mut self, person: &Person) -> (UserChange, Outcome, Option<String>) {
        match self.names.import(person) {
            Import::Create(username, reason) => {
                let profile = overwrite(&UserProfile::default(), &person.profile);
                let outside = self.access.refused_from_the_start(person);
                let create = UserChange::Create {
                    username,
                    profile,
                    outside,
                };
                (create, Outcome::Imported, reason)
            }
            Import::Link(user) => {
                let change = UserChange::Write {
                    id: user.id,
                    link: true,
                    enable: user.standing == Standing::Departed,
                    profile: self.new_profile(user.id, person),
                };
                let how = match self.rule {
                    DuplicateRule::Overwrite => "overwritten",
                    DuplicateRule::Skip => "theirs before, and is linked again as it is",
                };
                let reason = format!("the existing user {} was {how}", user.username_key);
                (change, Outcome::Imported, Some(reason))
            }
            Import::Skip(reason) => {
                self.row(&person.userid, RowOutcome::Skipped, reason.clone());
                (UserChange::Keep, Outcome::Skipped, Some(reason))
            }
            Import::Conflict(reason) => {
                self.row(&person.userid, RowOutcome::Conflict, reason.clone());
                (UserChange::Keep, Outcome::Conflict, Some(reason))
            }
        }
    }

    /// Updates the profile of a linked user, where the rule lets WeCom's values in.
    fn refresh(&self, id: Uuid, person: &Person) -> UserChange {
        match self.new_profile(id, person) {
            Some(profile) => UserChange::Write {
                id,
                link: false,
                enable: false,
                profile: Some(profile),
            },
            None => UserChange::Keep,
        }
    }

    fn welcome_back(&self, id: Uuid, person: &Person) -> UserChange {
        let enable = self
            .touchable(id)
            .is_some_and(|user| user.standing == Standing::Departed);
        let profile = self.new_profile(id, person);
        if !enable && profile.is_none() {
            return UserChange::Keep;
        }
        UserChange::Write {
            id,
            link: false,
            enable,
            profile,
        }
    }

    fn new_profile(&self, id: Uuid, person: &Person) -> Option<UserProfile> {
        let user = self.touchable(id).filter(|_| self.rule == DuplicateRule::Overwrite)?;
        let profile = overwrite(&user.profile, &person.profile);
        (profile != user.profile).then_some(profile)
    }

    fn touchable(&self, id: Uuid) -> Option<&UserRow> {
        self.users.get(&id).copied().filter(|user| user.owner.is_touchable())
    }

    /// Departs members we hold as present and did not see. Absence proves nothing after a partial fetch; WeCom's own word (status 5) does.
    fn missing(&mut self, mirror: &Mirror, snapshot: &Snapshot) {
        let unreadable: HashSet<String> = snapshot
            .malformed
            .iter()
            .filter_map(|row| row.userid.as_deref().map(key))
            .collect();
        for row in mirror.members.iter().filter(|row| row.present) {
            match snapshot.members.get(&row.key) {
                Some(person) if person.has_left() => self.depart(row, "WeCom says that this member left", true),
                Some(_) => {}
                None if snapshot.may_show_absence() && !unreadable.contains(&row.key) => {
                    self.depart(row, "no longer in WeCom, or no longer in the visible scope", false);
                }
                None => {}
            }
        }
    }

    fn depart(&mut self, row: &MemberRow, why: &str, told: bool) {
        let user_id = row.user_id.filter(|id| self.touchable(*id).is_some());
        if row.user_id.is_some() && user_id.is_none() {
            let reason = format!("{why}; the user is a console admin or of another corp and stays as it is");
            self.row(&row.person.userid, RowOutcome::Conflict, reason);
        }
        self.row(&row.person.userid, RowOutcome::Departed, why.to_owned());
        self.plan.departures.push(Departure {
            held: row.held(),
            userid: row.person.userid.clone(),
            user_id,
            told,
        });
    }

    fn unreadable(&mut self, snapshot: &Snapshot) {
        let malformed = snapshot.malformed.iter().map(|row| (row, RowOutcome::Malformed));
        let adjusted = snapshot.adjusted.iter().map(|row| (row, RowOutcome::Adjusted));
        for (row, outcome) in malformed.chain(adjusted) {
            self.row(row.userid.as_deref().unwrap_or_default(), outcome, row.reason.clone());
        }
    }

    fn row(&mut self, userid: &str, outcome: RowOutcome, reason: String) {
        self.plan.rows.push(Row {
            userid: userid.to_owned(),
            outcome,
            reason,
        });
    }
}

impl MemberRow {
    const fn held(&self) -> RowVersion {
        RowVersion {
            id: self.id,
            version: self.version,
        }
    }
}

fn may_be_same_person(held: &Person, seen: &Person) -> bool {
    Facts::of_member(&held.profile).may_be(Facts::of_member(&seen.profile))
}
