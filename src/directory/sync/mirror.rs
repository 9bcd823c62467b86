//! Mirror: the current state of one data source as our database holds it, reduced to what a plan is compared with.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::snapshot::{Person, PersonDigest, Profile, ScopeLine, Snapshot};
use crate::directory::{
    email::VouchedDomain,
    identity::evidence::{Link, Traits},
    importing::{decision::ImportDecision, outcome::Outcome, rules::ImportRules},
    user::provenance::{Field, Origin, Provenance},
};
use crate::kernel::clock::Timestamp;

/// Current state of a data source, as far as a plan needs it.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    /// The data source.
    pub data_source_id: Uuid,
    /// Its corp.
    pub corp_id: String,
    /// Names that corp in its mode, as users keep it.
    pub corp_key: String,
    /// Departments of the data source.
    pub departments: Vec<DepartmentRow>,
    /// Tags of the data source.
    pub tags: Vec<TagRow>,
    /// The integration app.
    pub app: Option<AppRow>,
    /// Whether people go on while it is in doubt who they are.
    pub doubtful_continue: bool,
    /// Whether a sync sees the whole corp, and not only who is inside the app's visible scope.
    pub whole_corp: bool,
    /// Whether people may sign in through other apps of the corp as well.
    pub other_apps: bool,
    /// Those of them whose scope is known.
    pub others: Vec<OtherApp>,
    /// Who becomes a user, and who is one already.
    pub import: ImportRules,
    /// Domains whose addresses are verified, because an admin vouches for them.
    pub vouched_domains: Vec<VouchedDomain>,
    /// What admins decided about the import of members, by their rows.
    pub decisions: HashMap<Uuid, ImportDecision>,
    /// Userids that WeCom said were changed, and that are not settled.
    pub told: Vec<ToldRename>,
    /// Members of the data source, tombstones included, but for those who are settled.
    pub members: Vec<MemberRow>,
    /// All users, of whichever corp, since usernames are shared; but for those of members who are settled.
    pub users: Vec<UserRow>,
    /// Members who are there and in order, whatever becomes of the others: nothing is planned of them.
    pub settled: Vec<Settled>,
    /// Usernames of their users, lower-cased, where somebody else may want one.
    pub settled_names: Vec<String>,
}

impl Mirror {
    /// Adds to a snapshot what no list told of a department and we hold: its parent.
    pub fn complete(&self, snapshot: &mut Snapshot) {
        let mut parentless = snapshot.departments.iter_mut().filter(|fact| fact.parent_id.is_none());
        let Some(first) = parentless.next() else { return };
        let held = self.departments.iter().map(|row| (row.wecom_id, row.parent_wecom_id));
        let held: HashMap<i64, i64> = held.collect();
        for fact in std::iter::once(first).chain(parentless) {
            fact.parent_id = held.get(&fact.id).copied();
        }
    }
}

/// A userid that WeCom said was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRename {
    /// The key before.
    pub old: String,
    /// The key now.
    pub new: String,
    /// When it happened, by WeCom's clock, which tells seconds.
    pub happened_at: Timestamp,
    /// When it was told.
    pub told_at: Timestamp,
    /// WeCom may still tell of another one that has to do with it, and show what it told.
    pub awaited: bool,
    /// Whoever it is about has the new key already: what is told later may have happened before.
    pub carried_out: bool,
}

/// A member of whom nothing is to be planned, as long as WeCom says this, and neither their row nor their user's changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Row id.
    pub member: Uuid,
    /// What WeCom says.
    pub said: PersonDigest,
    /// The next run knows this already.
    pub kept: bool,
}

/// A department we hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentRow {
    /// Row id.
    pub id: Uuid,
    /// WeCom's id.
    pub wecom_id: i64,
    /// WeCom's id of the parent.
    pub parent_wecom_id: i64,
    /// Empty where WeCom withholds it.
    pub name: String,
    /// Bigger comes first.
    pub sort_order: i64,
    /// `/1/2/7/`.
    pub path: String,
}

/// A tag we hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    /// Row id.
    pub id: Uuid,
    /// WeCom's id.
    pub wecom_id: i64,
    /// Name.
    pub name: String,
    /// Keys of userids.
    pub users: BTreeSet<String>,
    /// WeCom's department ids.
    pub departments: BTreeSet<i64>,
}

/// The integration app as we hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRow {
    /// Row id.
    pub id: Uuid,
    /// Its visible scope.
    pub scope: BTreeSet<ScopeLine>,
    /// Whether the scope was ever read.
    pub read: bool,
}

/// An app through which people sign in, other than the integration app, whose scope WeCom showed the last time it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherApp {
    /// Which.
    pub app: ThroughApp,
    /// Its visible scope.
    pub scope: BTreeSet<ScopeLine>,
    /// Users with a session that was opened through it.
    pub signed_in: HashSet<Uuid>,
}

/// An app, other than the integration app, through which something was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThroughApp {
    /// Row id.
    pub id: Uuid,
    /// AgentId.
    pub agent_id: i64,
}

/// A member we hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Row id.
    pub id: Uuid,
    /// Changes with every write that changes the person; guards against overwriting newer data.
    pub version: i64,
    /// Lower-cased userid; a tombstone's holds a `#`, which no userid does.
    pub key: String,
    /// As WeCom last described them.
    pub person: Person,
    /// `present` rather than `departed`.
    pub present: bool,
    /// When WeCom confirmed them last by themselves, milliseconds since 1970; 0: it did not show them to a live look since.
    pub checked_at: i64,
    /// They are unconfirmed, and no list of the whole corp says that they stayed.
    pub missed: bool,
    /// It is in doubt who they are, weighed over this link; an admin decides.
    pub doubt: Option<Link>,
    /// The linked user.
    pub user_id: Option<Uuid>,
    /// Whether they became a user.
    pub outcome: Outcome,
    /// Why.
    pub reason: Option<String>,
}

impl MemberRow {
    /// Whether WeCom did not show them to a live look since they were confirmed last.
    pub const fn is_unconfirmed(&self) -> bool {
        self.checked_at == 0
    }
}

/// Profile of a user, as far as WeCom can fill it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserProfile {
    /// `name`.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// Verified by a proof, or vouched for by an admin; what WeCom says is neither.
    pub email_verified: bool,
    /// `phone_number`.
    pub phone_number: Option<String>,
    /// Verified by a proof.
    pub phone_verified: bool,
    /// `picture`.
    pub picture: Option<String>,
    /// `nickname`.
    pub nickname: Option<String>,
    /// `gender`.
    pub gender: Option<String>,
    /// Where these came from, and which are pinned.
    pub provenance: Provenance,
}

impl UserProfile {
    /// A new user's, whose values come by way of this data source: there is nothing to leave alone.
    pub fn given(profile: &Profile, data_source: Uuid) -> Self {
        let mut given = Self::default();
        for field in Field::FILLED_BY_WECOM {
            if let Some(value) = profile.value(field) {
                given.take(field, value, data_source);
            }
        }
        given
    }

    /// The value of a field; none of one that WeCom does not fill.
    pub const fn value(&self, field: Field) -> Option<&String> {
        match field {
            Field::DisplayName => self.display_name.as_ref(),
            Field::Email => self.email.as_ref(),
            Field::PhoneNumber => self.phone_number.as_ref(),
            Field::Picture => self.picture.as_ref(),
            Field::Nickname => self.nickname.as_ref(),
            Field::Gender => self.gender.as_ref(),
            _ => None,
        }
    }

    /// Takes WeCom's value of a field, which came by way of this data source. An address or number that is another one is no longer verified.
    pub fn take(&mut self, field: Field, value: &str, data_source: Uuid) {
        let new = self.value(field).map(String::as_str) != Some(value);
        let slot = match field {
            Field::DisplayName => &mut self.display_name,
            Field::Email => {
                self.email_verified &= !new;
                &mut self.email
            }
            Field::PhoneNumber => {
                self.phone_verified &= !new;
                &mut self.phone_number
            }
            Field::Picture => &mut self.picture,
            Field::Nickname => &mut self.nickname,
            Field::Gender => &mut self.gender,
            _ => return,
        };
        *slot = Some(value.to_owned());
        self.provenance.take(field, data_source, new);
    }

    /// What tells their owner apart from others: not what an admin typed in or a template made, which says nothing about the person in WeCom.
    pub fn traits(&self) -> Traits {
        let told = |field| {
            let telling = self.provenance.origin(field).tells_of_the_person();
            self.value(field).filter(|_| telling).cloned()
        };
        Traits {
            name: told(Field::DisplayName),
            mobile: told(Field::PhoneNumber),
            emails: told(Field::Email).into_iter().collect(),
            ..Traits::default()
        }
    }

    /// Whether an admin's edit hides what WeCom said of the person: then that nothing can be compared proves nothing.
    pub fn hides_traits(&self) -> bool {
        let edited = |field: &Field| matches!(self.provenance.origin(*field), Origin::Admin { .. });
        [Field::DisplayName, Field::PhoneNumber, Field::Email]
            .iter()
            .any(edited)
    }
}

/// Who may change a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOrigin {
    /// Created in Menjin.
    Local,
    /// Came from this data source, or is left over from an earlier one of the same corp.
    Ours,
    /// Came from another corp, whether its data source is still there or not: never touched.
    OtherCorp,
    /// Administers Menjin, wherever they came from: never touched.
    ConsoleAdmin,
}

impl UserOrigin {
    /// Whether a sync of this data source may change the user.
    pub const fn is_touchable(self) -> bool {
        matches!(self, Self::Local | Self::Ours)
    }
}

/// Whether a user may sign in, and who decides when they may again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// Not as long as WeCom has the member outside: disabled there, not activated, out of scope.
    Outside,
    /// Not before the person is with the corp again, or its data source there again.
    Departed,
    /// Not before an admin says so.
    Disabled,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Row id.
    pub id: Uuid,
    /// Username.
    pub username: String,
    /// Lower-cased username.
    pub username_key: String,
    /// Who may change it.
    pub owner: UserOrigin,
    /// Whether they may sign in.
    pub standing: Standing,
    /// Empty for users that are never touched.
    pub profile: UserProfile,
}
