//! Moves and pairs as the API shows them: never with a secret.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    failure::MoveFailure,
    model::{CorpMove, How, Joiner, Pair, PairCounts, ProvenBy, State},
};
use crate::{
    directory::{setup_problem::Problem, sync::guard::Impact},
    kernel::entity_tag::{EntityTag, Tagged},
};

/// The state of a run that rehearsed a move and has ended.
const REHEARSED: &str = "rehearsed";

/// A move of a company from an app of the service provider to one of its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompanyMove)]
pub struct MoveView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Row id of the data source.
    pub data_source_id: Uuid,
    /// Row id of the service provider's app.
    pub suite_id: Uuid,
    /// What that is called here.
    pub suite_name: String,
    /// Row id of the installation.
    pub installation_id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Corp ID of the company in its own app.
    #[schema(example = "ww1a2b3c4d5e6f7a8b")]
    pub corp_id: String,
    /// AgentId of its own app.
    #[schema(example = 1_000_002)]
    pub agent_id: i64,
    /// Whether the contacts-sync secret was entered; of a move that was changed: see the data source.
    pub contacts_secret_set: bool,
    /// By what it is known that the new app belongs to the same company; null: it is not.
    pub proven_by: Option<ProvenBy>,
    /// When members were paired last, milliseconds since 1970; null: never.
    pub paired_at: Option<i64>,
    /// How many members are paired, by how.
    pub pairs: PairCounts,
    /// The last rehearsal; null: none, or its run was swept.
    pub rehearsal: Option<RehearsalView>,
    /// Whether it can be changed now; with `accept` where the rehearsal pauses.
    pub ready: bool,
    /// Members who joined after the change, whose ID the service provider's app does not know: where it is taken back, they are strangers to it. Null:
    /// it was not changed, or cannot be taken back any more.
    pub joined: Option<i64>,
    /// What is to be done before it can be changed, and what is wrong; empty: nothing.
    pub problems: Vec<Problem>,
    /// Who planned it, as in the audit log.
    pub created_by: String,
    /// When, milliseconds since 1970.
    pub created_at: i64,
    /// Who changed the app, as in the audit log; null: nobody yet.
    pub changed_by: Option<String>,
    /// When, milliseconds since 1970.
    pub changed_at: Option<i64>,
    /// Who ended it; null: it is open.
    pub ended_by: Option<String>,
    /// When, milliseconds since 1970.
    pub ended_at: Option<i64>,
}

/// A rehearsal of a move: a sync that only plans.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MoveRehearsal)]
pub struct RehearsalView {
    /// Row id of its run, whose rows say who would be what.
    pub run_id: Uuid,
    /// How that run stands; `rehearsed`: it has ended.
    pub state: String,
    /// Whether credentials and pairs are still those that were rehearsed, and that was less than a day ago.
    pub current: bool,
    /// Whether the guard would pause the sync that follows.
    pub pauses: bool,
    /// How much of it is guarded.
    pub impact: Impact,
    /// New members.
    pub created: usize,
    /// Members who would be changed.
    pub updated: usize,
    /// Members who would stay as they are.
    pub unchanged: usize,
}

impl RehearsalView {
    /// Whether its run has ended, and it is of what stands there now.
    pub(super) fn is_over(&self) -> bool {
        self.current && self.state == REHEARSED
    }
}

/// What stands beside a move.
pub(super) struct Beside {
    pub suite_name: String,
    pub pairs: PairCounts,
    pub rehearsal: Option<RehearsalView>,
    pub joined: Option<i64>,
    /// Pairs that an admin entered so long ago that they count no more.
    pub entered_long_ago: u64,
}

impl MoveView {
    /// The view of a move.
    pub(super) fn of(one: CorpMove, etag: EntityTag, beside: Beside) -> Self {
        let problems = problems(&one, &beside);
        let ready = one.state == State::Planned
            && one.proven_by.is_some()
            && one.paired_at.is_some()
            && beside.entered_long_ago == 0
            && beside.rehearsal.as_ref().is_some_and(RehearsalView::is_over);
        let (changed_by, changed_at) = one.changed.unzip();
        let (ended_by, ended_at) = one.ended.unzip();
        Self {
            etag,
            id: one.id,
            data_source_id: one.source,
            suite_id: one.suite,
            suite_name: beside.suite_name,
            installation_id: one.installation,
            state: one.state,
            corp_id: one.corp_id,
            agent_id: one.agent_id,
            contacts_secret_set: one.contacts_sealed.is_some(),
            proven_by: one.proven_by,
            paired_at: one.paired_at,
            pairs: beside.pairs,
            rehearsal: beside.rehearsal,
            ready,
            joined: beside.joined,
            problems,
            created_by: one.created.0,
            created_at: one.created.1,
            changed_by,
            changed_at,
            ended_by,
            ended_at,
        }
    }
}

impl Tagged for MoveView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

fn problems(one: &CorpMove, beside: &Beside) -> Vec<Problem> {
    if one.state != State::Planned {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let mut add = |missing: bool, kind: MoveFailure| {
        problems.extend(missing.then(|| Problem::of(kind.entry(), "").warning()));
    };
    add(one.paired_at.is_none(), MoveFailure::NotPaired);
    add(
        one.paired_at.is_some() && one.proven_by.is_none(),
        MoveFailure::NotProven,
    );
    add(beside.entered_long_ago > 0, MoveFailure::EnteredLongAgo);
    let rehearsed = beside.rehearsal.as_ref().is_some_and(RehearsalView::is_over);
    add(one.paired_at.is_some() && !rehearsed, MoveFailure::NotRehearsed);
    if let Some((number, detail)) = &one.conversion_problem {
        problems.extend(Problem::of_number(number, detail.clone()).map(Problem::warning));
    }
    let gone = beside.pairs.unpaired.saturating_add(beside.pairs.left_out);
    if gone > 0 {
        let many = format!("{gone} members");
        problems.push(Problem::of(MoveFailure::Unpaired.entry(), many).warning());
    }
    if rehearsed && beside.rehearsal.as_ref().is_some_and(|rehearsal| rehearsal.pauses) {
        problems.push(Problem::of(MoveFailure::WouldPause.entry(), "").warning());
    }
    problems
}

/// A member with the ids before and after a move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovePair)]
pub struct PairView {
    /// Row id of the member.
    pub member_id: Uuid,
    /// Their ID in the service provider's app.
    pub old_userid: String,
    /// Their user ID in the company's own app; null: not known.
    pub new_userid: Option<String>,
    /// By what that is known.
    pub how: How,
    /// When an admin entered it, milliseconds since 1970; null: nobody did. Seven days later it has to be entered once more.
    pub entered_at: Option<i64>,
}

/// A member who joined after a move.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MoveJoiner)]
pub struct JoinerView {
    /// Row id of the member.
    pub member_id: Uuid,
    /// Their user ID in the company's own app.
    pub userid: String,
    /// Their name in WeCom; null: not known.
    pub name: Option<String>,
    /// Row id of their user; null: they are none.
    pub user_id: Option<Uuid>,
}

impl From<Joiner> for JoinerView {
    fn from(joiner: Joiner) -> Self {
        Self {
            member_id: joiner.member,
            userid: joiner.userid,
            name: joiner.name,
            user_id: joiner.user,
        }
    }
}

impl From<Pair> for PairView {
    fn from(pair: Pair) -> Self {
        Self {
            member_id: pair.member,
            old_userid: pair.old,
            new_userid: pair.new,
            how: pair.how,
            entered_at: pair.entered_at,
        }
    }
}
