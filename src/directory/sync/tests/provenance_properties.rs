//! Property tests of planning: which fields of users a sync changes, and where their values came from.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    model::{Ids, applied},
    properties::present,
    stories::{mirror, rule, snapshot, stories},
};
use crate::directory::{
    sync::{
        mirror::{Mirror, UserRow},
        plan::{model::RowOutcome, plan},
        snapshot::{Snapshot, key},
        source::DuplicateRule,
    },
    user::provenance::{Field, Origin},
};

fn user(mirror: &Mirror, id: Uuid) -> Option<&UserRow> {
    mirror.users.iter().find(|user| user.id == id)
}

/// Those whose values a sync lets in: seen, of a user it may touch, and no doubt about it. Their key, what we hold of them, their user.
fn certain<'a>(after: &'a Mirror, snapshot: &'a Snapshot) -> impl Iterator<Item = (&'a str, &'a UserRow)> {
    let seen = snapshot.members.iter().filter(|(_, person)| !person.has_left());
    seen.filter_map(|(key, _)| {
        let row = *present(after).get(key.as_str())?;
        let user = user(after, row.user_id?)?;
        (row.doubt.is_none() && user.owner.is_touchable()).then_some((key.as_str(), user))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pinned_field_never_changes(stories in stories(), rule in rule(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let after = applied(&mirror, &plan(&mirror, &snapshot(&stories, complete), rule), &mut ids);
        for before in &mirror.users {
            let now = user(&after, before.id).unwrap();
            prop_assert_eq!(now.profile.provenance.pinned(), before.profile.provenance.pinned());
            for field in before.profile.provenance.pinned() {
                prop_assert_eq!(now.profile.value(*field), before.profile.value(*field));
                prop_assert_eq!(now.profile.provenance.origin(*field), before.profile.provenance.origin(*field));
            }
        }
    }

    #[test]
    fn overwrite_takes_exactly_what_wecom_gives_and_nobody_pinned(stories in stories(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, complete);
        let after = applied(&mirror, &plan(&mirror, &snapshot, DuplicateRule::Overwrite), &mut ids);
        let wecom = Origin::Wecom { data_source_id: Some(mirror.data_source_id) };
        for (key, now) in certain(&after, &snapshot) {
            let given = &present(&after)[key].person.profile;
            let before = user(&mirror, now.id).map(|user| user.profile.clone()).unwrap_or_default();
            for field in Field::ALL {
                let (value, origin) = (now.profile.value(field), now.profile.provenance.origin(field));
                if given.value(field).is_some() && !before.provenance.is_pinned(field) {
                    prop_assert_eq!((value, origin), (given.value(field), &wecom), "{:?}", field);
                } else {
                    prop_assert_eq!((value, origin), (before.value(field), before.provenance.origin(field)), "{:?}", field);
                }
            }
            let moved = now.profile.email != before.email;
            prop_assert!(!moved || !now.profile.email_verified, "a new address is not verified");
        }
    }

    #[test]
    fn skip_changes_no_value_that_is_there_and_fills_only_what_nobody_left_empty(stories in stories(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let planned = plan(&mirror, &snapshot(&stories, complete), DuplicateRule::Skip);
        let after = applied(&mirror, &planned, &mut ids);
        for before in &mirror.users {
            let now = &user(&after, before.id).unwrap().profile;
            for field in Field::ALL {
                let (was, origin) = (before.profile.value(field), before.profile.provenance.origin(field));
                let vacant = was.is_none() && *origin == Origin::Unknown && !before.profile.provenance.is_pinned(field);
                if !vacant || now.value(field).is_none() {
                    prop_assert_eq!((now.value(field), now.provenance.origin(field)), (was, origin), "{:?}", field);
                }
            }
            prop_assert!(now.email == before.profile.email || !now.email_verified, "a new address is not verified");
        }
        prop_assert_eq!(planned.count(RowOutcome::Pinned), 0, "nothing would have come in");
    }

    #[test]
    fn what_a_pin_keeps_out_is_said_where_wecom_gives_something_new(stories in stories(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, complete);
        let planned = plan(&mirror, &snapshot, DuplicateRule::Overwrite);
        let after = applied(&mirror, &planned, &mut ids);
        let said = planned.rows.iter().filter(|row| row.outcome == RowOutcome::Pinned);
        let said: BTreeSet<String> = said.map(|row| key(&row.userid)).collect();
        for (key, now) in certain(&after, &snapshot) {
            let row = present(&after)[key];
            let held = mirror.members.iter().find(|held| held.id == row.id && held.user_id == row.user_id);
            let news = now.profile.provenance.pinned().iter().any(|field| {
                let given = row.person.profile.value(*field);
                given.is_some() && given != now.profile.value(*field)
                    && held.is_none_or(|held| held.person.profile.value(*field) != given)
            });
            prop_assert_eq!(said.contains(key), news, "{}", key);
        }
    }
}
