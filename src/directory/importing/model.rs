//! Conflicts and decisions as the API shows and takes them. Pure.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rules::MatchKey;
use crate::{
    directory::{failure::DirectoryFailure, setup_problem::Problem},
    kernel::{failure::Result, validation::ValidationErrors},
};

/// Most members of one request.
pub const MOST_MEMBERS: usize = 100;

/// What became of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has decided, or what was decided cannot be done.
    Open,
    /// The member stays out.
    Ignored,
    /// The member became an existing user.
    Linked,
    /// The member became a user of another name.
    Renamed,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Open, Self::Ignored, Self::Linked, Self::Renamed];

    /// The word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ignored => "ignored",
            Self::Linked => "linked",
            Self::Renamed => "renamed",
        }
    }

    /// From the word.
    ///
    /// # Errors
    /// `DI-101` when it is none.
    pub fn of(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|stage| stage.word() == word);
        found.ok_or_else(|| {
            let expected = "must be open, ignored, linked or renamed";
            DirectoryFailure::Invalid.failure().parameter("decision", expected)
        })
    }

    /// What can be decided about it.
    pub fn decisions(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["link", "rename", "ignore"],
            Self::Ignored => &["link", "rename", "reopen"],
            Self::Linked | Self::Renamed => &[],
        }
    }
}

/// Which conflicts are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConflictFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// At this stage.
    pub stage: Option<Stage>,
}

/// A conflict: a member who is not imported by the rules, until an admin decides.
#[derive(Debug, Serialize)]
pub struct ConflictView {
    /// The member's row id.
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Null where WeCom gave none.
    pub name: Option<String>,
    /// Why, a sentence.
    pub why: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// `open`, `ignored`, `linked` or `renamed`.
    pub decision: &'static str,
    /// Who decided, as in the audit log; null: nobody.
    pub decided_by: Option<String>,
    /// Milliseconds.
    pub decided_at: Option<i64>,
    /// The user they became.
    pub user_id: Option<Uuid>,
    /// The users they may duplicate.
    pub candidates: Vec<CandidateView>,
    /// What can be decided now.
    pub allowed: &'static [&'static str],
}

/// A user whom a member may duplicate.
#[derive(Debug, Serialize)]
pub struct CandidateView {
    /// Row id.
    pub id: Uuid,
    /// Username.
    pub username: String,
    /// What is the same.
    pub matched: Vec<MatchKey>,
    /// Why the member cannot be linked to them; null: they can be.
    pub protected: Option<&'static str>,
}

/// Body of a link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// The user whom the member is.
    pub user_id: Uuid,
}

/// Body of a rename.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameInput {
    /// Of the new user.
    pub username: String,
}

/// Body of the import of one member; may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// Of the new user; by the rules unless given.
    #[serde(default)]
    pub username: Option<String>,
}

/// Body of the import of several members.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManyInput {
    /// Their row ids, of one data source.
    pub members: Vec<Uuid>,
}

impl ManyInput {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101`.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        let fits = (1..=MOST_MEMBERS).contains(&self.members.len());
        faults.check(fits, "members", format_args!("needs 1 to {MOST_MEMBERS} ids"));
        let mut sorted = self.members.clone();
        sorted.sort_unstable();
        sorted.dedup();
        faults.check(sorted.len() == self.members.len(), "members", "names one member twice");
        faults.into_result(DirectoryFailure::Invalid.entry())
    }
}

/// A member about whom something is decided, locked until the transaction ends.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Row id.
    pub id: Uuid,
    /// Changes with every write that changes the person.
    pub version: i64,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// As WeCom writes it.
    pub userid: String,
    /// Not departed.
    pub present: bool,
    /// It is in doubt who they are.
    pub doubted: bool,
    /// The word of the import outcome.
    pub outcome: String,
    /// Their user.
    pub user_id: Option<Uuid>,
}
