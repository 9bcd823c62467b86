//! An auth source as it is stored. Pure.

use uuid::Uuid;

/// An auth source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSource {
    /// Row id.
    pub id: Uuid,
    /// Shown on the login page.
    pub name: String,
    /// Corp ID as entered.
    pub corp_id: String,
    /// Its app.
    pub app_id: Uuid,
    /// The data source it was meant for; `None`: the one with the same corp ID.
    pub data_source_id: Option<Uuid>,
    /// Whether anybody may sign in through it.
    pub enabled: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}
