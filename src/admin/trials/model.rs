//! A trial of a sign-in as the API shows it. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    gate::{
        checks::{CHECKS, DecidedBy},
        explain::view::Reason,
    },
    kernel::validation::ValidationErrors,
    oidc::ClaimsPreview,
    signin::trial::model::{Outcome, ToldFailure, TrialState, TrialStatus, TrialUser, leads_to_console},
};

/// What a trial may be made with.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialWanted {
    /// Page of the console that the trial's last page leads on to, for whoever has a session there: a path below `/console`, with or
    /// without a query. `{trial}` in it stands for the id of the trial. Absent or null: none.
    #[serde(default)]
    #[schema(example = "/console/portals/intranet/trials/{trial}", max_length = 512)]
    return_to: Option<String>,
}

impl TrialWanted {
    /// The page that it leads on to.
    pub fn return_to(&self) -> Option<&str> {
        self.return_to.as_deref()
    }

    /// The faults of the fields.
    pub fn faults(&self) -> ValidationErrors {
        let mut faults = ValidationErrors::default();
        let fits = self.return_to().is_none_or(leads_to_console);
        faults.check(
            fits,
            "return_to",
            "needs the path of a page of the console, /console or below it, with or without a query",
        );
        faults
    }
}

/// A trial of a sign-in, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trial)]
pub struct TrialView {
    /// Id of the trial.
    pub id: Uuid,
    /// `client_id` of the portal.
    pub client_id: String,
    /// Where it stands.
    pub state: TrialState,
    /// Until when it can be gone through, milliseconds since 1970.
    pub expires_at: i64,
    /// The reference code that the person was shown, which opens its trace; null: they were shown none.
    #[schema(example = "7K3F-9QXA")]
    pub reference: Option<String>,
    /// Who was scanned or typed, in words; null: nobody yet, or it is not known.
    pub who: Option<String>,
    /// Their user; null: they have none, or nobody was there yet.
    pub user: Option<TrialUser>,
    /// The gate's checks in its order.
    pub checks: Vec<TrialCheck>,
    /// Why nobody would be signed in; in a trial that goes on, or expired, what failed last for a reason that may pass. Null: the gate permits it, or
    /// nothing failed yet.
    pub failure: Option<Reason>,
    /// What the portal would be told of them with all scopes that it may ask for; null unless the gate permits it.
    pub claims: Option<ClaimsPreview>,
}

/// One check of the gate, as it was made for this visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialCheck {
    /// Name of the check.
    pub check: &'static str,
    /// Whether it passed; null: the gate was not asked, or not yet.
    pub passed: Option<bool>,
    /// Whose word it rests on: `menjin`, or `wecom`, which the visit asks.
    pub decided_by: DecidedBy,
    /// The facts it saw, by name; their shape depends on the check; null: it was not made.
    pub saw: Value,
    /// The refusal of a failed check; absent: it did not fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refusal: Option<Reason>,
}

/// The checks, with those that were made.
fn checks(made: &Value) -> Vec<TrialCheck> {
    let made = made.as_array().map(Vec::as_slice).unwrap_or_default();
    let member = |name: &str, of: &str| {
        let check = made
            .iter()
            .find(|check| check.get("check").is_some_and(|check| check == name));
        check.and_then(|check| check.get(of)).cloned()
    };
    let view = CHECKS.iter().map(|check| {
        let passed = member(check.name, "passed").and_then(|passed| passed.as_bool());
        TrialCheck {
            check: check.name,
            passed,
            decided_by: check.decided_by,
            saw: member(check.name, "saw").unwrap_or_default(),
            refusal: (passed == Some(false)).then(|| Reason::of(check.refusal.entry())),
        }
    });
    view.collect()
}

fn reason(failure: &ToldFailure) -> Option<Reason> {
    crate::entry(&failure.number).map(Reason::of)
}

impl TrialView {
    /// The trial with these claims.
    pub fn of(status: TrialStatus, claims: Option<ClaimsPreview>) -> Self {
        let TrialStatus {
            trial,
            state,
            outcome,
            passing,
        } = status;
        let outcome = outcome.as_ref().or(passing.as_ref());
        let failure = outcome.and_then(|outcome| outcome.failure.as_ref());
        let of = |value: fn(&Outcome) -> Option<String>| outcome.and_then(value);
        Self {
            id: trial.id,
            client_id: trial.client_id,
            state,
            expires_at: trial.expires_at.millis(),
            reference: failure.map(|failure| failure.reference.clone()),
            who: of(|outcome| outcome.who.clone()),
            user: outcome.and_then(|outcome| outcome.user.clone()),
            checks: checks(outcome.map_or(&Value::Null, |outcome| &outcome.checks)),
            failure: failure.and_then(reason),
            claims,
        }
    }
}
