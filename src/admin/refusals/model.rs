//! Refusals: view and filter types. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    directory::setup_problem::Problem,
    kernel::sorting::{Kind, Sort, SortWords},
};

/// How a list of refusals can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("at", Kind::Id)], Sort::down("at", Kind::Id));

/// Something that a person was shown instead of what they wanted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub struct RefusalView {
    /// Row id of the audit event.
    pub id: Uuid,
    /// When first, milliseconds since 1970.
    pub at: i64,
    /// When last, milliseconds since 1970: of what repeats itself one entry counts.
    pub last_at: i64,
    /// How often.
    pub count: u64,
    /// `refused` (the gate, or a wrong password or code) or `failed` (anything else that ended on a page with a code).
    pub kind: String,
    /// The code they were shown; `GET /api/v1/traces/{reference}` says what led to it.
    pub reference: Option<String>,
    /// Reference number, e.g. `GT-108`.
    pub number: Option<String>,
    /// The same in the one shape of everything that is wrong: what they read and what can be done.
    pub problem: Option<Problem>,
    /// Who: `user:<id>`, `member:<corp ID>/<userid>`, `outsider:<corp ID>`, `unknown` or `anonymous`.
    pub actor: String,
    /// Their user id, where it is known.
    pub user_id: Option<Uuid>,
    /// `client_id` of the portal they wanted to enter, where it is known.
    pub client_id: Option<String>,
}

/// Filter of refusals; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct RefusalFilter {
    /// With this reference number.
    pub number: Option<String>,
    /// At the portal with this `client_id`.
    pub client_id: Option<String>,
    /// Of one of these actors, as in the audit log.
    pub actors: Option<Vec<String>>,
    /// Beside those actors, what is about this user.
    pub user_id: Option<Uuid>,
    /// At this moment or later, milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this moment, milliseconds since 1970.
    pub until: Option<i64>,
}

/// How often each number was shown in a span of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalSummary {
    /// Beginning of the span, milliseconds since 1970.
    pub since: i64,
    /// Its end, milliseconds since 1970.
    pub until: i64,
    /// One entry for each number, the most frequent first.
    pub items: Vec<RefusalCount>,
}

/// How often one number was shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalCount {
    /// Reference number.
    pub number: String,
    /// How often.
    pub count: u64,
    /// To how many people, as far as it is known who they were.
    pub people: u64,
    /// When first within the span, milliseconds since 1970.
    pub first_at: i64,
    /// When the last entry began, milliseconds since 1970.
    pub last_at: i64,
    /// What it means, in the one shape of everything that is wrong.
    pub problem: Option<Problem>,
}
