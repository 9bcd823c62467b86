//! The rows a plan would write into the journal, column by column, from the plan and what it was made of: what a preview shows. A run that is
//! applied reads its rows from the database instead (`store/journal.rs`); where nothing changed in between, both say the same.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    model::{AccessEnd, Departure, Kind, MemberChange, Plan, Row, RowOutcome, UserChange},
    structure_changes,
};
use crate::directory::{
    offboarding::model::{EndReason, Reach},
    sync::{
        journal::{Change, Changes, Entry, Image, NEW_MEMBER, Subject, diff},
        mirror::{MemberRow, Mirror, Standing, UserOrigin, UserProfile, UserRow},
        snapshot::Person,
    },
};

/// Why somebody has access again.
pub const READMITTED: &str = "active and inside in WeCom again: access returned";

/// What is said of a member who departed before, and whose userid is somebody else's now.
pub const GAVE_UP: &str = "gave the userid up to another person";

/// The sentences of a plan about what it writes.
#[derive(Debug, Default)]
pub struct Said(HashMap<(String, RowOutcome), String>);

impl Said {
    /// What these rows say.
    pub fn of(rows: &[Row]) -> Self {
        let rows = rows.iter().filter(|row| !row.outcome.is_remark());
        Self(
            rows.map(|row| ((row.userid.clone(), row.outcome), row.reason.clone()))
                .collect(),
        )
    }

    /// Why this happened to somebody; empty where the outcome says it all.
    pub fn reason(&self, userid: &str, outcome: RowOutcome) -> String {
        self.find(userid, outcome).unwrap_or_default()
    }

    fn find(&self, userid: &str, outcome: RowOutcome) -> Option<String> {
        self.0.get(&(userid.to_owned(), outcome)).cloned()
    }

    /// The outcome of a change to a member, and why.
    pub fn of_change(&self, change: &MemberChange) -> (RowOutcome, String) {
        let userid = &change.person.userid;
        if change.held.is_none() {
            let reason = self.find(userid, RowOutcome::Returned);
            return (
                RowOutcome::Created,
                reason.or(change.reason.clone()).unwrap_or_default(),
            );
        }
        let told = [RowOutcome::Renamed, RowOutcome::Doubtful, RowOutcome::Returned];
        let told = told
            .into_iter()
            .find_map(|outcome| Some((outcome, self.find(userid, outcome)?)));
        let plain = match change.kind {
            Kind::Returned => RowOutcome::Returned,
            Kind::Created | Kind::Updated => RowOutcome::Updated,
        };
        told.unwrap_or((plain, String::new()))
    }
}

/// All rows of a plan: what it would write, then its remarks.
pub fn entries(plan: &Plan, mirror: &Mirror) -> Vec<Entry> {
    let planned = Planned {
        said: Said::of(&plan.rows),
        members: mirror.members.iter().map(|row| (row.id, row)).collect(),
        users: mirror.users.iter().map(|row| (row.id, row)).collect(),
        data_source_id: mirror.data_source_id,
        corp_key: &mirror.corp_key,
        reach: plan.reach_of_scope(),
    };
    let mut entries: Vec<Entry> = plan.departures.iter().map(|gone| planned.departure(gone)).collect();
    entries.extend(structure_changes::departments(plan, mirror));
    for change in &plan.members {
        entries.extend(planned.former(change));
        entries.push(planned.member(change));
    }
    entries.extend(plan.outside.iter().map(|end| planned.outside(end)));
    entries.extend(planned.readmitted(plan, mirror));
    entries.extend(structure_changes::tags(plan, mirror));
    entries.extend(mirror.app.as_ref().and_then(|app| structure_changes::scope(plan, app)));
    entries.extend(plan.rows.iter().filter(|row| row.outcome.is_remark()).map(Entry::from));
    entries
}

struct Planned<'a> {
    said: Said,
    members: HashMap<Uuid, &'a MemberRow>,
    users: HashMap<Uuid, &'a UserRow>,
    data_source_id: Uuid,
    corp_key: &'a str,
    reach: Reach,
}

impl Planned<'_> {
    fn entry(&self, (subject_id, user_id): (Option<Uuid>, Option<Uuid>), userid: &str, outcome: RowOutcome) -> Entry {
        Entry {
            subject: Subject::Member,
            subject_id,
            user_id,
            userid: userid.to_owned(),
            outcome,
            reason: self.said.reason(userid, outcome),
            changes: Changes::new(),
        }
    }

    fn departure(&self, gone: &Departure) -> Entry {
        let row = self.members.get(&gone.held.id);
        let user = row.and_then(|row| row.user_id);
        let mut entry = self.entry((Some(gone.held.id), user), &gone.userid, RowOutcome::Departed);
        entry.changes.insert(
            "member.state".to_owned(),
            Change::new(json!("present"), json!("departed")),
        );
        if gone.reused
            && let Some(row) = row
        {
            let key = format!("{}#{}", row.key, row.id);
            entry
                .changes
                .insert("member.userid_key".to_owned(), Change::new(json!(row.key), json!(key)));
            let doubt = row.doubt.map(|link| Change::new(json!(link.doubt_word()), Value::Null));
            entry
                .changes
                .extend(doubt.map(|doubt| ("member.doubt".to_owned(), doubt)));
        }
        let active = gone.user_id.and_then(|id| self.users.get(&id));
        if active.is_some_and(|user| user.standing == Standing::Active) {
            entry.changes.extend(disabled(EndReason::Departed));
        }
        entry
    }

    fn member(&self, change: &MemberChange) -> Entry {
        let held = change.held.and_then(|held| self.members.get(&held.id).copied());
        let (outcome, reason) = self.said.of_change(change);
        let linked = match &change.user {
            UserChange::Write { id, link: true, .. } => Some(*id),
            UserChange::Create { .. } => None,
            _ => held.and_then(|row| row.user_id),
        };
        let ids = (change.held.map(|held| held.id), linked);
        let mut entry = self.entry(ids, &change.person.userid, outcome);
        entry.reason = reason;
        if let Some(row) = held {
            entry.changes = diff(Some(&image_of(row)), Some(&image_after(row, change, linked)));
        }
        entry.changes.extend(self.user(&change.user));
        if held.is_none() && linked.is_some() {
            entry
                .changes
                .insert(NEW_MEMBER.to_owned(), Change::new(Value::Null, json!(true)));
        }
        entry
    }

    fn user(&self, change: &UserChange) -> Changes {
        let UserChange::Write {
            id,
            link,
            enable,
            profile,
        } = change
        else {
            return Changes::new();
        };
        let Some(user) = self.users.get(id) else {
            return Changes::new();
        };
        let mut changes = Changes::new();
        if let Some(profile) = profile {
            changes.extend(diff(Some(&profile_image(&user.profile)), Some(&profile_image(profile))));
        }
        // A user left over by an earlier data source of the corp has the corp already.
        if *link && user.owner == UserOrigin::Local {
            let (source, corp) = (json!(self.data_source_id), json!(self.corp_key));
            changes.insert("user.data_source_id".to_owned(), Change::new(Value::Null, source));
            changes.insert("user.corp_id".to_owned(), Change::new(Value::Null, corp));
        }
        if *enable && user.standing == Standing::Departed {
            let enabled = Change::new(json!("disabled"), json!("active"));
            changes.insert("user.status".to_owned(), enabled);
        }
        changes
    }

    fn outside(&self, end: &AccessEnd) -> Entry {
        let mut entry = self.entry((end.member, Some(end.user_id)), &end.userid, RowOutcome::Outside);
        let everywhere = end.reason != EndReason::OutOfScope || self.reach == Reach::Everywhere;
        let standing = self.users.get(&end.user_id).map(|user| user.standing);
        let risen = end.after_members && standing == Some(Standing::Departed);
        if end.may_disable && everywhere && (risen || standing == Some(Standing::Active)) {
            entry.changes = disabled(end.reason).into();
        }
        entry
    }

    fn readmitted(&self, plan: &Plan, mirror: &Mirror) -> Vec<Entry> {
        let present = mirror.members.iter().filter(|row| row.present);
        let mut members: HashMap<Uuid, (Option<Uuid>, &str)> = present
            .filter_map(|row| Some((row.user_id?, (Some(row.id), row.person.userid.as_str()))))
            .collect();
        for change in &plan.members {
            let held = change.held.and_then(|held| self.members.get(&held.id));
            let user = match &change.user {
                UserChange::Write { id, link: true, .. } => Some(*id),
                _ => held.and_then(|row| row.user_id),
            };
            let member = (held.map(|row| row.id), change.person.userid.as_str());
            members.extend(user.map(|user| (user, member)));
        }
        let found = plan
            .readmitted
            .iter()
            .filter_map(|user| Some((*user, *members.get(user)?)));
        let entries = found.map(|(user, (member, userid))| {
            let mut entry = self.entry((member, Some(user)), userid, RowOutcome::Readmitted);
            entry.reason = READMITTED.to_owned();
            let enabled = Change::new(json!("disabled"), json!("active"));
            entry.changes.insert("user.status".to_owned(), enabled);
            entry
        });
        entries.collect()
    }

    /// Who had the userid of this change before, and gives it up.
    fn former(&self, change: &MemberChange) -> Option<Entry> {
        let held = change.supersedes?;
        let row = self.members.get(&held.id)?;
        let mut entry = self.entry((Some(held.id), None), &change.person.userid, RowOutcome::Updated);
        GAVE_UP.clone_into(&mut entry.reason);
        let key = Change::new(json!(row.key), json!(format!("{}#{}", change.key, held.id)));
        entry.changes.insert("member.userid_key".to_owned(), key);
        Some(entry)
    }
}

fn disabled(reason: EndReason) -> [(String, Change); 2] {
    [
        (
            "user.status".to_owned(),
            Change::new(json!("active"), json!("disabled")),
        ),
        (
            "user.disabled_reason".to_owned(),
            Change::new(Value::Null, json!(reason.word())),
        ),
    ]
}

fn person_image(person: &Person) -> Image {
    let profile = &person.profile;
    Image::from([
        ("member.userid", json!(person.userid)),
        ("member.name", json!(profile.name)),
        ("member.alias", json!(profile.alias)),
        ("member.position", json!(profile.position)),
        ("member.email", json!(profile.email)),
        ("member.mobile", json!(profile.mobile)),
        ("member.avatar", json!(profile.avatar)),
        ("member.gender", json!(profile.gender)),
        ("member.open_userid", json!(profile.open_userid)),
        ("member.main_department", json!(person.main_department)),
        ("member.departments", json!(person.departments)),
        ("member.status", json!(person.status)),
    ])
}

fn image_of(row: &MemberRow) -> Image {
    let mut image = person_image(&row.person);
    image.extend([
        ("member.userid_key", json!(row.key)),
        ("member.state", json!(if row.present { "present" } else { "departed" })),
        ("member.doubt", json!(row.doubt.map(|link| link.doubt_word()))),
        ("member.user_id", json!(row.user_id)),
        ("member.import_outcome", json!(row.outcome.word())),
        ("member.import_reason", json!(row.reason)),
    ]);
    image
}

fn image_after(row: &MemberRow, change: &MemberChange, linked: Option<Uuid>) -> Image {
    let doubt = match &change.doubt {
        _ if change.settled => None,
        Some(doubt) => row.doubt.or(Some(doubt.weighed.link)),
        None => row.doubt,
    };
    let mut image = person_image(&change.person);
    image.extend([
        ("member.userid_key", json!(change.key)),
        ("member.state", json!("present")),
        ("member.doubt", json!(doubt.map(|link| link.doubt_word()))),
        ("member.user_id", json!(linked)),
        ("member.import_outcome", json!(change.outcome.word())),
        ("member.import_reason", json!(change.reason)),
    ]);
    image
}

fn profile_image(profile: &UserProfile) -> Image {
    Image::from([
        ("user.display_name", json!(profile.display_name)),
        ("user.email", json!(profile.email)),
        ("user.email_verified", json!(profile.email_verified)),
        ("user.phone_number", json!(profile.phone_number)),
        ("user.phone_verified", json!(profile.phone_verified)),
        ("user.picture", json!(profile.picture)),
        ("user.nickname", json!(profile.nickname)),
        ("user.gender", json!(profile.gender)),
    ])
}
