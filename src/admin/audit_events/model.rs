//! Audit events: view and filter types. Pure.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// An audit event as the API shows it.
#[derive(Debug, Serialize)]
pub struct EventView {
    /// Row id.
    pub id: Uuid,
    /// Milliseconds.
    pub at: i64,
    /// `signed_in`, `refused`, `configured` …
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What it was about.
    pub subject: String,
    /// The reference code the person was shown.
    pub reference: Option<String>,
    /// Reference number of the failure.
    pub number: Option<String>,
    /// What can be done about it, where there is a number.
    pub remedy: Option<&'static str>,
    /// Further details.
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
