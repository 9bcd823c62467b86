//! Property tests of planning: who becomes a user, whatever the import rules are and whatever admins decided.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    model::{Ids, applied},
    stories::{Story, mirror, rule, snapshot, stories},
};
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    identity::verdict::Verdict,
    importing::{
        decision::ImportDecision,
        rules::{ImportMode, ImportRules, MatchKey},
    },
    sync::{
        mirror::{Mirror, UserOrigin, UserProfile},
        plan::{
            identity::judge_row,
            model::{MemberChange, Plan, UserChange},
            plan,
        },
        snapshot::{Profile, Snapshot},
        source::DuplicateRule,
    },
};

/// What was decided about a story's member: of which kind, and about which user.
type Decided = Option<(u8, usize)>;

fn rules() -> impl Strategy<Value = ImportRules> {
    let mode = prop_oneof![2 => Just(ImportMode::All), 1 => Just(ImportMode::Chosen)];
    let keys = proptest::sample::subsequence(MatchKey::ALL.to_vec(), 0..=3);
    let template = prop_oneof![
        2 => Just("{userid}"), 1 => Just("qy-{userid}"), 1 => Just("{name}"), 1 => Just("{email}"), 1 => Just("{alias}"),
    ];
    (mode, keys, template).prop_map(|(mode, match_by, template)| ImportRules {
        mode,
        match_by,
        username_template: template.to_owned(),
    })
}

fn decided() -> impl Strategy<Value = Vec<Decided>> {
    proptest::collection::vec(proptest::option::of((0..5_u8, 0..16_usize)), 8)
}

fn address(letter: &str) -> String {
    format!("{letter}@corp.example")
}

fn number(letter: &str) -> String {
    format!("1380000000{}", u8::from(letter == "A"))
}

/// Letters of the stories become addresses and numbers, which are compared.
fn reachable(profile: &mut Profile) {
    profile.email = profile.email.as_deref().map(address);
    profile.mobile = profile.mobile.as_deref().map(number);
}

fn reachable_user(profile: &mut UserProfile) {
    profile.phone_number = profile.email.as_deref().map(number);
    profile.phone_verified = profile.email_verified;
    profile.email = profile.email.as_deref().map(address);
}

/// A directory with these rules and decisions, and what WeCom shows of it.
fn directory(stories: &[Story], rules: ImportRules, decided: &[Decided], complete: bool) -> (Mirror, Snapshot, Ids) {
    let mut stories = stories.to_vec();
    for story in &mut stories {
        if let Some((_, _, profile)) = &mut story.holder {
            reachable_user(profile);
        }
        for person in story
            .held
            .iter_mut()
            .map(|held| &mut held.1)
            .chain(story.seen.iter_mut())
        {
            reachable(&mut person.profile);
        }
    }
    let mut ids = Ids(0);
    let mut mirror = mirror(&stories, &mut ids);
    mirror.import = rules;
    let users: Vec<Uuid> = mirror.users.iter().map(|user| user.id).collect();
    for (row, decided) in mirror.members.iter().zip(decided) {
        let Some((kind, user)) = decided else { continue };
        let decision = match kind {
            0 => ImportDecision::Import,
            1 => ImportDecision::Ignore,
            2 => ImportDecision::Exclude,
            3 => ImportDecision::Rename(if user % 2 == 0 {
                "ann".to_owned()
            } else {
                format!("given-{user}")
            }),
            _ => ImportDecision::Link(users.get(*user).copied().unwrap_or_default()),
        };
        mirror.decisions.insert(row.id, decision);
    }
    let snapshot = snapshot(&stories, complete);
    (mirror, snapshot, ids)
}

fn linked_before(mirror: &Mirror) -> BTreeSet<Uuid> {
    mirror.members.iter().filter_map(|row| row.user_id).collect()
}

fn written(plan: &Plan) -> impl Iterator<Item = (Uuid, bool, bool)> {
    plan.members.iter().filter_map(|change| match &change.user {
        UserChange::Write { id, link, profile, .. } => Some((*id, *link, profile.is_some())),
        UserChange::Keep | UserChange::Create { .. } => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_plan_is_empty_whatever_the_rules(
        stories in stories(), rule in rule(), rules in rules(), decided in decided(), complete in any::<bool>()
    ) {
        let (mirror, snapshot, mut ids) = directory(&stories, rules, &decided, complete);
        let after = applied(&mirror, &plan(&mirror, &snapshot, rule), &mut ids);
        let mut second = plan(&after, &snapshot, rule);
        let decided = mirror.decisions.values().any(|decision| matches!(decision, ImportDecision::Link(_)));
        // A decision that was carried out may have changed the user whom somebody else duplicated: they are imported by the next run.
        let left_out = |key: &str| after.members.iter().any(|row| row.key == key && row.user_id.is_none());
        // Whose user was in doubt when they came back is weighed next by what WeCom shows alone, without what we held of them before.
        let excused = |change: &MemberChange| decided && left_out(&change.key) || change.settled;
        if second.members.iter().any(excused) {
            prop_assert!(second.members.iter().all(excused), "{:#?}", second);
            let third = plan(&applied(&after, &second, &mut ids), &snapshot, rule);
            prop_assert!(third.is_empty(), "{:#?}", third);
            second.members.clear();
            second.outside.retain(|end| !end.after_members);
        }
        prop_assert!(second.is_empty(), "{:#?}", second);
    }

    #[test]
    fn nobody_whom_a_sync_never_touches_is_touched_whatever_was_decided(
        stories in stories(), rule in rule(), rules in rules(), decided in decided(), complete in any::<bool>()
    ) {
        let (mirror, snapshot, mut ids) = directory(&stories, rules, &decided, complete);
        let plan = plan(&mirror, &snapshot, rule);
        let after = applied(&mirror, &plan, &mut ids);
        for user in mirror.users.iter().filter(|user| !user.owner.is_touchable()) {
            prop_assert!(written(&plan).all(|(id, ..)| id != user.id));
            prop_assert!(after.users.contains(user));
            let links = |mirror: &Mirror| mirror.members.iter().filter(|row| row.user_id == Some(user.id)).count();
            prop_assert!(links(&after) == links(&mirror));
        }
    }

    #[test]
    fn nobody_is_linked_to_the_user_of_another_member(
        stories in stories(), rule in rule(), rules in rules(), decided in decided()
    ) {
        let (mirror, snapshot, mut ids) = directory(&stories, rules, &decided, true);
        let plan = plan(&mirror, &snapshot, rule);
        let linked: Vec<Uuid> = written(&plan).filter(|(_, link, _)| *link).map(|(id, ..)| id).collect();
        let once: BTreeSet<Uuid> = linked.iter().copied().collect();
        prop_assert_eq!(once.len(), linked.len());
        prop_assert!(once.is_disjoint(&linked_before(&mirror)));
        let after = applied(&mirror, &plan, &mut ids);
        let mut members: BTreeMap<Uuid, usize> = BTreeMap::new();
        for user in after.members.iter().filter_map(|row| row.user_id) {
            *members.entry(user).or_default() += 1;
        }
        prop_assert!(members.values().all(|members| *members == 1));
    }

    #[test]
    fn skip_changes_no_local_user_whatever_the_rules_unless_an_admin_links_one(
        stories in stories(), rules in rules(), decided in decided(), complete in any::<bool>()
    ) {
        let (mirror, snapshot, _) = directory(&stories, rules, &decided, complete);
        let plan = plan(&mirror, &snapshot, DuplicateRule::Skip);
        let chosen: BTreeSet<Uuid> = mirror.decisions.values().filter_map(ImportDecision::user).collect();
        let local = |id: Uuid| mirror.users.iter().any(|user| user.id == id && user.owner == UserOrigin::Local);
        for (id, link, _) in written(&plan) {
            prop_assert!(!link || !local(id) || chosen.contains(&id), "a local user was linked by itself");
        }
    }

    #[test]
    fn where_members_are_chosen_nobody_becomes_a_user_without_a_decision(
        stories in stories(), rule in rule(), rules in rules(), decided in decided()
    ) {
        let (mirror, snapshot, _) = directory(&stories, ImportRules { mode: ImportMode::Chosen, ..rules }, &decided, true);
        for change in plan(&mirror, &snapshot, rule).members {
            let decision = change.held.and_then(|held| mirror.decisions.get(&held.id));
            let chosen = matches!(decision, Some(ImportDecision::Import | ImportDecision::Link(_) | ImportDecision::Rename(_)));
            let becomes = matches!(change.user, UserChange::Create { .. } | UserChange::Write { link: true, .. });
            prop_assert!(chosen || !becomes, "{:?}", change);
            prop_assert!(!becomes || change.outcome == Outcome::Imported);
        }
    }

    #[test]
    fn who_stays_out_by_a_decision_never_becomes_a_user(
        stories in stories(), rule in rule(), rules in rules(), decided in decided()
    ) {
        let (mirror, snapshot, _) = directory(&stories, rules, &decided, true);
        for change in plan(&mirror, &snapshot, rule).members {
            let decision = change.held.and_then(|held| mirror.decisions.get(&held.id));
            if matches!(decision, Some(ImportDecision::Ignore | ImportDecision::Exclude)) {
                let becomes = matches!(change.user, UserChange::Create { .. } | UserChange::Write { link: true, .. });
                prop_assert!(!becomes, "{:?}", change);
            }
        }
    }

    #[test]
    fn nobody_inherits_a_decision_with_the_userid(
        stories in stories(), rule in rule(), rules in rules(), decided in decided(), complete in any::<bool>()
    ) {
        let (mirror, snapshot, _) = directory(&stories, rules, &decided, complete);
        let mut without = mirror.clone();
        for row in &mirror.members {
            let seen = snapshot.members.get(&row.key).filter(|seen| !seen.has_left());
            // Whoever was renamed takes their decision along; a row of somebody without a user is renamed to nowhere.
            if row.user_id.is_none() && seen.is_some_and(|seen| judge_row(row, seen).verdict == Verdict::SomebodyElse) {
                without.decisions.remove(&row.id);
            }
        }
        let (with, without) = (plan(&mirror, &snapshot, rule), plan(&without, &snapshot, rule));
        prop_assert_eq!(format!("{with:?}"), format!("{without:?}"));
    }
}
