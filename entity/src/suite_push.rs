//! Table `suite_push`. What WeCom pushed to the command callback of a suite, and what came of it.

use sea_orm::entity::prelude::*;

/// A push to the command callback of a suite that is to be acted on after it was answered; one row however often it was delivered. Tickets
/// are no rows: they are written into the suite at once.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suite_push")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// WeCom's word for what happened, e.g. `create_auth`.
    pub info_type: String,
    /// The corp it is about; null where WeCom does not say.
    pub corp_id: Option<String>,
    /// The temporary code it brought, sealed for `suite_push.auth_code`.
    pub auth_code_sealed: Option<String>,
    /// The state that came back with it.
    pub state: Option<String>,
    /// When it happened, by WeCom's clock, milliseconds.
    pub told_at: i64,
    /// When it arrived first, milliseconds.
    pub received_at: i64,
    /// Digest of the decrypted document: unique within a suite.
    pub digest: String,
    /// When it was acted on, milliseconds; null: not yet.
    pub handled_at: Option<i64>,
    /// When it is to be acted on, milliseconds.
    pub next_at: i64,
    /// How often that was tried.
    pub attempts: i32,
    /// What came of it: a reference number or a word; null: nothing yet.
    pub outcome: Option<String>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
