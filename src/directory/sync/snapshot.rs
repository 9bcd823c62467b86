//! Snapshot: what WeCom shows at one moment, as plain data. Knows nothing of how it was asked or what we hold already.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;
use utoipa::ToSchema;

use super::failure::SyncFailure;
use crate::{
    crypto::digest::sha256,
    directory::{
        console_place::Severity,
        identity::evidence::{Traits, encrypted},
        user::provenance::Field,
    },
    kernel::clock::Timestamp,
    wecom::model::{Agent, Malformed},
};

/// WeCom's status of a member who left the corp (reference 5.5).
pub const STATUS_LEFT: i32 = 5;

/// Everything one fetch found out.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Readable members by [`key`] of their userid. A plan shares them.
    pub members: BTreeMap<String, Arc<Person>>,
    /// Unreadable rows, one per member.
    pub malformed: Vec<Unreadable>,
    /// What was left out or mended in readable rows.
    pub adjusted: Vec<Unreadable>,
    /// Departments seen.
    pub departments: Vec<DepartmentFact>,
    /// Whether a department that is missing from the list is truly gone.
    pub departments_complete: bool,
    /// Tags seen.
    pub tags: Vec<TagFact>,
    /// Whether a tag that is missing from the list is truly gone.
    pub tags_complete: bool,
    /// The integration app; `None` when there is none or it could not be read.
    pub app: Option<AppFact>,
    /// Whether a member who is missing is truly gone.
    pub completeness: Completeness,
    /// Missing members who were looked at one by one, by key: whether WeCom shows them.
    pub looked_at: BTreeMap<String, bool>,
    /// Members' departments are only a part: the secret that shows all of them did not answer. What we hold of members we know stays.
    pub memberships_partial: bool,
    /// What is missing or odd.
    pub findings: Vec<Finding>,
}

/// Whether absence from the snapshot proves anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Completeness {
    /// Everything that can be seen was seen.
    #[default]
    Complete,
    /// A list is withheld from these secrets for good, or has a row that cannot be read. Who is missing may be hidden behind it, and is gone if a
    /// live look says so as well.
    Withheld {
        /// What is withheld, or cannot be read.
        reasons: Vec<String>,
    },
    /// Something could not be read; who is missing may be hidden behind it.
    Partial {
        /// What failed.
        reasons: Vec<String>,
    },
}

/// Fields of a member that WeCom may give, withhold, or leave empty; the last two look the same (reference 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Name.
    pub name: Option<String>,
    /// Alias.
    pub alias: Option<String>,
    /// Position.
    pub position: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Mobile number.
    pub mobile: Option<String>,
    /// URL.
    pub avatar: Option<String>,
    /// `male` or `female`.
    pub gender: Option<String>,
    /// A service provider's own id of them, where a suite reads.
    pub open_userid: Option<String>,
}

impl Profile {
    /// What WeCom gives for a field of a user.
    pub const fn value(&self, field: Field) -> Option<&String> {
        match field {
            Field::DisplayName => self.name.as_ref(),
            Field::Email => self.email.as_ref(),
            Field::PhoneNumber => self.mobile.as_ref(),
            Field::Picture => self.avatar.as_ref(),
            Field::Nickname => self.alias.as_ref(),
            Field::Gender => self.gender.as_ref(),
            _ => None,
        }
    }

    /// What tells their owner apart from others.
    pub fn traits(&self) -> Traits {
        Traits {
            name: self.name.clone(),
            mobile: self.mobile.clone(),
            emails: self.email.iter().cloned().collect(),
            open_userid: self.open_userid.clone(),
            ..Traits::default()
        }
    }
}

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// In WeCom's letter case.
    pub userid: String,
    /// What WeCom gave.
    pub profile: Profile,
    /// An address that WeCom gave besides: it is theirs, and tells them apart from others, but is not kept.
    pub other_email: Option<String>,
    /// WeCom's department ids, ascending, without repetition.
    pub departments: Vec<i64>,
    /// Main department, if visible.
    pub main_department: Option<i64>,
    /// 1 active, 2 disabled, 4 not activated, 5 left; `None`: WeCom did not say.
    pub status: Option<i32>,
}

impl Person {
    /// Whether WeCom itself says that this member left.
    pub fn has_left(&self) -> bool {
        self.status == Some(STATUS_LEFT)
    }

    /// What tells them apart from others.
    pub fn traits(&self) -> Traits {
        let mut traits = self.profile.traits();
        traits.emails.extend(self.other_email.clone());
        Traits {
            departments: self.departments.clone(),
            encrypted_userid: encrypted(&self.userid),
            ..traits
        }
    }

    /// What WeCom says of them, as a digest. Whoever adds a field has to name it here.
    pub fn digest(&self) -> PersonDigest {
        let Self {
            userid,
            profile,
            other_email,
            departments,
            main_department,
            status,
        } = self;
        let Profile {
            name,
            alias,
            position,
            email,
            mobile,
            avatar,
            gender,
            open_userid,
        } = profile;
        let given = [name, alias, position, email, mobile, avatar, gender, open_userid];
        let texts = given.into_iter().map(Option::as_ref);
        let texts = texts.chain([Some(userid), other_email.as_ref()]);
        // A length before each text, and one that none has for none, so that no two persons read the same.
        let mut whole = Vec::with_capacity(512);
        for text in texts {
            whole.extend(text.map_or(usize::MAX, String::len).to_be_bytes());
            whole.extend(text.map_or(&[][..], |text| text.as_bytes()));
        }
        let numbers = [status.map(i64::from), *main_department];
        for number in numbers {
            whole.push(u8::from(number.is_some()));
            whole.extend(number.unwrap_or_default().to_be_bytes());
        }
        whole.extend(departments.iter().flat_map(|id| id.to_be_bytes()));
        sha256(&whole).first_chunk().copied().unwrap_or_default()
    }
}

/// The first half of a SHA-256 of what WeCom says of a member.
pub type PersonDigest = [u8; 16];

/// A row that could not be read, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its userid, when at least that was readable.
    pub userid: Option<String>,
    /// What was wrong, without the values.
    pub reason: String,
}

impl From<Malformed> for Unreadable {
    fn from(row: Malformed) -> Self {
        Self {
            userid: row.userid,
            reason: row.reason,
        }
    }
}

/// One department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentFact {
    /// WeCom's id.
    pub id: i64,
    /// WeCom's id of the parent; 0 for the root; may be invisible. `None`: no list told it, so that what is held stays.
    pub parent_id: Option<i64>,
    /// Name, where WeCom gives it.
    pub name: Option<String>,
    /// Bigger comes first.
    pub order: i64,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFact {
    /// WeCom's id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// `None` when the content could not be read: what we hold stays.
    pub content: Option<TagMembers>,
}

/// Members and departments of a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagMembers {
    /// Keys of userids.
    pub users: BTreeSet<String>,
    /// Department ids, each with its subtree.
    pub departments: BTreeSet<i64>,
}

/// An app and its visible scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppFact {
    /// Name.
    pub name: String,
    /// Disabled in WeCom.
    pub closed: bool,
    /// Trusted domain of in-app OAuth.
    pub redirect_domain: Option<String>,
    /// The visible scope, line by line.
    pub scope: BTreeSet<ScopeLine>,
}

impl From<&Agent> for AppFact {
    fn from(agent: &Agent) -> Self {
        let users = agent.users.iter().map(|userid| ScopeLine::User(key(userid)));
        let departments = agent.departments.iter().copied().map(ScopeLine::Department);
        let tags = agent.tags.iter().copied().map(ScopeLine::Tag);
        Self {
            name: agent.name.clone(),
            closed: agent.closed,
            redirect_domain: agent.redirect_domain.clone(),
            scope: users.chain(departments).chain(tags).collect(),
        }
    }
}

/// One line of a visible scope as picked in WeCom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeLine {
    /// A member, by key.
    User(String),
    /// A department with all below.
    Department(i64),
    /// A tag.
    Tag(i64),
}

impl ScopeLine {
    /// Kind and value, as in the database.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Self::User(key) => ("user", key.clone()),
            Self::Department(id) => ("department", id.to_string()),
            Self::Tag(id) => ("tag", id.to_string()),
        }
    }

    /// Both in one text, as in the journal: `department:7`.
    pub fn text(&self) -> String {
        let (kind, value) = self.words();
        format!("{kind}:{value}")
    }
}

/// Something the admin should know about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SyncFinding)]
pub struct Finding {
    /// Stable reference number, explained in `docs/errors.md`.
    #[schema(example = "SY-120")]
    pub number: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What it is, in a sentence in English.
    pub title: &'static str,
    /// The same sentence in Chinese.
    pub title_zh: &'static str,
    /// What an admin can do about it, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// Which call, how many; null: nothing to add.
    pub detail: Option<String>,
    /// Whether the run lacks something it should have had, so that it must not be called a success.
    #[serde(rename = "lacking")]
    pub prevents_success: bool,
}

impl Finding {
    /// A finding of this kind.
    pub fn of(kind: SyncFailure, prevents_success: bool, detail: Option<String>) -> Self {
        let entry = kind.entry();
        Self {
            number: entry.number,
            severity: match prevents_success {
                true => Severity::Error,
                false => Severity::Warning,
            },
            title: entry.en,
            title_zh: entry.zh,
            remedy: entry.remedy,
            remedy_zh: entry.remedy_zh,
            detail,
            prevents_success,
        }
    }
}

impl Snapshot {
    /// Whether a missing member is truly gone.
    pub const fn is_complete(&self) -> bool {
        matches!(self.completeness, Completeness::Complete)
    }

    /// Whether a missing member may have departed, be it for want of a live look only.
    pub const fn may_show_absence(&self) -> bool {
        !matches!(self.completeness, Completeness::Partial { .. })
    }

    /// Whether the run may be called a success.
    pub fn is_full_picture(&self) -> bool {
        self.is_complete() && !self.findings.iter().any(|finding| finding.prevents_success)
    }

    /// Whether what a run that succeeds finds has words of WeCom in it, which are other ones each time.
    pub fn quotes_wecom(&self) -> bool {
        let withheld = SyncFailure::ListsWithheld.entry().number;
        self.findings.iter().any(|finding| finding.number == withheld)
    }
}

/// A snapshot with the moment its fetching began: it is at least as recent as that.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Before the first call was made.
    pub at: Timestamp,
    /// What was seen.
    pub snapshot: Snapshot,
}

/// The key of a userid: WeCom compares them without regard to letter case (reference 3.5).
pub fn key(userid: &str) -> String {
    userid.to_lowercase()
}
