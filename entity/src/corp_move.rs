//! Table `corp_move`. A company that is moved from an app of the service provider to an app of its own.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// A company that is moved from an app of the service provider to an app of its own.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "corp_move")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What changes its app.
    pub data_source_id: Uuid,
    /// The data source as long as the move is open, so that each has one; null: it is over.
    #[sea_orm(unique)]
    pub open_for: Option<Uuid>,
    /// Row id of the suite that it leaves.
    pub suite: Uuid,
    /// Row id of the installation.
    pub installation: Uuid,
    /// `planned`, `done`, `final`, `undone` or `dropped`.
    pub state: String,
    /// Corp ID of the company as its own app knows it.
    pub corp_id: String,
    /// AgentId of its own app.
    pub agent_id: i64,
    /// Secret of that app, sealed for `corp_move.app_secret`; null: the app has it.
    pub app_secret_sealed: Option<String>,
    /// Contacts-sync secret, sealed for `corp_move.contacts_secret`; null: none, or the data source has it.
    pub contacts_secret_sealed: Option<String>,
    /// `same_id`, `provider`, `conversion` or `admin`: by what it is known to be the same company; null: it is not.
    pub proven_by: Option<String>,
    /// Counts what was edited: credentials, pairs, the proof.
    pub revision: i64,
    /// When members were paired last, milliseconds; null: never.
    pub paired_at: Option<i64>,
    /// What WeCom refused when ids were converted: a reference number.
    pub conversion_problem: Option<String>,
    /// Its words.
    pub conversion_detail: Option<String>,
    /// The run that rehearsed it last.
    pub rehearsal_run: Option<Uuid>,
    /// What `revision` was then.
    pub rehearsed_revision: Option<i64>,
    /// Corp ID before.
    pub from_corp_id: String,
    /// Row id of the app before.
    pub from_app: Option<Uuid>,
    /// Row ids of the auth sources that were changed over.
    pub auth_sources: Strings,
    /// As in the audit log.
    pub created_by: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Who changed the app; null: nobody yet.
    pub changed_by: Option<String>,
    /// When, milliseconds.
    pub changed_at: Option<i64>,
    /// Who ended it (`final`, `undone`, `dropped`).
    pub ended_by: Option<String>,
    /// When, milliseconds.
    pub ended_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
