//! Plans members: who is created, updated, returned or departed.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use uuid::Uuid;

use super::{
    access::Access,
    duplicate_rule::{Import, UsernameIndex},
    identity::judge_row,
    import::{Imported, link, link_as_decided},
    intake::Intake,
    model::{Doubt, Kind, MemberChange, Plan, Row, RowOutcome, RowVersion, UserChange},
    profile_merge::merge,
    relocation, remarks,
};
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    identity::verdict::{Verdict, Weighed},
    importing::decision::ImportDecision,
    sync::{
        mirror::{MemberRow, Mirror, Standing, UserProfile, UserRow},
        snapshot::{Person, Snapshot},
        source::DuplicateRule,
    },
};

/// What is planned so far, and what it is planned with.
pub(super) struct Planner<'a> {
    users: HashMap<Uuid, &'a UserRow>,
    names: UsernameIndex<'a>,
    intake: Intake,
    decisions: &'a HashMap<Uuid, ImportDecision>,
    doubtful_continue: bool,
    /// Members found under another userid.
    pub(super) moved: HashSet<Uuid>,
    /// Of them, and of whoever was said to be one, about whom there is a doubt.
    doubted: HashMap<Uuid, Weighed>,
    access: Access<'a>,
    memberships_partial: bool,
    pub(super) plan: Plan,
}

/// Plans the members.
pub fn plan(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> Plan {
    let held: HashMap<&str, &MemberRow> = mirror.members.iter().map(|row| (row.key.as_str(), row)).collect();
    let found = relocation::find(mirror, snapshot);
    let moved = &found.moved;
    let mut planner = Planner {
        users: mirror.users.iter().map(|user| (user.id, user)).collect(),
        names: UsernameIndex::new(mirror, snapshot, rule, moved),
        decisions: &mirror.decisions,
        intake: Intake {
            data_source: mirror.data_source_id,
            rule,
        },
        doubtful_continue: mirror.doubtful_continue,
        moved: moved.values().map(|row| row.id).collect(),
        doubted: found.doubted,
        access: Access::new(mirror, snapshot),
        memberships_partial: snapshot.memberships_partial,
        plan: Plan::default(),
    };
    for (key, person) in snapshot.members.iter().filter(|(_, person)| !person.has_left()) {
        let held = held.get(key.as_str()).copied();
        match moved.get(key.as_str()) {
            Some(row) => planner.renamed(row, (key, person), held),
            None if found.left_alone.contains(key.as_str()) => planner.leave_alone(person),
            None if found.held_back.contains(key.as_str()) => planner.hold_back(person, held),
            None => planner.seen(key, person, held),
        }
    }
    planner.missing(mirror, snapshot, &found.waiting);
    planner.plan.unproven = found.unproven;
    planner.plan.awaits_told = found.awaits_told;
    planner.plan.rows.extend(remarks::unreadable(snapshot));
    // Who changes userid gives the old one up before somebody else gets it.
    planner.plan.members.sort_by_key(|change| change.renamed_from.is_none());
    planner.plan
}

impl Planner<'_> {
    fn seen(&mut self, key: &str, person: &Arc<Person>, held: Option<&MemberRow>) {
        // Whom we held under this userid may be found under another one.
        let Some(row) = held.filter(|row| !self.moved.contains(&row.id)) else {
            return self.create(key, person, None);
        };
        let by_word = self.doubted.get(&row.id).copied();
        let weighed = by_word.unwrap_or_else(|| judge_row(row, person));
        match weighed.verdict {
            Verdict::SamePerson if row.present => self.present(row, person, &row.key),
            Verdict::SamePerson => self.returned(row, person, &row.key),
            Verdict::Doubtful => self.doubtful(row, (&row.key, person), weighed),
            // The userid was given to somebody else (reference 3.5): nothing of the old row may reach them.
            Verdict::SomebodyElse => {
                let supersedes = self.given_on(row, weighed.why);
                self.create(key, person, supersedes);
            }
        }
    }

    fn create(&mut self, key: &str, person: &Arc<Person>, supersedes: Option<RowVersion>) {
        if supersedes.is_some() {
            self.row(
                &person.userid,
                RowOutcome::Returned,
                "the userid now belongs to another person, who became a new member".to_owned(),
            );
        }
        let imported = self.import(person, None);
        self.access.plan(&mut self.plan, person, None, &imported.user);
        self.remark_on_pins(&imported, person, None);
        let person = imported.written(Arc::clone(person));
        self.plan.members.push(MemberChange {
            held: None,
            supersedes,
            key: key.to_owned(),
            person,
            user: imported.user,
            outcome: imported.outcome,
            reason: imported.reason,
            kind: Kind::Created,
            doubt: imported.doubt,
            settled: false,
            renamed_from: None,
        });
    }

    fn present(&mut self, row: &MemberRow, person: &Person, key: &str) {
        self.confirm(row);
        let person = Arc::new(merge(&row.person, person, self.memberships_partial));
        let imported = match row.user_id {
            None => self.import_again(row, &person),
            Some(id) => Imported::as_held(row, self.refresh(id, &person)),
        };
        self.access.plan(&mut self.plan, &person, Some(row), &imported.user);
        let person = imported.written(person);
        let unchanged = imported.user == UserChange::Keep
            && (imported.outcome, &imported.reason) == (row.outcome, &row.reason)
            && *person == row.person
            && key == row.key;
        if unchanged && row.doubt.is_none() {
            self.plan.unchanged += 1;
            return;
        }
        self.change(row, (key, person), imported, Kind::Updated);
    }

    fn confirm(&mut self, row: &MemberRow) {
        self.plan.confirmed.push(row.id);
        self.plan.shown_again.extend(row.is_unconfirmed().then_some(row.id));
    }

    fn returned(&mut self, row: &MemberRow, seen: &Person, key: &str) {
        self.row(&seen.userid, RowOutcome::Returned, "present in WeCom again".to_owned());
        self.plan.shown_again.extend(row.is_unconfirmed().then_some(row.id));
        // What WeCom said about them before they left is no longer true.
        let person = Arc::new(Person {
            status: seen.status,
            ..merge(&row.person, seen, false)
        });
        let imported = match row.user_id {
            None => self.import_again(row, &person),
            Some(id) => Imported::as_held(row, self.welcome_back(id, &person)),
        };
        self.access.plan(&mut self.plan, &person, Some(row), &imported.user);
        let person = imported.written(person);
        self.change(row, (key, person), imported, Kind::Returned);
    }

    /// Whom we held under another userid, which is nobody's now or somebody else's.
    fn renamed(&mut self, row: &MemberRow, (key, person): (&str, &Person), held: Option<&MemberRow>) {
        self.row(
            &person.userid,
            RowOutcome::Renamed,
            format!("the same person as {} before", row.person.userid),
        );
        let supersedes = held
            .filter(|held| held.id != row.id && !self.moved.contains(&held.id))
            .and_then(|held| self.given_on(held, "it is the userid of another member now"));
        match self.doubted.get(&row.id).copied() {
            Some(weighed) => self.doubtful(row, (key, person), weighed),
            None if row.present => self.present(row, person, key),
            None => self.returned(row, person, key),
        }
        if let Some(change) = self.plan.members.last_mut() {
            change.supersedes = supersedes;
            change.renamed_from = Some(row.person.userid.clone());
        }
    }

    /// What we hold stays as it is until an admin has decided, or WeCom shows again what we hold.
    fn doubtful(&mut self, row: &MemberRow, (key, seen): (&str, &Person), weighed: Weighed) {
        if row.present {
            self.confirm(row);
        }
        let mut person = Person {
            status: seen.status.or(row.person.status.filter(|_| row.present)),
            ..row.person.clone()
        };
        if key != row.key {
            person.userid.clone_from(&seen.userid);
        }
        if row.present && row.doubt.is_some() && person == row.person {
            self.plan.unchanged += 1;
            return;
        }
        self.row(
            &seen.userid,
            RowOutcome::Doubtful,
            format!("perhaps somebody else: {}", weighed.why),
        );
        let enable = self.doubtful_continue && !row.present;
        let user = match row.user_id.and_then(|id| self.touchable(id)) {
            Some(user) if enable && user.standing == Standing::Departed => UserChange::Write {
                id: user.id,
                link: false,
                enable,
                profile: None,
            },
            _ => UserChange::Keep,
        };
        self.access.plan(&mut self.plan, &person, Some(row), &user);
        let imported = Imported {
            doubt: row.doubt.is_none().then(|| {
                Box::new(Doubt {
                    weighed,
                    before: row.person.traits(),
                    after: seen.traits(),
                })
            }),
            ..Imported::as_held(row, user)
        };
        let kind = if row.present { Kind::Updated } else { Kind::Returned };
        self.change(row, (key, Arc::new(person)), imported, kind);
        if let Some(change) = self.plan.members.last_mut() {
            change.settled = false;
        }
    }

    fn change(&mut self, row: &MemberRow, (key, person): (&str, Arc<Person>), imported: Imported, kind: Kind) {
        self.remark_on_pins(&imported, &person, Some(row));
        self.plan.members.push(MemberChange {
            held: Some(row.held()),
            supersedes: None,
            key: key.to_owned(),
            person,
            user: imported.user,
            outcome: imported.outcome,
            reason: imported.reason,
            kind,
            doubt: imported.doubt,
            settled: row.doubt.is_some(),
            renamed_from: None,
        });
    }

    /// Imports a member we hold who has no user; an admin's removal of their user is not undone, and what was decided before it is over.
    fn import_again(&mut self, row: &MemberRow, person: &Person) -> Imported {
        let decisions = self.decisions;
        match row.outcome {
            Outcome::Removed if self.names.has_linkable_user(person) => self.import(person, None),
            Outcome::Removed => Imported::as_held(row, UserChange::Keep),
            _ => self.import(person, decisions.get(&row.id)),
        }
    }

    /// Imports a member who has no user yet, as an admin decided or else by the rules.
    fn import(&mut self, person: &Person, decided: Option<&ImportDecision>) -> Imported {
        let (user, outcome, reason) = match self.names.import(person, decided) {
            Import::Create(username, reason) => {
                let outside = self.access.refused_from_the_start(person);
                let create = UserChange::Create { username, outside };
                (create, Outcome::Imported, reason)
            }
            Import::Link(user) => return link(user, person, self.intake),
            Import::LinkAsDecided(user) => return link_as_decided(user, person, self.intake),
            Import::LeaveOut(outcome, reason) => (UserChange::Keep, outcome, Some(reason.to_owned())),
            Import::Skip(reason) => {
                self.row(&person.userid, RowOutcome::Skipped, reason.clone());
                (UserChange::Keep, Outcome::Skipped, Some(reason))
            }
            Import::Conflict(reason) => {
                self.row(&person.userid, RowOutcome::Conflict, reason.clone());
                (UserChange::Keep, Outcome::Conflict, Some(reason))
            }
        };
        Imported {
            user,
            outcome,
            reason,
            doubt: None,
        }
    }

    /// Updates the profile of a linked user, where the rule lets WeCom's values in.
    fn refresh(&self, id: Uuid, person: &Person) -> UserChange {
        match self.new_profile(id, person) {
            Some(profile) => UserChange::Write {
                id,
                link: false,
                enable: false,
                profile: Some(Box::new(profile)),
            },
            None => UserChange::Keep,
        }
    }

    fn welcome_back(&self, id: Uuid, person: &Person) -> UserChange {
        let departed = |user: &UserRow| user.standing == Standing::Departed;
        let enable = self.touchable(id).is_some_and(departed);
        let profile = self.new_profile(id, person);
        if !enable && profile.is_none() {
            return UserChange::Keep;
        }
        UserChange::Write {
            id,
            link: false,
            enable,
            profile: profile.map(Box::new),
        }
    }

    fn new_profile(&self, id: Uuid, person: &Person) -> Option<UserProfile> {
        let user = self.touchable(id)?;
        let profile = self.intake.taken(&user.profile, &person.profile);
        (profile != user.profile).then_some(profile)
    }

    fn remark_on_pins(&mut self, imported: &Imported, person: &Person, held: Option<&MemberRow>) {
        let user = imported.user_id(held).and_then(|id| self.touchable(id));
        let remark = user.and_then(|user| imported.kept_out(self.intake, user, person, held));
        self.plan.rows.extend(remark);
    }

    pub(super) fn touchable(&self, id: Uuid) -> Option<&UserRow> {
        self.users.get(&id).copied().filter(|user| user.owner.is_touchable())
    }

    pub(super) fn row(&mut self, userid: &str, outcome: RowOutcome, reason: String) {
        self.plan.rows.push(Row {
            userid: userid.to_owned(),
            outcome,
            reason,
        });
    }
}
