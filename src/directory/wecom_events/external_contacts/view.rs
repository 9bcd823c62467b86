//! Events about customers as the API shows them. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wecom::callback::ExternalChange;

/// Something that WeCom told about a customer, a chat with customers or the corp's tags of customers. Kept for 30 days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExternalContactEvent)]
pub struct EventView {
    /// Row id.
    pub id: Uuid,
    /// What happened.
    #[schema(value_type = ExternalChange)]
    pub change: String,
    /// Userid of the member; null: none was named.
    #[schema(example = "zhangsan")]
    pub userid: Option<String>,
    /// WeCom's id of the customer, who is no user; null: it is about none.
    #[schema(example = "wmAbCdEf0123456789")]
    pub external_userid: Option<String>,
    /// WeCom's id of the chat; null: it is about none.
    pub chat_id: Option<String>,
    /// WeCom's word for how or why (`Source`, `FailReason`, `UpdateDetail`); null: none.
    pub detail: Option<String>,
    /// When it happened by WeCom's clock, milliseconds since 1970; null: not told.
    pub told_at: Option<i64>,
    /// When it was received, milliseconds since 1970.
    pub received_at: i64,
}

/// How many events of one kind were told, each counted once however often it was delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExternalContactCount)]
pub struct CountView {
    /// What happened.
    #[schema(value_type = ExternalChange)]
    pub change: String,
    /// How many, those that are not kept any more among them.
    pub total: i64,
    /// When the first was received, milliseconds since 1970.
    pub first_at: i64,
    /// When the last was received, milliseconds since 1970.
    pub last_at: i64,
}
