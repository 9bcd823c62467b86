//! Plans whose access ends although they are still members, and who has it again: by status, by the integration app's visible scope, and by
//! that of other apps for what was opened through them.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    model::{AccessEnd, Plan, UserChange},
    visible_scope::{Contacts, VisibleScope},
};
use crate::directory::{
    offboarding::model::{EndReason, STATUS_ACTIVE},
    sync::{
        mirror::{MemberRow, Mirror, OtherApp, Standing, UserRow},
        snapshot::{Person, Snapshot, key},
    },
};

/// What decides about access.
pub struct Access<'a> {
    users: HashMap<Uuid, &'a UserRow>,
    /// What the scope is now; `None`: it decides nothing, because the app alone was asked, which shows only who is inside, or was not read.
    now: Option<VisibleScope>,
    before: Option<VisibleScope>,
    /// Whether there is a scope that decides.
    by_scope: bool,
    other_apps: bool,
    /// The scopes of the other apps through which people have come in.
    others: Vec<(&'a OtherApp, VisibleScope)>,
}

impl<'a> Access<'a> {
    /// Before and after, as mirror and snapshot show it.
    pub fn new(mirror: &'a Mirror, snapshot: &Snapshot) -> Self {
        let contacts = Contacts::seen(snapshot);
        let expand = |app: &OtherApp| contacts.as_ref()?.expand(&app.scope);
        let others = mirror.others.iter();
        Self {
            others: others.filter_map(|app| Some((app, expand(app)?))).collect(),
            users: mirror.users.iter().map(|user| (user.id, user)).collect(),
            now: mirror.whole_corp.then(|| VisibleScope::seen(snapshot)).flatten(),
            before: VisibleScope::held(mirror),
            by_scope: mirror.whole_corp && mirror.app.is_some(),
            other_apps: mirror.other_apps,
        }
    }

    /// Why this member may not come in.
    pub fn refused(&self, person: &Person) -> Option<EndReason> {
        let by_status = person.status.and_then(EndReason::of_status);
        by_status.or_else(|| outside(self.now.as_ref(), person).then_some(EndReason::OutOfScope))
    }

    /// The reason for which a new user of this member begins disabled.
    pub fn refused_from_the_start(&self, person: &Person) -> Option<EndReason> {
        self.refused(person).filter(|reason| self.disables(*reason))
    }

    /// Whether WeCom shows the member as active and inside. That nothing refuses them is not enough: perhaps something could not be read.
    fn is_shown_inside(&self, person: &Person) -> bool {
        let judged = self.now.is_some() || !self.by_scope;
        person.status == Some(STATUS_ACTIVE) && judged
    }

    /// Whether the reason leaves no way in, so that the user is disabled: out of one app's scope, another may still let them in.
    fn disables(&self, reason: EndReason) -> bool {
        reason != EndReason::OutOfScope || !self.other_apps
    }

    /// Whether a member we hold could come in before.
    fn was_inside(&self, row: &MemberRow) -> bool {
        let by_status = row.person.status.and_then(EndReason::of_status).is_none();
        row.present && by_status && !outside(self.before.as_ref(), &row.person)
    }

    /// Adds to the plan what follows for a member's user; `change`: what the plan does with them, `held`: the row we hold.
    pub fn plan(&self, plan: &mut Plan, person: &Person, held: Option<&MemberRow>, change: &UserChange) {
        let (id, rises) = match change {
            UserChange::Write { id, link, enable, .. } => (Some(*id), *link || *enable),
            UserChange::Keep => (held.and_then(|row| row.user_id), false),
            UserChange::Create { .. } => (None, false),
        };
        let Some(user) = id.and_then(|id| self.users.get(&id)) else {
            return;
        };
        let active = user.standing == Standing::Active || (rises && user.standing == Standing::Departed);
        let newly = held.is_some_and(|row| self.was_inside(row));
        match self.refused(person) {
            Some(reason) if newly || (active && user.owner.is_touchable() && self.disables(reason)) => {
                end(
                    plan,
                    AccessEnd {
                        member: held.map(|row| row.id),
                        userid: person.userid.clone(),
                        user_id: user.id,
                        may_disable: user.owner.is_touchable(),
                        reason,
                        status: person.status,
                        newly,
                        after_members: rises,
                        through: None,
                    },
                );
                if self.disables(reason) {
                    return;
                }
            }
            None if user.standing == Standing::Outside && user.owner.is_touchable() && self.is_shown_inside(person) => {
                plan.readmitted.push(user.id);
            }
            _ => {}
        }
        self.end_through_others(plan, person, held, user);
    }

    /// Ends what was opened through another app whose scope no longer covers the member. Whoever has nothing open there has nothing to lose.
    fn end_through_others(&self, plan: &mut Plan, person: &Person, held: Option<&MemberRow>, user: &UserRow) {
        for (app, scope) in &self.others {
            if !app.signed_in.contains(&user.id) || !outside(Some(scope), person) {
                continue;
            }
            let counted = plan.outside.last();
            let counted = counted.is_some_and(|end| end.user_id == user.id && end.newly);
            end(
                plan,
                AccessEnd {
                    member: held.map(|row| row.id),
                    userid: person.userid.clone(),
                    user_id: user.id,
                    may_disable: false,
                    reason: EndReason::OutOfScope,
                    status: person.status,
                    newly: !counted,
                    after_members: held.is_none(),
                    through: Some(app.app),
                },
            );
        }
    }
}

fn end(plan: &mut Plan, end: AccessEnd) {
    plan.rows.push(end.row());
    plan.outside.push(end);
}

fn outside(scope: Option<&VisibleScope>, person: &Person) -> bool {
    scope.is_some_and(|scope| !scope.covers(&key(&person.userid), &person.departments))
}
