//! Findings about identities, as the API shows and takes them. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::evidence::Traits;
use crate::{
    directory::{failure::DirectoryFailure, setup_problem::Problem},
    kernel::{
        failure::Result,
        sorting::{Kind, Sort, SortWords},
    },
};

/// How a list of findings can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("opened_at", Kind::Id)], Sort::down("opened_at", Kind::Id));

/// State of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has decided.
    Open,
    /// It is the person we hold.
    SamePerson,
    /// It is another person, and nothing of the account reaches them.
    SomebodyElse,
}

impl State {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SamePerson => "same_person",
            Self::SomebodyElse => "somebody_else",
        }
    }

    /// From the word.
    ///
    /// # Errors
    /// `DI-101` when it is none.
    pub fn of(word: &str) -> Result<Self> {
        let found = [Self::Open, Self::SamePerson, Self::SomebodyElse]
            .into_iter()
            .find(|state| state.word() == word);
        found.ok_or_else(|| {
            let expected = "must be open, same_person or somebody_else";
            DirectoryFailure::Invalid.failure().parameter("state", expected)
        })
    }
}

/// What an admin decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The person keeps the account.
    SamePerson,
    /// The account ends, and the newcomer gets one of their own.
    SomebodyElse,
}

impl Decision {
    /// The state of a finding decided like this.
    pub const fn state(self) -> State {
        match self {
            Self::SamePerson => State::SamePerson,
            Self::SomebodyElse => State::SomebodyElse,
        }
    }
}

/// The body of a decision.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionInput {
    /// `same_person` or `somebody_else`.
    pub verdict: Decision,
}

/// Which findings are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct FindingFilter {
    /// Of this data source.
    pub data_source: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
}

/// A finding.
#[derive(Debug, Serialize)]
pub struct FindingView {
    /// Row id.
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// The member in doubt.
    pub member_id: Uuid,
    /// Their user, when the doubt arose.
    pub user_id: Option<Uuid>,
    /// As WeCom showed it.
    pub userid: String,
    /// Why it is in doubt, a sentence.
    pub reason: String,
    /// What is wrong, in the one shape of everything that is wrong; absent: it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// What we hold of the person.
    pub before: Value,
    /// What WeCom showed.
    pub after: Value,
    /// `open`, `same_person` or `somebody_else`.
    pub state: String,
    /// Milliseconds.
    pub opened_at: i64,
    /// As in the audit log; `system` where later evidence decided.
    pub decided_by: Option<String>,
    /// Milliseconds.
    pub decided_at: Option<i64>,
}

/// A finding that can be decided.
#[derive(Debug)]
pub struct OpenFinding {
    /// Row id.
    pub id: Uuid,
    /// The member in doubt.
    pub member_id: Uuid,
    /// Their user, when the doubt arose.
    pub user_id: Option<Uuid>,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// What WeCom showed.
    pub after: Traits,
}

/// A member as we hold them.
#[derive(Debug)]
pub struct Held {
    /// Row id.
    pub id: Uuid,
    /// Changes with every write that changes the person.
    pub version: i64,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// WeCom's corp ID.
    pub corp_id: String,
    /// Not departed.
    pub present: bool,
    /// WeCom did not show them to a live look, and no list of the whole corp says that they stayed.
    pub missed: bool,
    /// In doubt already.
    pub doubted: bool,
    /// Lower-cased userid.
    pub key: String,
    /// In WeCom's letter case.
    pub userid: String,
    /// The linked user.
    pub user_id: Option<Uuid>,
    /// What is known of them.
    pub traits: Traits,
}
