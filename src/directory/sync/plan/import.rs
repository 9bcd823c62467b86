//! Whether a member without a user becomes one, and under which name.
//!
//! Equal names prove nothing: a member whose userid is `admin` must not become the local admin. So console admins and users of another
//! corp are never linked, whatever the rule says.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::directory::sync::{
    mirror::{Mirror, Owner, UserRow},
    snapshot::{Person, key},
    source::DuplicateRule,
};

/// How far to look for a free `userid-2`, `userid-3` …
const MOST_NAMESAKES: u32 = 1000;

/// What to do with a member who has no user.
#[derive(Debug)]
pub enum Import<'a> {
    /// A new user of this name; with the reason where it is not the userid.
    Create(String, Option<String>),
    /// The existing user becomes theirs.
    Link(&'a UserRow),
    /// Left out by rule.
    Skip(String),
    /// Left out because the name is somebody's whom a sync never touches.
    Conflict(String),
}

enum Holder<'a> {
    User(&'a UserRow),
    /// Taken by a user this very plan creates.
    Planned,
}

/// All usernames, with who has them.
pub struct Names<'a> {
    holders: HashMap<String, Holder<'a>>,
    /// Users who are some member already.
    linked: HashSet<Uuid>,
    corp_id: &'a str,
    rule: DuplicateRule,
}

impl<'a> Names<'a> {
    /// From what we hold.
    pub fn new(mirror: &'a Mirror, rule: DuplicateRule) -> Self {
        Self {
            holders: mirror
                .users
                .iter()
                .map(|user| (user.username_key.clone(), Holder::User(user)))
                .collect(),
            linked: mirror.members.iter().filter_map(|member| member.user_id).collect(),
            corp_id: &mirror.corp_id,
            rule,
        }
    }

    /// Whether there is a user of this member's name who is no other member's and may become theirs.
    pub fn is_user(&self, person: &Person) -> bool {
        let Some(Holder::User(user)) = self.holders.get(&key(&person.userid)) else {
            return false;
        };
        user.owner.is_touchable() && !self.linked.contains(&user.id)
    }

    /// Decides, and reserves the name or the user it decides on.
    pub fn import(&mut self, person: &Person) -> Import<'a> {
        let decision = self.decide(&person.userid);
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

    fn decide(&self, userid: &str) -> Import<'a> {
        match self.holders.get(&key(userid)) {
            None => Import::Create(userid.to_owned(), None),
            Some(Holder::Planned) => self.numbered(userid),
            Some(Holder::User(user)) => self.decide_against(userid, user),
        }
    }

    fn decide_against(&self, userid: &str, user: &'a UserRow) -> Import<'a> {
        match user.owner {
            Owner::ConsoleAdmin => Import::Conflict(format!(
                "the username {userid} belongs to a console admin, whom a sync never touches"
            )),
            Owner::OtherCorp => self.qualified(userid),
            Owner::Local | Owner::Ours if self.linked.contains(&user.id) => self.numbered(userid),
            Owner::Local | Owner::Ours => match self.rule {
                DuplicateRule::Overwrite => Import::Link(user),
                DuplicateRule::Skip => {
                    Import::Skip(format!("a user named {userid} exists and the duplicate rule is skip"))
                }
            },
        }
    }

    /// `userid@corp`, because the plain name belongs to a user of another corp.
    fn qualified(&self, userid: &str) -> Import<'a> {
        let username = format!("{userid}@{}", self.corp_id);
        if self.holders.contains_key(&key(&username)) {
            return Import::Conflict(format!(
                "the username {userid} belongs to a user of another corp, and {username} is taken as well"
            ));
        }
        let reason = format!("imported as {username}: the username {userid} belongs to a user of another corp");
        Import::Create(username, Some(reason))
    }

    /// `userid-2` and so on, because the plain name belongs to another member of this corp, perhaps one who left.
    fn numbered(&self, userid: &str) -> Import<'a> {
        let free = (2..=MOST_NAMESAKES)
            .map(|number| format!("{userid}-{number}"))
            .find(|username| !self.holders.contains_key(&key(username)));
        match free {
            Some(username) => {
                let reason = format!("imported as {username}: the username {userid} belongs to another member");
                Import::Create(username, Some(reason))
            }
            None => Import::Conflict(format!("the username {userid} and its numbered forms are taken")),
        }
    }
}
