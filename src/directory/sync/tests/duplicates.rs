//! Tests of the keys by which a member is found to be an existing user: what counts, what is unclear, and what never counts.

use super::model::Ids;
use crate::directory::importing::outcome::Outcome;
use crate::directory::{
    email::VouchedDomain,
    importing::rules::{ImportRules, MatchKey},
    sync::{
        mirror::{Mirror, Standing, UserOrigin, UserProfile, UserRow},
        plan::{
            model::{MemberChange, UserChange},
            plan,
        },
        snapshot::{Person, Profile, Snapshot, key},
        source::DuplicateRule,
    },
};

const EMAIL: &str = "hua@corp.example";
const MOBILE: &str = "13800000000";

fn member(userid: &str) -> Person {
    Person {
        userid: userid.to_owned(),
        profile: Profile {
            name: Some("李华".to_owned()),
            email: Some("Hua@Corp.example".to_owned()),
            mobile: Some("+86 138-0000-0000".to_owned()),
            ..Profile::default()
        },
        departments: vec![1],
        other_email: None,
        main_department: None,
        status: Some(1),
    }
}

/// A user with a verified address and number.
fn user(id: &mut Ids, username: &str, owner: UserOrigin) -> UserRow {
    UserRow {
        id: id.next(),
        username: username.to_owned(),
        username_key: key(username),
        owner,
        standing: Standing::Active,
        profile: UserProfile {
            display_name: Some("李华".to_owned()),
            email: Some(EMAIL.to_owned()),
            email_verified: true,
            phone_number: Some(MOBILE.to_owned()),
            phone_verified: true,
            ..UserProfile::default()
        },
    }
}

struct World {
    mirror: Mirror,
    ids: Ids,
}

impl World {
    fn new(keys: &[MatchKey]) -> Self {
        let mut ids = Ids(0);
        let mirror = Mirror {
            data_source_id: ids.next(),
            corp_id: "ww1".to_owned(),
            corp_key: "ww1".to_owned(),
            import: ImportRules {
                match_by: keys.to_vec(),
                ..ImportRules::default()
            },
            vouched_domains: vec![VouchedDomain {
                domain: "corp.example".to_owned(),
                vouched_by: "token:x".to_owned(),
                vouched_at: 1,
            }],
            ..Mirror::default()
        };
        Self { mirror, ids }
    }

    fn with(mut self, username: &str, owner: UserOrigin, change: fn(&mut UserRow)) -> Self {
        let mut row = user(&mut self.ids, username, owner);
        change(&mut row);
        self.mirror.users.push(row);
        self
    }

    fn template(mut self, template: &str) -> Self {
        template.clone_into(&mut self.mirror.import.username_template);
        self
    }

    fn unvouched(mut self) -> Self {
        self.mirror.vouched_domains.clear();
        self
    }

    fn import(&self, rule: DuplicateRule, people: &[Person]) -> Vec<MemberChange> {
        let snapshot = Snapshot {
            members: people
                .iter()
                .map(|person| (key(&person.userid), person.clone().into()))
                .collect(),
            ..Snapshot::default()
        };
        plan(&self.mirror, &snapshot, rule).members
    }

    /// What becomes of one member: the username of the user they are linked to, `new NAME`, or the outcome, each with the reason.
    fn told(&self, rule: DuplicateRule, person: &Person) -> (String, String) {
        let changes = self.import(rule, std::slice::from_ref(person));
        let [change] = changes.as_slice() else {
            panic!("{changes:?}")
        };
        (self.of(change), change.reason.clone().unwrap_or_default())
    }

    fn of(&self, change: &MemberChange) -> String {
        match &change.user {
            UserChange::Create { username, .. } => format!("new {username}"),
            UserChange::Write { id, link: true, .. } => {
                let user = self.mirror.users.iter().find(|user| user.id == *id);
                user.unwrap().username.clone()
            }
            _ => change.outcome.word().to_owned(),
        }
    }
}

use DuplicateRule::{Overwrite, Skip};
use MatchKey::{Email, Mobile, Username};
use UserOrigin::{ConsoleAdmin, Local, OtherCorp, Ours};

const ANYBODY: fn(&mut UserRow) = |_| {};

#[test]
fn each_key_finds_only_where_it_is_one_and_only_what_is_verified() {
    let unverified: fn(&mut UserRow) = |row| {
        row.profile.email_verified = false;
        row.profile.phone_verified = false;
    };
    for (keys, change, found) in [
        (&[Email][..], ANYBODY, true),
        (&[Mobile], ANYBODY, true),
        (&[Username, Email, Mobile], ANYBODY, true),
        (&[Username], ANYBODY, false),
        (&[], ANYBODY, false),
        (&[Email, Mobile], unverified, false),
        (&[Mobile], |row| row.profile.phone_verified = false, false),
        (&[Email], |row| row.profile.email_verified = false, false),
        (
            &[Email],
            |row| row.profile.email = Some("other@corp.example".to_owned()),
            false,
        ),
        (
            &[Mobile],
            |row| row.profile.phone_number = Some("13900000000".to_owned()),
            false,
        ),
    ] {
        let world = World::new(keys).with("boss", Local, change);
        let (overwritten, _) = world.told(Overwrite, &member("lihua"));
        assert_eq!(overwritten, if found { "boss" } else { "new lihua" }, "{keys:?}");
        let (skipped, reason) = world.told(Skip, &member("lihua"));
        assert_eq!(skipped, if found { "skipped" } else { "new lihua" }, "{keys:?}");
        assert!(
            !found || reason.contains("boss") && reason.contains("verified"),
            "{reason}"
        );
    }
}

#[test]
fn by_username_a_member_is_found_as_before_and_without_that_key_gets_another_name() {
    let unreachable: fn(&mut UserRow) = |row| row.profile = UserProfile::default();
    let by_name = World::new(&[Username]).with("LiHua", Local, unreachable);
    assert_eq!(by_name.told(Overwrite, &member("lihua")).0, "LiHua");
    assert_eq!(by_name.told(Skip, &member("lihua")).0, "skipped");
    let by_email = World::new(&[Email]).with("LiHua", Local, unreachable);
    for rule in [Overwrite, Skip] {
        assert_eq!(by_email.told(rule, &member("lihua")).0, "new lihua-2");
    }
}

#[test]
fn what_is_ambiguous_is_a_conflict_and_nobody_is_guessed() {
    let all = &[Username, Email, Mobile][..];
    let reachable_by_mobile: fn(&mut UserRow) = |row| row.profile.email_verified = false;
    let reachable_by_email: fn(&mut UserRow) = |row| row.profile.phone_verified = false;
    let unreachable: fn(&mut UserRow) = |row| row.profile = UserProfile::default();
    let worlds = [
        World::new(all)
            .with("one", Local, reachable_by_email)
            .with("two", Local, reachable_by_email),
        World::new(all)
            .with("one", Local, reachable_by_email)
            .with("two", Local, reachable_by_mobile),
        World::new(all)
            .with("lihua", Local, unreachable)
            .with("two", Local, reachable_by_mobile),
        World::new(&[Email])
            .with("one", Ours, ANYBODY)
            .with("two", Local, ANYBODY),
    ];
    for (index, world) in worlds.iter().enumerate() {
        for rule in [Overwrite, Skip] {
            let (told, reason) = world.told(rule, &member("lihua"));
            assert_eq!(told, "conflict", "{index} {reason}");
        }
    }
    // Two members with one address: neither is guessed.
    let world = World::new(&[Email]).with("boss", Local, ANYBODY);
    let changes = world.import(Overwrite, &[member("lihua"), member("wangwu")]);
    assert!(
        changes.iter().all(|change| change.outcome == Outcome::Conflict),
        "{changes:?}"
    );
    // Nor where one is found by the address and the other by the number.
    let world = World::new(&[Email, Mobile]).with("boss", Local, ANYBODY);
    let (mut by_email, mut by_mobile) = (member("lihua"), member("wangwu"));
    (by_email.profile.mobile, by_mobile.profile.email) = (None, None);
    let changes = world.import(Overwrite, &[by_email, by_mobile]);
    assert!(
        changes.iter().all(|change| change.outcome == Outcome::Conflict),
        "{changes:?}"
    );
    // All keys find the same user: that is the one.
    let world = World::new(all).with("lihua", Local, ANYBODY);
    assert_eq!(world.told(Overwrite, &member("lihua")).0, "lihua");
}

#[test]
fn protected_users_are_found_by_no_key() {
    for owner in [ConsoleAdmin, OtherCorp] {
        let world = World::new(&[Username, Email, Mobile]).with("boss", owner, ANYBODY);
        assert_eq!(world.told(Overwrite, &member("lihua")).0, "new lihua", "{owner:?}");
        let (told, _) = world.told(Overwrite, &member("boss"));
        assert_eq!(
            told,
            if owner == ConsoleAdmin {
                "conflict"
            } else {
                "new boss@ww1"
            }
        );
    }
}

#[test]
fn an_address_that_the_member_may_have_entered_takes_nobody_over() {
    let world = World::new(&[Email]).with("boss", Local, ANYBODY).unvouched();
    let (told, reason) = world.told(Overwrite, &member("lihua"));
    assert_eq!(told, "conflict");
    assert!(reason.contains("entered that themselves"), "{reason}");
    // A number is bound by a message.
    let world = World::new(&[Email, Mobile]).with("boss", Local, ANYBODY).unvouched();
    assert_eq!(world.told(Overwrite, &member("lihua")).0, "boss");
}

#[test]
fn a_name_made_of_what_members_can_edit_takes_nobody_over() {
    let named = |alias: &str| {
        let mut person = member("lihua");
        person.profile.alias = Some(alias.to_owned());
        person
    };
    let unreachable: fn(&mut UserRow) = |row| row.profile = UserProfile::default();
    let world = World::new(&[Username])
        .with("boss", Local, unreachable)
        .template("{alias}");
    let (told, reason) = world.told(Overwrite, &named("boss"));
    assert_eq!(told, "conflict", "{reason}");
    assert_eq!(world.told(Skip, &named("boss")).0, "skipped");
    assert_eq!(world.told(Overwrite, &named("hua")).0, "new hua");
    // Nor a user whom the corp left over, unless their own name is the same.
    let left = World::new(&[Username])
        .with("boss", Ours, unreachable)
        .template("{alias}");
    assert_eq!(left.told(Overwrite, &named("boss")).0, "new boss-2");
    let theirs = World::new(&[Username]).with("boss", Ours, ANYBODY).template("{alias}");
    assert_eq!(theirs.told(Skip, &named("boss")).0, "boss");
    // Which they may have entered as well: where neither number nor address says it, nobody is taken for the one before.
    let mut silent = named("boss");
    (silent.profile.email, silent.profile.mobile) = (None, None);
    assert_eq!(theirs.told(Skip, &silent).0, "new boss-2");
    // A userid is the company's.
    let world = World::new(&[Username])
        .with("qy-lihua", Local, unreachable)
        .template("qy-{userid}");
    assert_eq!(world.told(Overwrite, &member("lihua")).0, "qy-lihua");
}

#[test]
fn a_template_names_new_users_and_falls_back_to_the_userid() {
    let world = World::new(&[Username]).template("{alias}");
    let (told, reason) = world.told(Skip, &member("lihua"));
    assert_eq!(told, "new lihua");
    assert!(reason.contains("gives no alias"), "{reason}");
    let world = World::new(&[Username])
        .with("hua", OtherCorp, ANYBODY)
        .template("{email}");
    let (told, reason) = world.told(Skip, &member("lihua"));
    assert_eq!(told, "new Hua@ww1", "{reason}");
    // Whoever was imported before the template came is found again.
    let world = World::new(&[Username]).with("lihua", Ours, ANYBODY).template("{email}");
    assert_eq!(world.told(Skip, &member("lihua")).0, "lihua");
}

#[test]
fn a_former_user_under_another_userid_has_to_be_the_same_person() {
    for (name, found) in [("李华", true), ("王小明", false)] {
        let mut world = World::new(&[Email, Mobile]).with("old-userid", Ours, ANYBODY);
        world.mirror.users[0].profile.display_name = Some(name.to_owned());
        let (told, _) = world.told(Skip, &member("lihua"));
        assert_eq!(told, if found { "old-userid" } else { "new lihua" }, "{name}");
    }
}
