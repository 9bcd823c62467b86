//! Table `notice_delivery`. The outbox of notices: one row per notice and address.

use sea_orm::entity::prelude::*;

/// One notice on its way to one address, or at its end. Refers to channel, subscription and data source by no foreign key, because it tells
/// what was sent after they are gone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_delivery")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is told.
    pub notice_id: Uuid,
    /// By which channel; null: by the WeCom app of the data source, to somebody who subscribed to nothing.
    pub channel_id: Option<Uuid>,
    /// By which subscription it came to be.
    pub subscription_id: Option<Uuid>,
    /// Whose WeCom app sends; for `wecom` alone.
    pub data_source_id: Option<Uuid>,
    /// `email`, `wecom` or `webhook`.
    pub kind: String,
    /// E-mail address or member ID.
    pub address: Option<String>,
    /// `en` or `zh-CN`.
    pub language: String,
    /// `pending`, `held`, `delivered`, `failed` or `abandoned`.
    pub state: String,
    /// Whether it waits to be gathered into a digest.
    pub digest: bool,
    /// The delivery that carries it in its digest; its own id where it is the one that carries the others.
    pub digest_of: Option<Uuid>,
    /// How often it was sent.
    pub attempts: i32,
    /// Whether somebody is sending it, or died while doing so.
    pub leased: bool,
    /// Milliseconds; not sent before. While it is being sent, the moment its sender counts as dead.
    pub next_at: i64,
    /// Milliseconds; given up then.
    pub deadline: i64,
    /// Status of the last answer: of HTTP, of SMTP, or WeCom's errcode.
    pub last_status: Option<i32>,
    /// What was wrong with the last try.
    pub last_error: Option<String>,
    /// What the other side called the message.
    pub provider_id: Option<String>,
    /// Of a card with buttons: AgentId of the app that sent it.
    pub agent_id: Option<i64>,
    /// By which a card can be updated once; sealed.
    pub response_code: Option<String>,
    /// Of a card: whether it has been updated since the matter was decided.
    pub card_state: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; when the other side accepted it.
    pub delivered_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
