//! Conflicts and decisions as the API shows and takes them. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules::MatchKey;
use crate::{
    directory::{failure::DirectoryFailure, setup_problem::Problem},
    kernel::{
        failure::Result,
        sorting::{Kind, Sort, SortWords},
        validation::ValidationErrors,
    },
    word_schema,
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
    /// All.
    pub const ALL: [Self; 4] = [Self::Open, Self::Ignored, Self::Linked, Self::Renamed];

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
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
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

word_schema!(
    Stage,
    "ConflictStage",
    "What became of a conflict: `open`: nobody has decided; `ignored`: the member is no user; `linked` to a user; `renamed`: imported under another \
     name.",
    Stage::ALL.map(Stage::word)
);

/// How a list of conflicts can be sorted; what was created is the member.
pub const CONFLICT_SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("userid", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

/// Which conflicts are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConflictFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// At this stage.
    pub stage: Option<Stage>,
}

/// A conflict: a member who is not imported by the rules, until an admin decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConflictView {
    /// Row id of the member.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source_id: Uuid,
    /// Their userid, as WeCom writes it.
    #[schema(example = "ZhangSan")]
    pub userid: String,
    /// Their name; null where WeCom gave none.
    pub name: Option<String>,
    /// Why they are not imported, a sentence; null: nothing to add.
    pub why: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// What became of it.
    #[schema(value_type = Stage)]
    pub decision: &'static str,
    /// Who decided, as in the audit log; null: nobody.
    pub decided_by: Option<String>,
    /// When, milliseconds since 1970; null: it is open.
    pub decided_at: Option<i64>,
    /// Row id of the user they became; null: they are none.
    pub user_id: Option<Uuid>,
    /// The users they may duplicate.
    pub candidates: Vec<CandidateView>,
    /// What can be decided now: names of sub-resources.
    #[schema(value_type = Vec<String>, example = json!(["link", "rename", "ignore"]))]
    pub allowed: &'static [&'static str],
}

/// A user whom a member may duplicate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateView {
    /// Row id of the user.
    pub id: Uuid,
    /// Their username.
    pub username: String,
    /// What is the same.
    pub matched: Vec<MatchKey>,
    /// Why the member cannot be linked to them, in English; null: they can be.
    pub protected: Option<&'static str>,
    /// The same in Chinese.
    pub protected_zh: Option<&'static str>,
}

/// Whom a member is linked to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// Row id of the user whom the member is.
    pub user_id: Uuid,
}

/// The name under which a member is imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameInput {
    /// Username of the new user: 1 to 64 letters, digits or any of `. _ - @ +`.
    #[schema(min_length = 1, max_length = 64, example = "zhang.san2")]
    pub username: String,
}

/// How a member is imported; may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// Username of the new user: 1 to 64 letters, digits or any of `. _ - @ +`; null: by the rules.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "zhang.san")]
    pub username: Option<String>,
}

/// Which members are imported.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ImportManyInput)]
#[serde(deny_unknown_fields)]
pub struct ManyInput {
    /// Row ids of 1 to 100 members of one data source, each once.
    #[schema(min_items = 1, max_items = 100)]
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
