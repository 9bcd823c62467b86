//! Table `access_request`. A member who is not imported asks to be let in.

use sea_orm::entity::prelude::*;

/// A member who is not imported asks to be let in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_request")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of which corp.
    pub data_source_id: Uuid,
    /// WeCom corp ID that was proven.
    pub corp_id: String,
    /// In WeCom's own letter case, as the scan proved it.
    pub userid: String,
    /// Lower-cased. Of each (data source, this) one request is open at most.
    pub userid_key: String,
    /// Row id of the member who asks, once a sync has read them: whoever has the userid later is somebody else. No reference: it stays when the row goes.
    pub member_id: Option<Uuid>,
    /// `web` or `in_app`: how they had signed in to WeCom.
    pub mode: String,
    /// Row id of the portal they wanted to enter; null: none, the console, or it is gone.
    pub client_id: Option<Uuid>,
    /// `open`, `approved`, `refused`, `expired`, `withdrawn`, `overtaken` or `closed`.
    pub state: String,
    /// What they say; may be empty.
    pub reason: String,
    /// Milliseconds.
    pub created_at: i64,
    /// When it is over undecided, milliseconds.
    pub expires_at: i64,
    /// Milliseconds; null while it is open.
    pub decided_at: Option<i64>,
    /// As in the audit log; null while it is open.
    pub decided_by: Option<String>,
    /// How it was decided, as `requests` reads it; null while it is open.
    pub decision: Option<Json>,
    /// Why it was refused.
    pub refusal_reason: Option<String>,
    /// Whether the person is told why.
    pub reason_shown: bool,
    /// The user they became.
    pub user_id: Option<Uuid>,
    /// SHA-256 of the token in the approver's link, base64url.
    #[sea_orm(unique)]
    pub link_digest: String,
    /// Until when the link leads on, milliseconds.
    pub link_expires_at: i64,
    /// The language of the page on which they asked, `zh-CN` or `en`; null: it was made before that was kept.
    pub language: Option<String>,
    /// Whether it was closed by something that tells nobody, so that the person, and the cards of it, are still to be told.
    pub untold: bool,
    /// Counts its changes.
    pub version: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
