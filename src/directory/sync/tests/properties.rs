//! Property tests of planning: what holds for every mirror and every snapshot.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    model::{Ids, applied},
    stories::{USERIDS, mirror, rule, snapshot, stories},
};
use crate::directory::importing::outcome::Outcome;
use crate::directory::sync::{
    mirror::{AppRow, DepartmentRow, MemberRow, Mirror, OtherApp, Standing, TagRow, ThroughApp, UserOrigin, UserRow},
    plan::{
        model::{Plan, RowOutcome, UserChange},
        plan,
    },
    snapshot::{AppFact, DepartmentFact, ScopeLine, Snapshot, TagFact, TagMembers, key},
    source::DuplicateRule,
};

pub(super) fn present(mirror: &Mirror) -> BTreeMap<&str, &MemberRow> {
    let present = mirror.members.iter().filter(|row| row.present);
    present.map(|row| (row.key.as_str(), row)).collect()
}

fn linked(mirror: &Mirror) -> impl Iterator<Item = (&MemberRow, &UserRow)> {
    let present = mirror.members.iter().filter(|row| row.present);
    present.filter_map(|row| Some((row, mirror.users.iter().find(|user| Some(user.id) == row.user_id)?)))
}

fn untouchable(mirror: &Mirror) -> Vec<&UserRow> {
    mirror.users.iter().filter(|user| !user.owner.is_touchable()).collect()
}

fn touched(plan: &Plan) -> BTreeSet<Uuid> {
    let written = plan.members.iter().filter_map(|change| match &change.user {
        UserChange::Write { id, .. } => Some(*id),
        UserChange::Keep | UserChange::Create { .. } => None,
    });
    written
        .chain(plan.departures.iter().filter_map(|departure| departure.user_id))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_applied_plan_equals_the_desired_state(stories in stories(), rule in rule()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, true);
        let after = applied(&mirror, &plan(&mirror, &snapshot, rule), &mut ids);
        let unreadable: BTreeSet<String> =
            snapshot.malformed.iter().filter_map(|row| row.userid.as_deref().map(key)).collect();
        let mut desired: BTreeSet<String> =
            snapshot.members.iter().filter(|(_, person)| !person.has_left()).map(|(key, _)| key.clone()).collect();
        // Who may be somebody that was not readable, under another userid, is not imported yet.
        let planned = plan(&mirror, &snapshot, rule);
        let held_back = |key: &String| planned.rows.iter().any(|row| crate::directory::sync::snapshot::key(&row.userid) == *key && row.reason.contains("complete reading"));
        desired.retain(|key| !held_back(key) || present(&mirror).contains_key(key.as_str()) && present(&after).contains_key(key.as_str()));
        desired.extend(present(&mirror).into_keys().filter(|key| unreadable.contains(*key)).map(str::to_owned));
        prop_assert_eq!(present(&after).into_keys().map(str::to_owned).collect::<BTreeSet<_>>(), desired);
        for (key, person) in snapshot.members.iter().filter(|(_, person)| !person.has_left()) {
            let after = present(&after);
            let Some(row) = after.get(key.as_str()) else { continue };
            // Of whom it is in doubt who they are, what we hold stays.
            if row.doubt.is_some() {
                continue;
            }
            prop_assert_eq!(&row.person.departments, &person.departments);
            prop_assert!(person.profile.name.is_none() || row.person.profile.name == person.profile.name);
            prop_assert_eq!(row.user_id.is_some(), row.outcome == Outcome::Imported);
        }
    }

    #[test]
    fn a_second_plan_is_empty(stories in stories(), rule in rule(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, complete);
        let after = applied(&mirror, &plan(&mirror, &snapshot, rule), &mut ids);
        let mut second = plan(&after, &snapshot, rule);
        // Whose user was in doubt when they came back is weighed next by what WeCom shows alone, without what we held of them before.
        if !second.members.is_empty() && second.members.iter().all(|change| change.settled) {
            second = plan(&applied(&after, &second, &mut ids), &snapshot, rule);
        }
        prop_assert!(second.is_empty(), "{:#?}", second);
        prop_assert_eq!(second.count(RowOutcome::Pinned), 0, "said once");
    }

    #[test]
    fn a_partial_fetch_removes_nobody_it_did_not_see(stories in stories(), rule in rule()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, false);
        let plan = plan(&mirror, &snapshot, rule);
        let gone = plan.departures.iter().filter(|gone| !gone.reused);
        prop_assert!(gone.clone().all(|gone| snapshot.members[&key(&gone.userid)].has_left()));
        prop_assert!(plan.departments.deletes.is_empty());
    }

    #[test]
    fn overwrite_never_touches_a_console_admin_or_a_user_of_another_corp(
        stories in stories(), rule in rule(), complete in any::<bool>()
    ) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let plan = plan(&mirror, &snapshot(&stories, complete), rule);
        let touched = touched(&plan);
        prop_assert!(untouchable(&mirror).iter().all(|user| !touched.contains(&user.id)));
        let after = applied(&mirror, &plan, &mut ids);
        for user in untouchable(&mirror) {
            prop_assert!(after.users.contains(user));
            let links = |mirror: &Mirror| mirror.members.iter().filter(|row| row.user_id == Some(user.id)).count();
            prop_assert_eq!(links(&after), links(&mirror));
        }
    }

    #[test]
    fn whoever_may_not_come_in_has_no_active_user_and_whoever_may_is_not_kept_out(
        stories in stories(), rule in rule(), scopes in proptest::collection::vec(
            (proptest::collection::btree_set(1..5_i64, 0..4), any::<bool>()), 1..4),
    ) {
        let mut ids = Ids(0);
        let mut held = mirror(&stories, &mut ids);
        held.whole_corp = true;
        held.app = Some(AppRow { id: ids.next(), scope: BTreeSet::new(), read: false });
        for (inside, all) in scopes {
            let mut seen = snapshot(&stories, true);
            seen.departments_complete = all;
            seen.app = Some(AppFact {
                scope: inside.iter().copied().map(ScopeLine::Department).collect(), ..AppFact::default()
            });
            let plan = |mirror: &Mirror| plan(mirror, &seen, rule);
            let first = plan(&held);
            prop_assert!(first.outside.iter().all(|end| end.may_disable || end.newly));
            let after = applied(&held, &first, &mut ids);
            prop_assert!(plan(&after).is_empty(), "{:#?}", plan(&after));
            // Of whom it is in doubt who they are, what we hold decides.
            let certain = linked(&after).filter(|(row, user)| user.owner.is_touchable() && row.doubt.is_none());
            for (row, user) in certain {
                let Some(person) = seen.members.get(&row.key).filter(|person| !person.has_left()) else { continue };
                let covered = person.departments.iter().any(|id| inside.contains(id));
                let out = row.person.status.is_some_and(|status| status != 1) || (all && !covered);
                prop_assert!(!out || user.standing != Standing::Active, "{:?}", row);
                let shown = all && covered && row.person.status == Some(1);
                prop_assert!(!shown || user.standing != Standing::Outside, "{:?}", row);
            }
            held = after;
        }
    }

    #[test]
    fn what_was_opened_through_another_app_ends_for_whom_it_does_not_cover_and_for_nobody_else(
        stories in stories(), rule in rule(), all in any::<bool>(),
        inside in proptest::collection::btree_set(1..5_i64, 0..4),
        picks in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let mut ids = Ids(0);
        let mut held = mirror(&stories, &mut ids);
        held.other_apps = true;
        let active = held.users.iter().filter(|user| user.standing == Standing::Active);
        let signed_in: HashSet<Uuid> = active.zip(&picks).filter(|(_, pick)| **pick).map(|(user, _)| user.id).collect();
        held.others = vec![OtherApp {
            app: ThroughApp { id: ids.next(), agent_id: 9 },
            scope: inside.iter().copied().map(ScopeLine::Department).collect(),
            signed_in: signed_in.clone(),
        }];
        let mut seen = snapshot(&stories, true);
        seen.departments_complete = all;
        let first = plan(&held, &seen, rule);
        let through: BTreeSet<Uuid> =
            first.outside.iter().filter(|end| end.through.is_some()).map(|end| end.user_id).collect();
        let covered = |row: &MemberRow| row.person.departments.iter().any(|id| inside.contains(id));
        prop_assert!(all || through.is_empty());
        prop_assert!(through.iter().all(|id| signed_in.contains(id)));
        let after = applied(&held, &first, &mut ids);
        for (row, user) in linked(&after).filter(|(row, _)| row.doubt.is_none() && seen.members.contains_key(&row.key)) {
            prop_assert!(!(through.contains(&user.id) && covered(row)), "{:?}", row);
            let before = held.members.iter().any(|old| old.id == row.id && old.present && old.user_id == row.user_id);
            if all && before && user.standing == Standing::Active && !covered(row) {
                prop_assert!(!after.others[0].signed_in.contains(&user.id), "{:?}", row);
            }
        }
        prop_assert!(plan(&after, &seen, rule).is_empty(), "{:#?}", plan(&after, &seen, rule));
    }

    #[test]
    fn skip_links_only_users_of_the_corp(stories in stories(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let plan = plan(&mirror, &snapshot(&stories, complete), DuplicateRule::Skip);
        for change in &plan.members {
            if let UserChange::Write { id, link, .. } = &change.user {
                let ours = |id| mirror.users.iter().any(|user| user.id == id && user.owner == UserOrigin::Ours);
                prop_assert!(!link || ours(*id));
            }
        }
    }

    #[test]
    fn nobody_gets_the_user_of_a_member_who_left_under_the_same_userid(stories in stories(), rule in rule()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let plan = plan(&mirror, &snapshot(&stories, true), rule);
        let after = applied(&mirror, &plan, &mut ids);
        for change in plan.members.iter().filter(|change| change.supersedes.is_some()) {
            let old = mirror.members.iter().find(|row| Some(row.id) == change.supersedes.map(|held| held.id)).unwrap();
            let new = present(&after)[change.key.as_str()];
            prop_assert!(old.user_id.is_none() || new.user_id != old.user_id);
            prop_assert!(after.members.iter().any(|row| row.id == old.id && !row.present && row.key.contains('#')));
        }
    }

    #[test]
    fn departments_tags_and_scope_follow(
        parents in proptest::collection::btree_map(1..9_i64, 0..9_i64, 0..8),
        bearers in proptest::collection::btree_map(1..4_i64, proptest::collection::btree_set(0..8_usize, 0..8), 0..3),
        held in proptest::collection::btree_set(1..9_i64, 0..8),
    ) {
        let mut ids = Ids(0);
        let mut mirror = mirror(&[], &mut ids);
        hold(&mut mirror, &held, &mut ids);
        let snapshot = structure(&parents, &bearers);
        let after = applied(&mirror, &plan(&mirror, &snapshot, DuplicateRule::Skip), &mut ids);
        prop_assert!(plan(&after, &snapshot, DuplicateRule::Skip).is_empty());
        let departments: BTreeMap<i64, i64> = after.departments.iter().map(|row| (row.wecom_id, row.parent_wecom_id)).collect();
        prop_assert_eq!(&departments, &parents);
        for row in &after.departments {
            let own = format!("/{}/", row.wecom_id);
            prop_assert!(row.path.ends_with(&own));
        }
        let tags: BTreeMap<i64, usize> = after.tags.iter().map(|row| (row.wecom_id, row.users.len())).collect();
        prop_assert_eq!(tags, bearers.iter().map(|(id, users)| (*id, users.len())).collect::<BTreeMap<_, _>>());
        prop_assert_eq!(after.app.unwrap().scope, snapshot.app.unwrap().scope);
    }
}

pub(super) fn hold(mirror: &mut Mirror, held: &BTreeSet<i64>, ids: &mut Ids) {
    mirror.app = Some(AppRow {
        id: ids.next(),
        scope: held.iter().copied().map(ScopeLine::Tag).collect(),
        read: true,
    });
    for id in held {
        mirror.departments.push(DepartmentRow {
            id: ids.next(),
            wecom_id: *id,
            parent_wecom_id: 1,
            name: "old".to_owned(),
            sort_order: 0,
            path: format!("/1/{id}/"),
        });
        mirror.tags.push(TagRow {
            id: ids.next(),
            wecom_id: *id,
            name: "old".to_owned(),
            users: BTreeSet::from(["gone".to_owned()]),
            departments: BTreeSet::from([*id]),
        });
    }
}

pub(super) fn structure(parents: &BTreeMap<i64, i64>, bearers: &BTreeMap<i64, BTreeSet<usize>>) -> Snapshot {
    let departments = parents.iter().map(|(id, parent_id)| DepartmentFact {
        id: *id,
        parent_id: Some(*parent_id),
        name: None,
        order: 7,
    });
    let tags = bearers.iter().map(|(id, users)| TagFact {
        id: *id,
        name: "oncall".to_owned(),
        content: Some(TagMembers {
            users: users.iter().map(|index| key(USERIDS[*index])).collect(),
            departments: BTreeSet::new(),
        }),
    });
    Snapshot {
        departments: departments.collect(),
        departments_complete: true,
        tags: tags.collect(),
        tags_complete: true,
        app: Some(AppFact {
            scope: parents.keys().copied().map(ScopeLine::Department).collect(),
            ..AppFact::default()
        }),
        ..Snapshot::default()
    }
}
