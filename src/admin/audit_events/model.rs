//! Audit events: view and filter types. Pure.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::audit::Kind;

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
    /// What can be done about it; null where there is no number.
    pub remedy: Option<&'static str>,
    /// Further details, by kind; changes name the fields, never their secrets.
    pub detail: Value,
}

/// Filter of audit events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// With this reference code.
    pub reference: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
}
