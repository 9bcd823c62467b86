//! Table `wecom_suite`. An app of a service provider, or the template of apps that it develops for customers.

use sea_orm::entity::prelude::*;

/// An app of a service provider as it is entered in WeCom's provider console: its credentials, and what its callbacks brought last.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wecom_suite")]
pub struct Model {
    /// Ours; part of the addresses of its callbacks.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// WeCom's id of the suite; one that begins with `dk` is a template.
    #[sea_orm(unique)]
    pub suite_id: String,
    /// The suite's secret, sealed for `wecom_suite.secret`.
    pub secret_sealed: String,
    /// Token of both callbacks, sealed for `wecom_suite.token`.
    pub token_sealed: String,
    /// EncodingAESKey of both callbacks, sealed for `wecom_suite.aes_key`.
    pub aes_key_sealed: String,
    /// Corp ID of the service provider; null: not entered.
    pub provider_corp_id: Option<String>,
    /// The provider's secret, sealed for `wecom_suite.provider_secret`; null: not entered.
    pub provider_secret_sealed: Option<String>,
    /// The newest ticket, sealed for `wecom_suite.ticket`; null: none arrived yet.
    pub ticket_sealed: Option<String>,
    /// When that ticket was made, by our clock, milliseconds: its age counts from here.
    pub ticket_at: Option<i64>,
    /// When WeCom says that it made that ticket, milliseconds: by this the newest is known, whatever WeCom's clock says.
    pub ticket_told_at: Option<i64>,
    /// When WeCom verified the command callback last, milliseconds; null: not since Token and EncodingAESKey were made.
    pub command_verified_at: Option<i64>,
    /// The same of the data callback.
    pub data_verified_at: Option<i64>,
    /// When an authentic push arrived last at the command callback, milliseconds.
    pub last_push_at: Option<i64>,
    /// When an authentic event arrived last at the data callback, milliseconds.
    pub last_event_at: Option<i64>,
    /// When the credentials were tried last, milliseconds; null: never, since there was no ticket.
    pub checked_at: Option<i64>,
    /// Reference number of what WeCom refused then; null: nothing.
    pub check_failure: Option<String>,
    /// WeCom's words about that.
    pub check_detail: Option<String>,
    /// Since when it is refused, milliseconds.
    pub check_failing_since: Option<i64>,
    /// Reference number of what WeCom said of the provider's secret when it was tried last; null: it accepted it, or nobody has tried.
    pub provider_failure: Option<String>,
    /// WeCom's words about that.
    pub provider_detail: Option<String>,
    /// Since when, milliseconds.
    pub provider_failing_since: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
