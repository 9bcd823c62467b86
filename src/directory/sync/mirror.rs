//! Mirror: the current state of one data source as our database holds it, reduced to what a plan is compared with.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::snapshot::{Person, ScopeLine};
use crate::directory::{
    email::{EmailOrigin, VouchedDomain},
    identity::evidence::{Link, Traits},
    importing::{decision::ImportDecision, rules::ImportRules},
};

/// Current state of a data source, as far as a plan needs it.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    /// The data source.
    pub data_source_id: Uuid,
    /// Its corp.
    pub corp_id: String,
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
    /// Who becomes a user, and who is one already.
    pub import: ImportRules,
    /// Domains whose addresses are verified, because an admin vouches for them.
    pub vouched_domains: Vec<VouchedDomain>,
    /// What admins decided about the import of members, by their rows.
    pub decisions: HashMap<Uuid, ImportDecision>,
    /// Members of the data source, tombstones included.
    pub members: Vec<MemberRow>,
    /// All users, of whichever corp: usernames are shared.
    pub users: Vec<UserRow>,
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

/// Whether a member became a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They are a user.
    Imported,
    /// A user of that name exists and the rule says to leave it.
    Skipped,
    /// The name belongs to somebody whom a sync never touches.
    Conflict,
    /// Nobody chose them, or an admin took them out of the choice.
    NotChosen,
    /// An admin decided that they stay out.
    Ignored,
    /// An admin removed the user: lasts until an admin makes a user of that name.
    Removed,
}

impl Outcome {
    const ALL: [Self; 6] = [
        Self::Imported,
        Self::Skipped,
        Self::Conflict,
        Self::NotChosen,
        Self::Ignored,
        Self::Removed,
    ];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Skipped => "skipped",
            Self::Conflict => "conflict",
            Self::NotChosen => "not_chosen",
            Self::Ignored => "ignored",
            Self::Removed => "removed",
        }
    }

    /// From the word in the database.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
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
    /// WeCom did not show them to a live look since they were confirmed last, and no list of the whole corp says that they stayed.
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

/// Profile of a user, as far as WeCom can fill it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserProfile {
    /// `name`.
    pub display_name: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// Verified by a proof, or vouched for by an admin; what WeCom says is neither.
    pub email_verified: bool,
    /// Where the address comes from; `None`: an admin typed it in.
    pub email_origin: Option<EmailOrigin>,
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
}

impl UserProfile {
    /// What tells their owner apart from others. An address that a template made says nothing about a person.
    pub fn traits(&self) -> Traits {
        let own = self
            .email
            .iter()
            .filter(|_| self.email_origin != Some(EmailOrigin::Template));
        Traits {
            name: self.display_name.clone(),
            mobile: self.phone_number.clone(),
            emails: own.cloned().collect(),
            departments: Vec::new(),
        }
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
