//! Answers as the API shows them. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Shown, Way};
use crate::gate::checks::DecidedBy;

/// Kind of a way of coming in: a `scan` or the sign-in inside WeCom, a `password`, or a `session` opened by a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WayKind {
    /// A scan, or the sign-in inside WeCom.
    Scan,
    /// A password.
    Password,
    /// A session opened by a scan.
    Session,
}

impl WayKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scan, Self::Password, Self::Session];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Password => "password",
            Self::Session => "session",
        }
    }
}

impl Way {
    /// Its kind.
    pub const fn kind(&self) -> WayKind {
        match self {
            Self::Scan(_) => WayKind::Scan,
            Self::Password => WayKind::Password,
            Self::Session(_) => WayKind::Session,
        }
    }

    /// Row id of its auth source.
    pub const fn auth_source(&self) -> Option<Uuid> {
        match self {
            Self::Scan(named) | Self::Session(named) => Some(named.auth_source.id),
            Self::Password => None,
        }
    }

    /// Name of its auth source.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Scan(named) | Self::Session(named) => Some(named.name.clone()),
            Self::Password => None,
        }
    }
}

/// A way by which somebody may come in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AccessWay)]
pub struct WayLine {
    /// Kind of the way.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Name of the auth source; null for a password.
    pub auth_source: Option<String>,
    /// Whether the gate would admit them by it.
    pub admitted: bool,
    /// Reference number of the refusal; null: none.
    #[schema(example = "GT-104")]
    pub number: Option<&'static str>,
    /// As things stand; there only where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub today: Option<Today>,
}

/// How things stand, beside what is imagined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccessToday)]
pub struct Today {
    /// Whether the gate admits them.
    pub admitted: bool,
    /// Reference number of the refusal; null: none.
    #[schema(example = "GT-104")]
    pub number: Option<&'static str>,
}

/// What a what-if changes for somebody: `admitted`: refused today by all ways, admitted then by one; `refused`: admitted today by one way,
/// refused then by all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AccessChange)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Refused today by all ways, admitted then by one.
    Admitted,
    /// Admitted today by one way, refused then by all.
    Refused,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Admitted, Self::Refused];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Refused => "refused",
        }
    }
}

/// Whether somebody can sign in at a portal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AccessOfPerson)]
pub struct PersonLine {
    /// Who it is.
    #[serde(flatten)]
    pub person: Shown,
    /// Whether one way at least would let them in.
    pub admitted: bool,
    /// Reference number of the refusal of the first way, where none would let them in, `GT-123` where there is no way; null: they are
    /// admitted.
    #[schema(example = "GT-104")]
    pub number: Option<&'static str>,
    /// As things stand; there only where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub today: Option<Today>,
    /// Whether what is imagined changes whether they come in; absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub change: Option<Change>,
    /// Their ways.
    pub ways: Vec<WayLine>,
}

/// Whom a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name, username or userid, or of an alias or e-mail address in the contacts.
    pub search: Option<String>,
    /// Ways of this kind only count.
    pub way: Option<WayKind>,
    /// Ways through this auth source only count.
    pub auth_source: Option<Uuid>,
    /// Whom one way at least would let in, or whom none would.
    pub admitted: Option<bool>,
    /// Whom one way at least refuses with this number.
    pub number: Option<String>,
    /// For whom what is imagined makes this difference.
    pub change: Option<Change>,
}

impl Filter {
    /// Whether a way counts.
    pub fn counts(&self, way: &WayLine) -> bool {
        self.way.is_none_or(|kind| way.way == kind)
            && (self.auth_source.is_none() || way.auth_source_id == self.auth_source)
    }

    /// Whether somebody is shown.
    pub fn shows(&self, line: &PersonLine) -> bool {
        let with_number = |number: &String| {
            line.number == Some(number.as_str()) || line.ways.iter().any(|way| way.number == Some(number.as_str()))
        };
        self.admitted.is_none_or(|admitted| line.admitted == admitted)
            && self.number.as_ref().is_none_or(with_number)
            && (self.change.is_none() || line.change == self.change)
    }
}

/// Everybody at a portal, counted.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = AccessCounts)]
pub struct Counts {
    /// Everybody whom the filter shows.
    pub people: u64,
    /// Whether everybody was looked at; false where there are more people than `most`.
    pub complete: bool,
    /// Whom one way at least would let in.
    pub admitted: u64,
    /// Whom none would.
    pub refused: u64,
    /// Of those refused, by the reference number of the first way.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub by_number: BTreeMap<&'static str, u64>,
    /// Way by way.
    pub ways: Vec<WayCounts>,
    /// Whom what is imagined would let in; there only where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub newly_admitted: Option<u64>,
    /// Whom what is imagined would keep out; there only where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub newly_refused: Option<u64>,
}

/// One way, counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessWayCounts)]
pub struct WayCounts {
    /// Kind of the way.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Name of the auth source; null for a password.
    pub auth_source: Option<String>,
    /// How many people it would let in.
    pub admitted: u64,
    /// How many people it would not.
    pub refused: u64,
    /// Of those refused, by reference number.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub by_number: BTreeMap<&'static str, u64>,
}

/// Whether somebody can sign in at a portal, and why: the whole answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessExplanation)]
pub struct Explanation {
    /// `client_id` of the portal.
    pub client_id: String,
    /// Who it is; more than one where a user is several members.
    pub people: Vec<PersonExplanation>,
}

/// One person, or one of the members they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessExplanationOfPerson)]
pub struct PersonExplanation {
    /// Who it is.
    #[serde(flatten)]
    pub person: Shown,
    /// Whether one way at least would let them in.
    pub admitted: bool,
    /// Why there is no way; absent: there are ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub no_way: Option<Reason>,
    /// Their ways.
    pub ways: Vec<WayExplanation>,
}

/// One portal, and whether a person can sign in there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessAtPortal)]
pub struct PortalAccess {
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Whether one way at least would let them in.
    pub admitted: bool,
    /// Why there is no way; absent: there are ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub no_way: Option<Reason>,
    /// Their ways, of all members they are; the whole chain of checks is told by `GET /api/v1/access-checks`.
    pub ways: Vec<Door>,
}

/// A way into a portal, open or closed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessDoor)]
pub struct Door {
    /// Kind of the way.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Name of the auth source; null for a password.
    pub auth_source: Option<String>,
    /// Whether the gate would admit them by it.
    pub admitted: bool,
    /// The refusal that the person would read; null: none.
    pub refusal: Option<Reason>,
    /// What would let them in: the remedy of each failed check, in the order in which they have to be mended.
    pub would_let_in: Vec<Remedy>,
}

impl From<WayExplanation> for Door {
    fn from(way: WayExplanation) -> Self {
        Self {
            way: way.way,
            auth_source_id: way.auth_source_id,
            auth_source: way.auth_source,
            admitted: way.admitted,
            refusal: way.refusal,
            would_let_in: way.would_let_in,
        }
    }
}

/// A refusal or failure, in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AccessReason)]
pub struct Reason {
    /// Stable reference number, explained in `docs/errors.md`.
    #[schema(example = "GT-104")]
    pub number: &'static str,
    /// The sentence that the person reads, in English.
    pub en: &'static str,
    /// The sentence in Chinese.
    pub zh: &'static str,
    /// What an admin can do, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// What is particular about it; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
}

/// One way with its whole chain of checks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessWayExplanation)]
pub struct WayExplanation {
    /// Kind of the way.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Name of the auth source; null for a password.
    pub auth_source: Option<String>,
    /// Whether the gate would admit them by it.
    pub admitted: bool,
    /// The refusal that the person would read: that of the first failed check; null: none.
    pub refusal: Option<Reason>,
    /// Whether WeCom was asked just now; else what was read last is taken for its answer.
    pub asked_wecom: bool,
    /// Why WeCom could not be asked; absent: it was, or was not to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub wecom_failure: Option<Reason>,
    /// Every check, in the gate's order.
    pub checks: Vec<CheckView>,
    /// What would let them in: the remedy of each failed check, in the order in which they have to be mended.
    pub would_let_in: Vec<Remedy>,
    /// As things stand; there only where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub today: Option<Today>,
}

/// One check of the gate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessCheck)]
pub struct CheckView {
    /// Name of the check.
    pub check: &'static str,
    /// Whether it passed.
    pub passed: bool,
    /// Whose word it rests on: `menjin`, or `wecom`, which a visit asks.
    pub decided_by: DecidedBy,
    /// The facts it saw, by name; their shape depends on the check.
    pub saw: Value,
    /// The refusal of a failed check; absent: it passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refusal: Option<Reason>,
}

/// What would mend a failed check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessRemedy)]
pub struct Remedy {
    /// Name of the check.
    pub check: &'static str,
    /// Reference number of its refusal.
    pub number: &'static str,
    /// What an admin can do, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
}
