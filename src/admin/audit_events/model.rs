//! Audit events: view and filter types. Pure.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    audit::Kind,
    kernel::sorting::{self, Sort, SortWords},
};

/// How a list of events can be sorted.
pub const SORTS: SortWords = SortWords::new(&[("at", sorting::Kind::Id)], Sort::down("at", sorting::Kind::Id));

/// An event of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub struct EventView {
    /// Row id.
    pub id: Uuid,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// What kind of event.
    #[schema(value_type = Kind)]
    pub kind: String,
    /// Who did it: `user:<id>`, `token:<name>`, `member:<corp>/<userid>`, `system`, …
    #[schema(example = "token:first")]
    pub actor: String,
    /// What it was about: `client:<id>`, `user:<id>`, …
    #[schema(example = "client:intranet")]
    pub subject: String,
    /// The reference code that a person was shown; null: nobody was.
    pub reference: Option<String>,
    /// Reference number of the failure; null: none.
    #[schema(example = "GT-101")]
    pub number: Option<String>,
    /// What can be done about it, in English; null where there is no number.
    pub remedy: Option<&'static str>,
    /// The same in Chinese; null where there is no number.
    pub remedy_zh: Option<&'static str>,
    /// The user it is about, where it says so.
    pub user_id: Option<Uuid>,
    /// The member it is about, likewise.
    pub member_id: Option<Uuid>,
    /// `client_id` of the portal it is about, likewise.
    pub client_id: Option<String>,
    /// The data source it is about, likewise.
    pub data_source_id: Option<Uuid>,
    /// Further details; of a change `action`, `fields`, and values `before` and `after`.
    pub detail: Value,
}

/// Filter of audit events, as it was asked for; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// With this reference code.
    pub reference: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// About this person, or done by them: id of a user, username, or userid@corp.
    pub user: Option<String>,
    /// About this portal: `client_id` or row id.
    pub client: Option<String>,
    /// About this data source.
    pub data_source: Option<Uuid>,
    /// With this reference number.
    pub number: Option<String>,
    /// Done by this actor, or by whoever has this name.
    pub actor: Option<String>,
    /// At this moment or later, milliseconds.
    pub since: Option<i64>,
    /// Before this moment, milliseconds.
    pub until: Option<i64>,
}

/// A person in the audit log: as a user, as members, and as these members are named as actors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Users.
    pub users: Vec<Uuid>,
    /// Members.
    pub members: Vec<Uuid>,
    /// `member:<corp>/<userid>`.
    pub actors: Vec<String>,
}

/// What a filter looks for: names are resolved.
#[derive(Clone, Debug, Default)]
pub struct EventCondition {
    /// The rest of the filter.
    pub filter: EventFilter,
    /// The person; `None`: anybody.
    pub person: Option<Person>,
    /// `client_id` of the portal; `None`: any.
    pub client_id: Option<String>,
    /// The actors; `None`: any.
    pub actors: Option<Vec<String>>,
}
