//! What the property tests are about: whom a directory holds and what WeCom shows, made up at random.

use proptest::prelude::*;
use uuid::Uuid;

use super::model::Ids;
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    private_fields::ONLY_BY_CONSENT,
    sync::{
        mirror::{MemberRow, Mirror, Standing, UserOrigin, UserProfile, UserRow},
        snapshot::{Completeness, Person, Profile, Snapshot, Unreadable, key},
        source::DuplicateRule,
    },
    user::provenance::{Edit, EmailSource, Field, Provenance},
};

pub(super) const CORP: &str = "ww1";
pub(super) const USERIDS: [&str; 8] = ["ann", "Bob", "cat", "admin", "dan", "dan-2", "eve", "eve@ww1"];

/// Everything about one userid: who has the username, whom we hold, what WeCom shows.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) holder: Option<(UserOrigin, bool, UserProfile)>,
    pub(super) held: Option<(bool, Person, Bond)>,
    pub(super) seen: Option<Person>,
    pub(super) unreadable: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Bond {
    None,
    /// The user of that very name.
    Namesake,
    /// A user of some other name, who became a console admin, another corp's, or neither.
    Another(UserOrigin),
}

pub(super) fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some("A".to_owned())),
        1 => Just(Some("B".to_owned())),
    ]
}

pub(super) fn owner() -> impl Strategy<Value = UserOrigin> {
    prop_oneof![
        Just(UserOrigin::Local),
        Just(UserOrigin::Ours),
        Just(UserOrigin::OtherCorp),
        Just(UserOrigin::ConsoleAdmin)
    ]
}

pub(super) fn person() -> impl Strategy<Value = Person> {
    let status = prop_oneof![3 => Just(None), 3 => Just(Some(1)), 1 => Just(Some(2)), 1 => Just(Some(5))];
    let main = proptest::option::of(1..5_i64);
    let departments = proptest::collection::btree_set(1..5_i64, 0..3);
    (text(), text(), text(), departments, main, status).prop_map(
        |(name, email, mobile, departments, main_department, status)| Person {
            userid: String::new(),
            profile: Profile {
                name,
                email,
                mobile,
                ..Profile::default()
            },
            other_email: None,
            departments: departments.into_iter().collect(),
            main_department,
            status,
        },
    )
}

pub(super) fn user_profile() -> impl Strategy<Value = UserProfile> {
    (text(), text(), text(), any::<bool>(), provenance()).prop_map(
        |(display_name, email, phone_number, proven, provenance)| UserProfile {
            display_name,
            email_verified: proven && email.is_some(),
            email,
            phone_number,
            provenance,
            ..UserProfile::default()
        },
    )
}

/// Fields that WeCom gave, unasked or by consent, by way of this data source or another, that a template made or an admin typed in, and pins.
fn provenance() -> impl Strategy<Value = Provenance> {
    let fields = || {
        let field = prop_oneof![
            Just(Field::DisplayName),
            Just(Field::Email),
            Just(Field::PhoneNumber),
            Just(Field::Picture),
        ];
        proptest::collection::btree_set(field, 0..3)
    };
    let ways = (any::<bool>(), proptest::bool::weighted(0.3), any::<bool>());
    (fields(), 1..3_u128, ways, fields(), fields()).prop_map(|(wecoms, source, ways, changed, pinned)| {
        let (made, consented, biz_mail) = ways;
        let mut provenance = Provenance::default();
        for field in wecoms {
            let source = Uuid::from_u128(source);
            if consented && ONLY_BY_CONSENT.contains(&field) {
                let address = if biz_mail {
                    EmailSource::BizMail
                } else {
                    EmailSource::Email
                };
                provenance.consent(field, (source, (field == Field::Email).then_some(address)), 4);
            } else {
                provenance.take(field, source, true);
            }
        }
        if made {
            provenance.fill_email(true, 2);
        }
        provenance.edit(Edit {
            actor: "token:admin",
            at: 3,
            changed: &changed,
            pinned: Some(&pinned),
        });
        provenance.applied(1)
    })
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    let link = prop_oneof![Just(Bond::None), Just(Bond::Namesake), owner().prop_map(Bond::Another)];
    (
        proptest::option::of((owner(), any::<bool>(), user_profile())),
        proptest::option::of((any::<bool>(), person(), link)),
        proptest::option::of(person()),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(holder, held, seen, unreadable)| Story {
            holder,
            held,
            seen,
            unreadable,
        })
}

pub(super) fn mirror(stories: &[Story], ids: &mut Ids) -> Mirror {
    let mut mirror = Mirror {
        data_source_id: ids.next(),
        corp_id: CORP.to_owned(),
        corp_key: CORP.to_owned(),
        ..Mirror::default()
    };
    for (userid, story) in USERIDS.iter().zip(stories) {
        let namesake = story.holder.as_ref().map(|(owner, departed, profile)| {
            add_user(&mut mirror, ids.next(), userid, *owner, *departed, profile.clone())
        });
        let Some((present, person, link)) = &story.held else {
            continue;
        };
        let user_id = match link {
            Bond::None => None,
            Bond::Namesake => namesake,
            Bond::Another(owner) => {
                let name = format!("renamed-{userid}");
                Some(add_user(
                    &mut mirror,
                    ids.next(),
                    &name,
                    *owner,
                    !present,
                    UserProfile::default(),
                ))
            }
        };
        mirror.members.push(MemberRow {
            id: ids.next(),
            version: 1,
            key: key(userid),
            person: Person {
                userid: (*userid).to_owned(),
                ..person.clone()
            },
            present: *present,
            checked_at: 1,
            missed: false,
            doubt: None,
            user_id,
            outcome: Outcome::Imported,
            reason: None,
        });
    }
    mirror
}

pub(super) fn add_user(
    mirror: &mut Mirror,
    id: Uuid,
    name: &str,
    owner: UserOrigin,
    departed: bool,
    profile: UserProfile,
) -> Uuid {
    mirror.users.push(UserRow {
        id,
        username: name.to_owned(),
        username_key: key(name),
        owner,
        standing: if departed { Standing::Departed } else { Standing::Active },
        profile,
    });
    id
}

pub(super) fn snapshot(stories: &[Story], complete: bool) -> Snapshot {
    let mut snapshot = Snapshot {
        completeness: if complete {
            Completeness::Complete
        } else {
            Completeness::Partial {
                reasons: vec!["user/list failed".to_owned()],
            }
        },
        ..Snapshot::default()
    };
    for (userid, story) in USERIDS.iter().zip(stories) {
        if story.unreadable {
            snapshot.malformed.push(Unreadable {
                userid: Some(userid.to_uppercase()),
                reason: "no list of departments".to_owned(),
            });
        } else if let Some(person) = &story.seen {
            let person = Person {
                userid: (*userid).to_owned(),
                ..person.clone()
            };
            snapshot.members.insert(key(userid), person.into());
        }
    }
    snapshot
}

pub(super) fn rule() -> impl Strategy<Value = DuplicateRule> {
    prop_oneof![Just(DuplicateRule::Overwrite), Just(DuplicateRule::Skip)]
}

pub(super) fn stories() -> impl Strategy<Value = Vec<Story>> {
    proptest::collection::vec(story(), USERIDS.len())
}
