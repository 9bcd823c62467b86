//! Table `logout_delivery`. The outbox of back-channel logout: one row per ended session and portal that was entered in it.

use sea_orm::entity::prelude::*;

/// The outbox of back-channel logout: one row per ended session and portal that was entered in it. Refers to nothing by foreign key,
/// because it must outlive the session and the user whose end it tells of.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "logout_delivery")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Which session ended; the protocol's `sid`.
    pub session_id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// Row id of the portal that is told.
    pub client_id: Uuid,
    /// The report of the ending of access that it belongs to; such a row is kept as long as the report.
    pub offboarding_id: Option<Uuid>,
    /// Why the session ended: `logout`, `departed`, `admin`, …
    pub reason: String,
    /// `pending`, `delivered`, `failed` or `abandoned`.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// Milliseconds; not sent before. While it is being sent, the moment its sender counts as dead.
    pub next_at: i64,
    /// Milliseconds; given up then.
    pub deadline: i64,
    /// HTTP status of the last answer.
    pub last_status: Option<i32>,
    /// What was wrong with the last try.
    pub last_error: Option<String>,
    /// Milliseconds; when the session ended.
    pub created_at: i64,
    /// Milliseconds.
    pub delivered_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
