//! Answers as the API shows them. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::model::{Shown, Way};
use crate::gate::checks::DecidedBy;

/// Kind of a way of coming in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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

/// A way of somebody in a list.
#[derive(Clone, Debug, Serialize)]
pub struct WayLine {
    /// `scan`, `password` or `session`.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Its name.
    pub auth_source: Option<String>,
    /// The gate would admit them by it.
    pub admitted: bool,
    /// Number of the refusal.
    pub number: Option<&'static str>,
    /// As things stand, where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Today>,
}

/// How things stand, beside what is imagined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Today {
    /// The gate admits them.
    pub admitted: bool,
    /// Number of the refusal.
    pub number: Option<&'static str>,
}

/// What a what-if changes for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// Somebody in a list.
#[derive(Clone, Debug, Serialize)]
pub struct PersonLine {
    /// By which the list is in order.
    #[serde(skip)]
    pub id: Uuid,
    /// Who it is.
    #[serde(flatten)]
    pub person: Shown,
    /// One way at least would let them in.
    pub admitted: bool,
    /// Number of the refusal of the first way, where none would let them in; `GT-123` where there is no way.
    pub number: Option<&'static str>,
    /// As things stand, where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Today>,
    /// What is imagined changes whether they come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Their ways.
    pub ways: Vec<WayLine>,
}

/// Whom a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a username, name or userid.
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
#[derive(Debug, Default, Serialize)]
pub struct Counts {
    /// Everybody.
    pub people: u64,
    /// Whom one way at least would let in.
    pub admitted: u64,
    /// Whom none would.
    pub refused: u64,
    /// Of those refused, by the number of the first way.
    pub by_number: BTreeMap<&'static str, u64>,
    /// Way by way.
    pub ways: Vec<WayCounts>,
    /// Whom what is imagined would let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newly_admitted: Option<u64>,
    /// Whom it would keep out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newly_refused: Option<u64>,
}

/// One way, counted.
#[derive(Debug, Serialize)]
pub struct WayCounts {
    /// `scan`, `password` or `session`.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Its name.
    pub auth_source: Option<String>,
    /// Whom it would let in.
    pub admitted: u64,
    /// Whom it would not.
    pub refused: u64,
    /// Of those, by number.
    pub by_number: BTreeMap<&'static str, u64>,
}

/// The whole answer for one person at one portal.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// `client_id` of the portal.
    pub client_id: String,
    /// Who it is; more than one where a user is several members.
    pub people: Vec<PersonExplanation>,
}

/// One person, or one of the members they are.
#[derive(Debug, Serialize)]
pub struct PersonExplanation {
    /// Who it is.
    #[serde(flatten)]
    pub person: Shown,
    /// One way at least would let them in.
    pub admitted: bool,
    /// Why there is none, where there is no way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_way: Option<Reason>,
    /// Their ways.
    pub ways: Vec<WayExplanation>,
}

/// A failure in both languages.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// Reference number.
    pub number: &'static str,
    /// The sentence that the person reads.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// What an admin can do.
    pub remedy: &'static str,
    /// What is particular about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// One way with the whole chain.
#[derive(Debug, Serialize)]
pub struct WayExplanation {
    /// `scan`, `password` or `session`.
    pub way: WayKind,
    /// Row id of the auth source; null for a password.
    pub auth_source_id: Option<Uuid>,
    /// Its name.
    pub auth_source: Option<String>,
    /// The gate would admit them by it.
    pub admitted: bool,
    /// The refusal that the person would read: the first failed check.
    pub refusal: Option<Reason>,
    /// WeCom was asked just now; else what was read last is taken for its answer.
    pub asked_wecom: bool,
    /// Why WeCom could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wecom_failure: Option<Reason>,
    /// Every check, in the gate's order.
    pub checks: Vec<CheckView>,
    /// What would let them in: the remedy of each failed check, in the order in which they have to be mended.
    pub would_let_in: Vec<Remedy>,
    /// As things stand, where something else is imagined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Today>,
}

/// One check.
#[derive(Debug, Serialize)]
pub struct CheckView {
    /// Its name.
    pub check: &'static str,
    /// It passed.
    pub passed: bool,
    /// Whose word it rests on: `menjin`, or `wecom`, which a visit asks.
    pub decided_by: DecidedBy,
    /// The facts it saw.
    pub saw: Value,
    /// The refusal of a failed check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Reason>,
}

/// What would mend a failed check.
#[derive(Debug, Serialize)]
pub struct Remedy {
    /// Its name.
    pub check: &'static str,
    /// Its reference number.
    pub number: &'static str,
    /// What an admin can do.
    pub remedy: &'static str,
}
