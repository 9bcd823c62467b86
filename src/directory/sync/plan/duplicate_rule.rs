//! The duplicate rule (overwrite or skip): whether a member without a user is linked to an existing one, becomes a new one, or is left out.
//!
//! Equal names prove nothing: a member whose userid is `admin` must not become the local admin. So console admins and users of another
//! corp are never linked, whatever the rule says; nobody new is named so that they look like a console admin; and a user left over from an
//! earlier data source of the corp is linked only to a member who is not somebody else by the table of evidence, because userids are given to
//! others. That is no duplicate but the member's own former user, so they are linked under `skip` as well, with nothing of the user overwritten.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::identity::of_left_over;
use crate::{
    directory::{
        identity::{
            name::NameMatch,
            verdict::{Verdict, weigh},
        },
        sync::{
            mirror::{Mirror, UserOrigin, UserRow},
            snapshot::{Person, key},
            source::DuplicateRule,
        },
    },
    kernel::look_alike::skeleton,
};

/// How far to look for a free `userid-2`, `userid-3` …
const MOST_NAMESAKES: u32 = 1000;

/// What to do with a member who has no user.
#[derive(Debug)]
pub enum Import<'a> {
    /// A new user of this name; with the reason where it is not the userid.
    Create(String, Option<String>),
    /// The existing user is linked.
    Link(&'a UserRow),
    /// Left out by rule.
    Skip(String),
    /// Left out because the name belongs to a user whom a sync never touches.
    Conflict(String),
}

enum Holder<'a> {
    User(&'a UserRow),
    /// Taken by a user this very plan creates.
    Planned,
}

/// All usernames, with the users who have them.
pub struct UsernameIndex<'a> {
    holders: HashMap<String, Holder<'a>>,
    /// Users who are linked to a member already.
    linked: HashSet<Uuid>,
    /// What the usernames of console admins look like.
    console_looks: HashSet<String>,
    corp_id: &'a str,
    rule: DuplicateRule,
}

impl<'a> UsernameIndex<'a> {
    /// Indexes the users and links of the mirror.
    pub fn new(mirror: &'a Mirror, rule: DuplicateRule) -> Self {
        Self {
            holders: mirror
                .users
                .iter()
                .map(|user| (user.username_key.clone(), Holder::User(user)))
                .collect(),
            linked: mirror.members.iter().filter_map(|member| member.user_id).collect(),
            console_looks: mirror
                .users
                .iter()
                .filter(|user| user.owner == UserOrigin::ConsoleAdmin)
                .map(|user| skeleton(&user.username))
                .collect(),
            corp_id: &mirror.corp_id,
            rule,
        }
    }

    /// Whether there is a user of this member's name who is linked to no other member and may be linked to this one.
    pub fn has_linkable_user(&self, person: &Person) -> bool {
        let Some(Holder::User(user)) = self.holders.get(&key(&person.userid)) else {
            return false;
        };
        user.owner.is_touchable() && !self.linked.contains(&user.id)
    }

    /// Decides on a member, and reserves the name or the user it decides on.
    pub fn import(&mut self, person: &Person) -> Import<'a> {
        let decision = self.decide(person);
        match &decision {
            Import::Create(username, _) => {
                self.holders.insert(key(username), Holder::Planned);
            }
            Import::Link(user) => {
                self.linked.insert(user.id);
            }
            Import::Skip(_) | Import::Conflict(_) => {}
        }
        decision
    }

    fn decide(&self, person: &Person) -> Import<'a> {
        let userid = &person.userid;
        match self.holders.get(&key(userid)) {
            None if self.console_looks.contains(&skeleton(userid)) => {
                Import::Conflict(format!("the username {userid} looks like that of a console admin"))
            }
            None => Import::Create(userid.to_owned(), None),
            Some(Holder::Planned) => self.numbered(person, "another member"),
            Some(Holder::User(user)) => self.decide_against(person, user),
        }
    }

    fn decide_against(&self, person: &Person, user: &'a UserRow) -> Import<'a> {
        let userid = &person.userid;
        match user.owner {
            UserOrigin::ConsoleAdmin => Import::Conflict(format!(
                "the username {userid} belongs to a console admin, whom a sync never touches"
            )),
            UserOrigin::OtherCorp => self.qualified(person),
            UserOrigin::Local | UserOrigin::Ours if self.linked.contains(&user.id) => {
                self.numbered(person, "another member")
            }
            UserOrigin::Ours if may_be(user, person) => Import::Link(user),
            UserOrigin::Ours => self.numbered(person, "another person, who had this userid before"),
            UserOrigin::Local if self.rule == DuplicateRule::Skip => {
                Import::Skip(format!("a user named {userid} exists and the duplicate rule is skip"))
            }
            UserOrigin::Local => Import::Link(user),
        }
    }

    /// Finds a user left over under a name that is not the userid, who is linked to no member and by all that is known this person.
    fn left_over(&self, username: &str, person: &Person) -> Option<&'a UserRow> {
        let Some(Holder::User(user)) = self.holders.get(&key(username)) else {
            return None;
        };
        let theirs = user.owner == UserOrigin::Ours && !self.linked.contains(&user.id);
        let same_name = of_left_over(&user.profile, person).name == NameMatch::Equal;
        (theirs && same_name && may_be(user, person)).then_some(*user)
    }

    /// Imports as `userid@corp`, because the plain name belongs to a user of another corp.
    fn qualified(&self, person: &Person) -> Import<'a> {
        let userid = &person.userid;
        let username = format!("{userid}@{}", self.corp_id);
        if let Some(user) = self.left_over(&username, person) {
            return Import::Link(user);
        }
        if self.holders.contains_key(&key(&username)) {
            return Import::Conflict(format!(
                "the username {userid} belongs to a user of another corp, and {username} is taken as well"
            ));
        }
        let reason = format!("imported as {username}: the username {userid} belongs to a user of another corp");
        Import::Create(username, Some(reason))
    }

    /// Imports as `userid-2` and so on, because the plain name belongs to somebody else of this corp, perhaps one who left.
    fn numbered(&self, person: &Person, holder: &str) -> Import<'a> {
        let userid = &person.userid;
        for number in 2..=MOST_NAMESAKES {
            let username = format!("{userid}-{number}");
            if let Some(user) = self.left_over(&username, person) {
                return Import::Link(user);
            }
            if !self.holders.contains_key(&key(&username)) {
                let reason = format!("imported as {username}: the username {userid} belongs to {holder}");
                return Import::Create(username, Some(reason));
            }
        }
        Import::Conflict(format!("the username {userid} and its numbered forms are taken"))
    }
}

/// Whether a user left over may be this person. Where that is in doubt the member is linked all the same, and an admin is asked.
fn may_be(user: &UserRow, person: &Person) -> bool {
    weigh(of_left_over(&user.profile, person)).verdict != Verdict::SomebodyElse
}
