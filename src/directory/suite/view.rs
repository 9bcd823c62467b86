//! Suites, their pushes and refused callbacks as the API shows them: never with a secret, a ticket or a code. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    failure::SuiteFailure,
    model::{Callback, RefusedWith, Suite, is_ticket_valid, ticket_expires},
    problems::{self, Refused},
};
use crate::{
    directory::setup_problem::Problem,
    kernel::{
        clock::Timestamp,
        entity_tag::{EntityTag, Tagged},
    },
    wecom::model::is_template,
    word_schema,
};

/// An app of a service provider, or a template of apps that it develops for customers. Never with its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suite)]
pub struct SuiteView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// SuiteID, or the id of the template.
    #[schema(example = "ww1a2b3c4d5e6f7a8b")]
    pub suite_id: String,
    /// Whether it is a template of apps that the provider develops for customers (代开发应用模板).
    pub is_template: bool,
    /// Corp ID of the service provider; null: not entered.
    pub provider_corp_id: Option<String>,
    /// Whether the service provider's secret is stored; the secret itself is never shown.
    pub provider_secret_set: bool,
    /// Its two callbacks, which share Token and EncodingAESKey: `command` and `data`.
    pub callbacks: Vec<SuiteCallbackView>,
    /// When WeCom made the newest ticket, by this server's clock, milliseconds since 1970; null: none arrived yet.
    pub ticket_at: Option<Timestamp>,
    /// Until when that ticket serves, milliseconds since 1970; null: none arrived yet.
    pub ticket_expires_at: Option<Timestamp>,
    /// Whether it still serves.
    pub ticket_valid: bool,
    /// What WeCom said of suite ID and secret when they were tried last.
    #[schema(value_type = CredentialState)]
    pub credential: &'static str,
    /// When they were tried last, milliseconds since 1970; null: never.
    pub tried_at: Option<Timestamp>,
    /// What is wrong with it now; empty: nothing.
    pub problems: Vec<Problem>,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

/// Words of [`SuiteView::credential`].
#[derive(Clone, Copy, Debug)]
pub struct CredentialState;

/// There is no ticket to try it with.
const WAITS: &str = "waits_for_ticket";
/// There is one, and nobody has tried yet.
const UNTRIED: &str = "not_tried";
/// It gave a token.
const ACCEPTED: &str = "accepted";
/// It refused.
const REFUSED: &str = "refused";
/// It gave no usable answer.
const UNKNOWN: &str = "unknown";

word_schema!(
    CredentialState,
    "SuiteCredentialState",
    "What WeCom said of suite ID and secret when they were tried last: `accepted`; `refused`: `problems` says what; `unknown`: it gave no usable \
     answer; `waits_for_ticket`: no ticket has arrived yet, and without one nothing can be tried; `not_tried`: a ticket has, and they are tried \
     with the next one.",
    [WAITS, UNTRIED, ACCEPTED, REFUSED, UNKNOWN]
);

/// Words of [`SuiteCallbackView::callback`].
#[derive(Clone, Copy, Debug)]
pub struct CallbackWord;

word_schema!(
    CallbackWord,
    "SuiteCallbackKind",
    "Which callback of a suite: `command` (指令回调): tickets, installations and their changes; `data` (数据回调): events of the companies that \
     installed it.",
    [Callback::Command.word(), Callback::Data.word()]
);

/// One of the two callbacks of a suite.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuiteCallback)]
pub struct SuiteCallbackView {
    /// Which.
    #[schema(value_type = CallbackWord)]
    pub callback: &'static str,
    /// The URL to enter in WeCom's provider console; `$CORPID$` in it is replaced by WeCom.
    #[schema(example = "https://sso.corp.example/wecom/suites/0190aaaa-0000-7000-8000-000000000001/data/$CORPID$")]
    pub url: String,
    /// Whether WeCom has verified the URL since Token and EncodingAESKey were made.
    pub verified: bool,
    /// When it did so last, milliseconds since 1970; null: not since then.
    pub verified_at: Option<Timestamp>,
    /// When something authentic arrived last, to the minute, milliseconds since 1970; null: nothing yet.
    pub last_received_at: Option<Timestamp>,
    /// Every reason for which requests were refused, the last one first; at most one entry for each reason.
    pub refused: Vec<SuiteRefusalView>,
}

/// Why requests at a callback of a suite were refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuiteCallbackRefusal)]
pub struct SuiteRefusalView {
    /// When that was seen first, milliseconds since 1970.
    pub first_at: Timestamp,
    /// When that was seen last, to the minute, milliseconds since 1970.
    pub last_at: Timestamp,
    /// What was wrong, and what can be done.
    pub problem: Problem,
}

/// A push that WeCom sent to the command callback of a suite. Tickets are none of them: the suite shows the newest.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuitePush)]
pub struct SuitePushView {
    /// Row id.
    pub id: Uuid,
    /// WeCom's word for what happened.
    #[schema(example = "create_auth")]
    pub info_type: String,
    /// Corp ID of the company that it is about; null: WeCom does not say.
    pub corp_id: Option<String>,
    /// When it happened by WeCom's clock, milliseconds since 1970.
    pub told_at: Timestamp,
    /// When it arrived first, milliseconds since 1970; delivered again it is the same push.
    pub received_at: Timestamp,
    /// When it was acted on, milliseconds since 1970; null: not yet.
    pub handled_at: Option<Timestamp>,
    /// How often that was tried.
    pub attempts: i32,
    /// What came of it: a reference number or a word; null: nothing yet.
    pub outcome: Option<String>,
}

/// A suite whose Token and EncodingAESKey were made just now.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedSuite {
    /// The suite.
    #[serde(flatten)]
    pub suite: SuiteView,
    /// Token of its callbacks, shown this once; null: it was entered.
    pub token: Option<String>,
    /// EncodingAESKey of its callbacks, shown this once; null: it was entered.
    pub encoding_aes_key: Option<String>,
}

impl Tagged for SuiteView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

impl Tagged for IssuedSuite {
    fn entity_tag(&self) -> &EntityTag {
        &self.suite.etag
    }
}

impl SuiteView {
    /// Builds the view of a suite; `refusals` are its own, `base` is `public_url`.
    pub fn new(suite: Suite, refusals: &[RefusedWith], (base, now): (&str, Timestamp)) -> Self {
        let own = refusals.iter().filter(|one| one.suite == suite.id);
        let refused: Vec<Refused> = own.filter_map(Refused::of).collect();
        let callbacks = [Callback::Command, Callback::Data].map(|one| callback(&suite, one, &refused, base));
        Self {
            callbacks: callbacks.into(),
            is_template: is_template(&suite.suite_id),
            ticket_expires_at: suite.ticket_at.map(ticket_expires),
            ticket_valid: suite.ticket_at.is_some_and(|told_at| is_ticket_valid(told_at, now)),
            credential: credential(&suite),
            problems: problems::of(&suite, &refused, now),
            etag: suite.etag,
            id: suite.id,
            name: suite.name,
            description: suite.description,
            suite_id: suite.suite_id,
            provider_corp_id: suite.provider_corp_id,
            provider_secret_set: suite.provider_secret_set,
            ticket_at: suite.ticket_at,
            tried_at: suite.checked_at,
            created_at: suite.created_at,
            updated_at: suite.updated_at,
        }
    }
}

fn credential(suite: &Suite) -> &'static str {
    match (suite.checked_at, &suite.failing) {
        (None, _) if suite.ticket_at.is_none() => WAITS,
        (None, _) => UNTRIED,
        (Some(_), None) => ACCEPTED,
        (Some(_), Some(failing)) if failing.number == SuiteFailure::Unproven.entry().number => UNKNOWN,
        (Some(_), Some(_)) => REFUSED,
    }
}

fn callback(suite: &Suite, which: Callback, refused: &[Refused], base: &str) -> SuiteCallbackView {
    let accepted = suite.accepted(which);
    let base = base.trim_end_matches('/');
    let rest = match which {
        Callback::Command => "",
        Callback::Data => "/$CORPID$",
    };
    let refused = refused.iter().filter(|one| one.callback == which);
    SuiteCallbackView {
        callback: which.word(),
        url: format!("{base}/wecom/suites/{}/{}{rest}", suite.id, which.word()),
        verified: accepted.verified_at.is_some(),
        verified_at: accepted.verified_at,
        last_received_at: accepted.received_at,
        refused: refused
            .map(|one| SuiteRefusalView {
                first_at: one.first_at,
                last_at: one.last_at,
                problem: one.problem(),
            })
            .collect(),
    }
}
