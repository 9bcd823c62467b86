//! Property tests of planning: who stands behind a userid, whatever we hold and WeCom shows.

use proptest::prelude::*;

use super::{
    model::{Ids, applied},
    properties::present,
    stories::{Bond, Story, mirror, person, rule, snapshot, stories},
};
use crate::directory::{
    identity::{
        evidence::Link,
        verdict::{Verdict, judge},
    },
    sync::{
        mirror::{UserOrigin, UserProfile},
        plan::plan,
        snapshot::{Person, Profile},
    },
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whom_the_table_calls_somebody_else_gets_nothing_of_whoever_had_the_userid(stories in stories(), rule in rule(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, complete);
        let after = applied(&mirror, &plan(&mirror, &snapshot, rule), &mut ids);
        for row in mirror.members.iter().filter(|row| row.user_id.is_some()) {
            let Some(seen) = snapshot.members.get(&row.key).filter(|seen| !seen.has_left()) else { continue };
            let link = if row.present { Link::Unbroken } else { Link::Gap };
            if judge(link, &row.person.traits(), &seen.traits()) == Verdict::SomebodyElse {
                prop_assert!(present(&after).get(row.key.as_str()).is_none_or(|new| new.id != row.id));
            }
        }
    }

    #[test]
    fn whom_the_table_calls_the_same_person_stays_who_they_are(stories in stories(), rule in rule(), complete in any::<bool>()) {
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, complete);
        let after = applied(&mirror, &plan(&mirror, &snapshot, rule), &mut ids);
        for row in mirror.members.iter().filter(|row| row.present && row.user_id.is_some()) {
            let Some(seen) = snapshot.members.get(&row.key).filter(|seen| !seen.has_left()) else { continue };
            if judge(Link::Unbroken, &row.person.traits(), &seen.traits()) == Verdict::SamePerson {
                let now = present(&after)[row.key.as_str()];
                prop_assert_eq!((now.id, now.user_id, now.doubt), (row.id, row.user_id, None));
            }
        }
    }

    #[test]
    fn people_found_under_each_others_userids_keep_their_users(first in person(), second in person(), rule in rule()) {
        let named = |person: &Person, name: &str, mobile: &str| Person {
            profile: Profile { name: Some(name.to_owned()), mobile: Some(mobile.to_owned()), email: None, ..person.profile.clone() },
            status: Some(1),
            ..person.clone()
        };
        let (ann, bob) = (named(&first, "Ann", "13800000001"), named(&second, "Bob", "13800000002"));
        let story = |held: &Person, seen: &Person| Story {
            holder: Some((UserOrigin::Ours, false, UserProfile::default())),
            held: Some((true, held.clone(), Bond::Namesake)),
            seen: Some(seen.clone()),
            unreadable: false,
        };
        let stories = [story(&ann, &bob), story(&bob, &ann)];
        let mut ids = Ids(0);
        let mirror = mirror(&stories, &mut ids);
        let snapshot = snapshot(&stories, true);
        let planned = plan(&mirror, &snapshot, rule);
        prop_assert!(planned.departures.is_empty());
        let after = applied(&mirror, &planned, &mut ids);
        for (old, new) in [("ann", "bob"), ("bob", "ann")] {
            prop_assert_eq!(present(&mirror)[old].user_id, present(&after)[new].user_id);
        }
        prop_assert!(plan(&after, &snapshot, rule).is_empty());
    }
}
