//! Findings about identities, as the API shows and takes them. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::word_schema;

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

word_schema!(
    State,
    "IdentityFindingState",
    "State of a finding: `open`: nobody has decided; `same_person` as before; `somebody_else`, whom nothing of the account reaches.",
    [State::Open.word(), State::SamePerson.word(), State::SomebodyElse.word()]
);

/// Who stands behind a userid: `same_person`: the person keeps the account; `somebody_else`: the account ends, and the newcomer gets one of
/// their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = IdentityDecision)]
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

/// A decision about a finding.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionInput {
    /// Who it is.
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

/// A finding about an identity: it is in doubt whether somebody is the person they were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityFinding)]
pub struct FindingView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source_id: Uuid,
    /// Row id of the member in doubt.
    pub member_id: Uuid,
    /// Row id of their user, when the doubt arose; null: they had none.
    pub user_id: Option<Uuid>,
    /// Their userid, as WeCom showed it.
    pub userid: String,
    /// Why it is in doubt, a sentence in English.
    pub reason: String,
    /// The same in Chinese; null: a reason of an older version.
    pub reason_zh: Option<&'static str>,
    /// What is wrong, in the one shape of everything that is wrong; absent: it is decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// What we held of the person.
    #[schema(value_type = Traits)]
    pub before: Value,
    /// What WeCom showed.
    #[schema(value_type = Traits)]
    pub after: Value,
    /// What was decided.
    #[schema(value_type = State)]
    pub state: String,
    /// When the doubt arose, milliseconds since 1970.
    pub opened_at: i64,
    /// Who decided, as in the audit log, `system` where later evidence did; null: nobody.
    pub decided_by: Option<String>,
    /// When, milliseconds since 1970; null: it is open.
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
#[derive(Clone, Debug)]
pub struct Held {
    /// Row id.
    pub id: Uuid,
    /// Changes with every write that changes the person.
    pub version: i64,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// Names that corp in its mode, as users keep it.
    pub corp_key: String,
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
