//! The duplicate rule (overwrite or skip): whether a member without a user is linked to an existing one, becomes a new one, or is left out.
//!
//! Equal names prove nothing: a member whose userid is `admin` must not become the local admin. So console admins and users of another
//! corp are never linked, whatever the rule says; nobody new is named so that they look like a console admin; and a user left over from an
//! earlier data source of the corp is linked only to a member who is not somebody else by the table of evidence, because userids are given to
//! others. That is no duplicate but the member's own former user, so they are linked under `skip` as well, with nothing of the user overwritten.
//! What an admin decided about a member comes before the rule, and is bound by the same protections.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{
    claims::{self, Moved},
    existing_users::ExistingUsers,
    identity::{is_under_another_userid, may_be, of_left_over},
    protection::{CONSOLE_ADMIN, OTHER_CORP, OTHER_MEMBER, Protection},
};
use crate::{
    directory::{
        identity::name::NameMatch,
        importing::{
            decision::ImportDecision,
            outcome::Outcome,
            rules::{ImportMode, MatchKey},
            template::{UsernameTemplate, WantedName},
        },
        sync::{
            mirror::{Mirror, UserOrigin, UserRow},
            snapshot::{Person, Snapshot, key},
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
    /// A new user of this name; with the reason where it is not the one that was wanted.
    Create(String, Option<String>),
    /// The existing user is linked.
    Link(&'a UserRow),
    /// The existing user is linked, because an admin said so.
    LinkAsDecided(&'a UserRow),
    /// Left out by rule.
    Skip(String),
    /// Left out because the name belongs to a user whom a sync never touches, or because nobody is guessed.
    Conflict(String),
    /// Left out because an admin wants it so.
    LeaveOut(Outcome, &'static str),
}

enum Holder<'a> {
    User(&'a UserRow),
    /// Taken by a user this very plan creates, or by one of a member of whom nothing is planned.
    Planned,
}

/// Whom a member duplicates.
enum Duplicate<'a> {
    Nobody,
    /// This user; how the user was found, and whether nothing that the member may have entered led there.
    User(&'a UserRow, &'static str, bool),
    /// An admin must say.
    Unclear(String),
}

/// A user as an admin who decides a conflict sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Row id.
    pub id: Uuid,
    /// Username.
    pub username: String,
    /// What is the same.
    pub matched: Vec<MatchKey>,
    /// Why no member may be linked to them.
    pub protected: Option<Protection>,
}

/// All usernames, with the users who have them.
pub struct UsernameIndex<'a> {
    holders: HashMap<String, Holder<'a>>,
    existing: ExistingUsers<'a>,
    /// How many members duplicate a user by some key.
    claims: HashMap<Uuid, usize>,
    /// Users who are linked to a member already.
    linked: HashSet<Uuid>,
    /// What the usernames of console admins look like.
    console_looks: HashSet<String>,
    corp_id: &'a str,
    rule: DuplicateRule,
    mode: ImportMode,
    template: UsernameTemplate,
}

impl<'a> UsernameIndex<'a> {
    /// Indexes the users and links of the mirror, for the members of this snapshot.
    pub fn new(mirror: &'a Mirror, snapshot: &Snapshot, rule: DuplicateRule, moved: &Moved<'_>) -> Self {
        let template = UsernameTemplate::parse(&mirror.import.username_template);
        let settled = mirror.settled_names.iter().map(|name| (name.clone(), Holder::Planned));
        let mut index = Self {
            holders: mirror
                .users
                .iter()
                .map(|user| (user.username_key.clone(), Holder::User(user)))
                .chain(settled)
                .collect(),
            existing: ExistingUsers::new(mirror, snapshot),
            claims: HashMap::new(),
            linked: mirror.members.iter().filter_map(|member| member.user_id).collect(),
            console_looks: mirror
                .users
                .iter()
                .filter(|user| user.owner == UserOrigin::ConsoleAdmin)
                .map(|user| skeleton(&user.username))
                .collect(),
            corp_id: &mirror.corp_id,
            rule,
            mode: mirror.import.mode,
            template: template.unwrap_or_else(UsernameTemplate::by_userid),
        };
        // By the name alone no two find the same user.
        if [MatchKey::Email, MatchKey::Mobile]
            .into_iter()
            .any(|key| mirror.import.match_by.contains(&key))
        {
            index.claims = claims::count(mirror, snapshot, moved, |person| index.claimed_by(person));
        }
        index
    }

    /// The users whom a member duplicates by any key.
    fn claimed_by(&self, person: &Person) -> BTreeSet<Uuid> {
        let by_name = self
            .by_name(person, &self.template.name_of(person))
            .map(|(user, ..)| user.id);
        let by_values = self.existing.by_values(person, false).into_iter();
        let by_values = by_values.flat_map(|by| by.users).filter(|user| self.fits(user, person));
        let by_values = by_values.map(|user| user.id);
        by_name.into_iter().chain(by_values).collect()
    }

    /// Whether there is a user of this member's name who is linked to no other member and may be linked to this one.
    pub fn has_linkable_user(&self, person: &Person) -> bool {
        let Some(Holder::User(user)) = self.holders.get(&key(&self.template.name_of(person).username)) else {
            return false;
        };
        self.protection(user).is_none()
    }

    /// Decides on a member, and reserves the name or the user it decides on.
    pub fn import(&mut self, person: &Person, decided: Option<&ImportDecision>) -> Import<'a> {
        let decision = match decided {
            Some(decided) => self.as_decided(person, decided),
            None if self.mode == ImportMode::Chosen => {
                Import::LeaveOut(Outcome::NotChosen, "nobody has chosen this member")
            }
            None => self.decide(person),
        };
        match &decision {
            Import::Create(username, _) => {
                self.holders.insert(key(username), Holder::Planned);
            }
            Import::Link(user) | Import::LinkAsDecided(user) => {
                self.linked.insert(user.id);
            }
            Import::Skip(_) | Import::Conflict(_) | Import::LeaveOut(..) => {}
        }
        decision
    }

    /// The users whom a member may duplicate, for an admin to look at.
    pub fn candidates(&self, person: &Person) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let mut add = |user: &UserRow, matched: MatchKey| match found.iter_mut().find(|known| known.id == user.id) {
            Some(known) if known.matched.contains(&matched) => {}
            Some(known) => known.matched.push(matched),
            None => found.push(Candidate {
                id: user.id,
                username: user.username.clone(),
                matched: vec![matched],
                protected: self.protection(user),
            }),
        };
        for name in [&self.template.name_of(person).username, &person.userid] {
            if let Some(Holder::User(user)) = self.holders.get(&key(name)) {
                add(user, MatchKey::Username);
            }
        }
        for by in self.existing.by_values(person, true) {
            by.users.iter().for_each(|user| add(user, by.key));
        }
        found
    }

    /// Why no member may be linked to this user.
    fn protection(&self, user: &UserRow) -> Option<Protection> {
        match user.owner {
            UserOrigin::ConsoleAdmin => Some(CONSOLE_ADMIN),
            UserOrigin::OtherCorp => Some(OTHER_CORP),
            UserOrigin::Local | UserOrigin::Ours if self.linked.contains(&user.id) => Some(OTHER_MEMBER),
            UserOrigin::Local | UserOrigin::Ours => None,
        }
    }

    fn as_decided(&self, person: &Person, decided: &ImportDecision) -> Import<'a> {
        match decided {
            ImportDecision::Import => self.decide(person),
            ImportDecision::Rename(to) | ImportDecision::Approve(to) => match self.holders.contains_key(&key(to)) {
                true => Import::Conflict(format!(
                    "the username {to}, which an admin chose, belongs to somebody else"
                )),
                false => Import::Create(to.clone(), Some("an admin chose the username".to_owned())),
            },
            ImportDecision::Link(id) => {
                let user = self.holders.values().find_map(|holder| match holder {
                    Holder::User(user) if user.id == *id => Some(*user),
                    _ => None,
                });
                match user.map(|user| (user, self.protection(user))) {
                    Some((user, None)) => Import::LinkAsDecided(user),
                    Some((_, Some(why))) => Import::Conflict(format!("the user whom an admin chose is {}", why.en)),
                    None => Import::Conflict("the user whom an admin chose is not there any more".to_owned()),
                }
            }
            ImportDecision::Ignore => Import::LeaveOut(Outcome::Ignored, "an admin decided that this member stays out"),
            ImportDecision::Exclude => {
                Import::LeaveOut(Outcome::NotChosen, "an admin took this member out of the choice")
            }
        }
    }

    fn decide(&self, person: &Person) -> Import<'a> {
        let wanted = self.template.name_of(person);
        match self.duplicate(person, &wanted) {
            Duplicate::Nobody => self.name(person, wanted),
            Duplicate::Unclear(reason) => Import::Conflict(reason),
            Duplicate::User(user, how, _) if self.claims.get(&user.id).is_some_and(|members| *members > 1) => {
                Import::Conflict(format!(
                    "a user {how} exists ({}), and several members duplicate it",
                    user.username
                ))
            }
            Duplicate::User(user, _, true) if user.owner == UserOrigin::Ours => Import::Link(user),
            Duplicate::User(user, how, _) if self.rule == DuplicateRule::Skip => Import::Skip(format!(
                "a user {how} exists ({}) and the duplicate rule is skip",
                user.username
            )),
            Duplicate::User(user, _, true) => Import::Link(user),
            Duplicate::User(user, how, false) => Import::Conflict(format!(
                "a user {how} exists ({}), but the member may have entered that themselves",
                user.username
            )),
        }
    }

    /// The user of nobody else whom the data source's keys find, and the one whom the corp left over.
    fn duplicate(&self, person: &Person, wanted: &WantedName) -> Duplicate<'a> {
        let mut found = match self.by_name(person, wanted) {
            Some((user, how, proven)) => Duplicate::User(user, how, proven),
            None => Duplicate::Nobody,
        };
        for by in self.existing.by_values(person, false) {
            let how = match by.key {
                MatchKey::Email => "with the same verified e-mail address",
                _ => "with the same verified mobile number",
            };
            let theirs = by.users.iter().copied().filter(|user| self.fits(user, person));
            let theirs: Vec<&'a UserRow> = theirs.collect();
            let user = match theirs.as_slice() {
                [] => continue,
                [user] => *user,
                _ => return Duplicate::Unclear(format!("several users {how} exist")),
            };
            if by.shared {
                return Duplicate::Unclear(format!(
                    "a user {how} exists ({}), and several members have it",
                    user.username
                ));
            }
            found = match found {
                Duplicate::User(other, ..) if other.id != user.id => {
                    return Duplicate::Unclear(format!(
                        "different keys find different users: {} and, {how}, {}",
                        other.username, user.username
                    ));
                }
                Duplicate::User(user, how, proven) => Duplicate::User(user, how, proven || by.proven),
                _ => Duplicate::User(user, how, by.proven),
            };
        }
        found
    }

    /// Whether a user whom address or number found may be the member's: one whom the corp left over has to be the same person by the table
    /// of evidence, under another userid.
    fn fits(&self, user: &UserRow, person: &Person) -> bool {
        let local = user.owner == UserOrigin::Local;
        self.protection(user).is_none() && (local || is_under_another_userid(&user.profile, person))
    }

    /// The user whom the name finds: a local one, where names are a key, or the member's own former one.
    fn by_name(&self, person: &Person, wanted: &WantedName) -> Option<(&'a UserRow, &'static str, bool)> {
        let how = "of the same username";
        let held = match self.holders.get(&key(&wanted.username)) {
            Some(Holder::User(user)) if self.protection(user).is_none() => Some(*user),
            _ => None,
        };
        // A name that the member may have entered says less than the userid: then the person's own name must be the same as well.
        let former =
            held.filter(|user| !wanted.editable && user.owner == UserOrigin::Ours && may_be(&user.profile, person));
        // Whoever came before the template has the userid for a name.
        let former = former.or_else(|| self.left_over(&person.userid, person, false));
        if let Some(user) = former.or_else(|| self.left_over(&wanted.username, person, wanted.editable)) {
            return Some((user, how, true));
        }
        let local =
            held.filter(|user| user.owner == UserOrigin::Local && self.existing.is_matched_by(MatchKey::Username))?;
        Some((local, how, !wanted.editable))
    }

    /// Names a new user.
    fn name(&self, person: &Person, wanted: WantedName) -> Import<'a> {
        let username = &wanted.username;
        let import = match self.holders.get(&key(username)) {
            None if self.console_looks.contains(&skeleton(username)) => {
                Import::Conflict(format!("the username {username} looks like that of a console admin"))
            }
            None => Import::Create(username.clone(), None),
            Some(Holder::Planned) => self.numbered(person, &wanted, "another member"),
            Some(Holder::User(user)) => match user.owner {
                UserOrigin::ConsoleAdmin => Import::Conflict(format!(
                    "the username {username} belongs to a console admin, whom a sync never touches"
                )),
                UserOrigin::OtherCorp => self.qualified(person, &wanted),
                _ if self.linked.contains(&user.id) => self.numbered(person, &wanted, "another member"),
                UserOrigin::Ours => self.numbered(person, &wanted, "another person, who had this userid before"),
                UserOrigin::Local => self.numbered(person, &wanted, "somebody else"),
            },
        };
        match (import, wanted.note) {
            (Import::Create(username, reason), Some(note)) => {
                let reason = reason.map_or_else(|| note.clone(), |reason| format!("{reason}; {note}"));
                Import::Create(username, Some(reason))
            }
            (import, _) => import,
        }
    }

    /// Finds a user left over under a name that is not the userid, who is linked to no member and by all that is known this person. Under an
    /// `editable` one the member may have entered both names: then number or address have to say it.
    fn left_over(&self, username: &str, person: &Person, editable: bool) -> Option<&'a UserRow> {
        let Some(Holder::User(user)) = self.holders.get(&key(username)) else {
            return None;
        };
        let theirs = user.owner == UserOrigin::Ours && !self.linked.contains(&user.id);
        let same_name = of_left_over(&user.profile, person).name == NameMatch::Equal;
        let weighs = if editable { is_under_another_userid } else { may_be };
        let may_be = weighs(&user.profile, person);
        (theirs && same_name && may_be).then_some(*user)
    }

    /// Imports as `name@corp`, because the plain name belongs to a user of another corp.
    fn qualified(&self, person: &Person, wanted: &WantedName) -> Import<'a> {
        let plain = &wanted.username;
        let username = format!("{plain}@{}", self.corp_id);
        if let Some(user) = self.left_over(&username, person, wanted.editable) {
            return Import::Link(user);
        }
        if self.holders.contains_key(&key(&username)) {
            let why =
                format!("the username {plain} belongs to a user of another corp, and {username} is taken as well");
            return Import::Conflict(why);
        }
        let reason = format!("imported as {username}: the username {plain} belongs to a user of another corp");
        Import::Create(username, Some(reason))
    }

    /// Imports as `name-2` and so on, because the plain name belongs to somebody else of this corp, perhaps one who left.
    fn numbered(&self, person: &Person, wanted: &WantedName, holder: &str) -> Import<'a> {
        let plain = &wanted.username;
        for number in 2..=MOST_NAMESAKES {
            let username = format!("{plain}-{number}");
            if let Some(user) = self.left_over(&username, person, wanted.editable) {
                return Import::Link(user);
            }
            if !self.holders.contains_key(&key(&username)) {
                let reason = format!("imported as {username}: the username {plain} belongs to {holder}");
                return Import::Create(username, Some(reason));
            }
        }
        Import::Conflict(format!("the username {plain} and its numbered forms are taken"))
    }
}
