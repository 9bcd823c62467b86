//! Model of the property tests: a mirror in memory that a plan is applied to as the database does.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    directory::{
        offboarding::model::{EndReason, Reach},
        sync::{
            mirror::{
                DepartmentRow, MemberRow, Mirror, Standing, TagRow, ThroughApp, ToldRename, UserOrigin, UserProfile,
                UserRow,
            },
            plan::{
                model::{MemberChange, Plan, UserChange},
                structure_model::TagPlan,
            },
            snapshot::{Person, key},
        },
    },
    kernel::clock::Timestamp,
};

/// Ids in order.
pub struct Ids(pub u128);

impl Ids {
    pub fn next(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

/// The mirror after the plan was applied.
pub fn applied(mirror: &Mirror, plan: &Plan, ids: &mut Ids) -> Mirror {
    let mut after = mirror.clone();
    for departure in &plan.departures {
        let row = member(&mut after, departure.held.id);
        row.present = false;
        row.version += 1;
        if departure.reused {
            row.key = format!("{}#{}", row.key, row.id);
            row.doubt = None;
        }
        if let Some(id) = departure.user_id {
            user(&mut after, id).standing = Standing::Departed;
        }
    }
    for change in plan.members.iter().filter(|change| change.renamed_from.is_some()) {
        let row = member(&mut after, change.held.unwrap().id);
        row.key = format!("{}#{}", row.key, row.id);
    }
    for change in &plan.members {
        change_member(&mut after, change, ids);
    }
    for departure in &plan.departures {
        end_sessions(&mut after, departure.user_id, None);
    }
    for end in &plan.outside {
        let by_scope = end.reason == EndReason::OutOfScope;
        let everywhere = !by_scope || (plan.reach_of_scope() == Reach::Everywhere && end.through.is_none());
        if everywhere || end.through.is_some() {
            end_sessions(&mut after, Some(end.user_id), end.through);
        }
        let row = user(&mut after, end.user_id);
        if end.may_disable && everywhere && row.standing == Standing::Active {
            row.standing = Standing::Outside;
        }
    }
    for id in &plan.readmitted {
        user(&mut after, *id).standing = Standing::Active;
    }
    for change in &plan.departments.upserts {
        after.departments.retain(|row| row.wecom_id != change.wecom_id);
        after.departments.push(DepartmentRow {
            id: ids.next(),
            wecom_id: change.wecom_id,
            parent_wecom_id: change.parent_wecom_id,
            name: change.name.clone(),
            sort_order: change.sort_order,
            path: change.path.clone(),
        });
    }
    after
        .departments
        .retain(|row| !plan.departments.deletes.contains(&row.id));
    change_tags(&mut after, &plan.tags, ids);
    if let (Some(row), Some(app)) = (&mut after.app, &plan.app) {
        row.read = true;
        row.scope.extend(app.add.iter().cloned());
        row.scope.retain(|line| !app.remove.contains(line));
    }
    after
}

/// What was told is carried out, step by step, or else the one that leads there straight.
fn carry_out(told: &mut [ToldRename], from: &str, to: &str) {
    let (mut at, mut taken) = (from.to_owned(), Vec::new());
    let mut last: Option<Timestamp> = None;
    loop {
        let open = told
            .iter()
            .filter(|step| step.old == at && !step.carried_out && Some(step.happened_at) > last);
        let Some(next) = open.min_by_key(|step| step.happened_at).cloned() else {
            break;
        };
        (at, last) = (next.new.clone(), Some(next.happened_at));
        taken.push(next);
    }
    while taken.pop_if(|step: &mut ToldRename| step.new != to).is_some() {}
    if taken.is_empty() {
        let straight = told.iter().filter(|step| step.old == from && step.new == to);
        taken = straight.cloned().collect();
    }
    let same = |one: &ToldRename, other: &ToldRename| {
        (&one.old, &one.new, one.happened_at) == (&other.old, &other.new, other.happened_at)
    };
    for step in told {
        step.carried_out |= taken.iter().any(|one| same(one, step));
    }
}

/// Ends what a user opened through this app, or through any.
fn end_sessions(after: &mut Mirror, user: Option<Uuid>, through: Option<ThroughApp>) {
    for other in &mut after.others {
        if through.is_none_or(|app| app == other.app) {
            other.signed_in.retain(|id| Some(*id) != user);
        }
    }
}

fn change_member(after: &mut Mirror, change: &MemberChange, ids: &mut Ids) {
    if let Some(before) = &change.renamed_from {
        carry_out(&mut after.told, &key(before), &change.key);
    }
    if let Some(held) = change.supersedes {
        member(after, held.id).key = format!("{}#{}", change.key, held.id);
    }
    let linked = change.held.and_then(|held| member(after, held.id).user_id);
    let user_id = match &change.user {
        UserChange::Keep => linked,
        UserChange::Create { username, outside } => {
            let profile = UserProfile::given(&change.person.profile, after.data_source_id);
            let id = create_user(after, username, &profile, ids);
            if outside.is_some() {
                user(after, id).standing = Standing::Outside;
            }
            Some(id)
        }
        UserChange::Write {
            id,
            link,
            enable,
            profile,
        } => {
            let row = user(after, *id);
            row.owner = if *link { UserOrigin::Ours } else { row.owner };
            if *enable && row.standing == Standing::Departed {
                row.standing = Standing::Active;
            }
            row.profile = profile.as_deref().unwrap_or(&row.profile).clone();
            if *link { Some(*id) } else { linked }
        }
    };
    let held_doubt = change
        .held
        .and_then(|held| member(after, held.id).doubt)
        .filter(|_| !change.settled);
    let doubt = change.doubt.as_ref().map(|doubt| doubt.weighed.link).or(held_doubt);
    let id = change.held.map_or_else(|| ids.next(), |held| held.id);
    after.members.retain(|row| row.id != id);
    after.members.push(MemberRow {
        id,
        version: change.held.map_or(0, |held| held.version + 1),
        key: change.key.clone(),
        person: Person::clone(&change.person),
        present: true,
        checked_at: 1,
        missed: false,
        doubt,
        user_id,
        outcome: change.outcome,
        reason: change.reason.clone(),
    });
}

fn create_user(after: &mut Mirror, username: &str, profile: &UserProfile, ids: &mut Ids) -> Uuid {
    let id = ids.next();
    let username_key = key(username);
    assert!(
        after.users.iter().all(|user| user.username_key != username_key),
        "{username} is taken"
    );
    after.users.push(UserRow {
        id,
        username: username.to_owned(),
        username_key,
        owner: UserOrigin::Ours,
        standing: Standing::Active,
        profile: profile.clone(),
    });
    id
}

fn change_tags(after: &mut Mirror, plan: &TagPlan, ids: &mut Ids) {
    after.tags.retain(|row| !plan.deletes.contains(&row.id));
    for (wecom_id, name) in &plan.upserts {
        match after.tags.iter_mut().find(|row| row.wecom_id == *wecom_id) {
            Some(row) => row.name.clone_from(name),
            None => after.tags.push(TagRow {
                id: ids.next(),
                wecom_id: *wecom_id,
                name: name.clone(),
                users: BTreeSet::new(),
                departments: BTreeSet::new(),
            }),
        }
    }
    for change in &plan.contents {
        let row = after
            .tags
            .iter_mut()
            .find(|row| row.wecom_id == change.wecom_id)
            .unwrap();
        row.users.extend(change.add_users.iter().cloned());
        row.users.retain(|key| !change.remove_users.contains(key));
        row.departments.extend(&change.add_departments);
        row.departments.retain(|id| !change.remove_departments.contains(id));
    }
}

fn member(mirror: &mut Mirror, id: Uuid) -> &mut MemberRow {
    mirror.members.iter_mut().find(|row| row.id == id).unwrap()
}

fn user(mirror: &mut Mirror, id: Uuid) -> &mut UserRow {
    mirror.users.iter_mut().find(|row| row.id == id).unwrap()
}
