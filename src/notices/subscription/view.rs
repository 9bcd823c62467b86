//! A subscription as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::entity_tag::{EntityTag, Tagged},
    notices::{delivery::ChannelKind, model::Topic, timing::Digest},
};

/// Who is told of what, by which channel, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NoticeSubscription)]
pub struct SubscriptionView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Row id of the channel.
    pub channel_id: Uuid,
    /// Its name.
    pub channel: String,
    /// Its kind.
    pub kind: ChannelKind,
    /// Row id of the data source that it is about; null: all of them, and what is about none.
    pub data_source_id: Option<Uuid>,
    /// E-mail address or member ID; null: a webhook.
    pub address: Option<String>,
    /// What is told.
    pub topics: Vec<Topic>,
    /// In which language.
    #[schema(example = "zh-CN")]
    pub language: String,
    /// First quiet minute of the day; null: no quiet hours.
    pub quiet_from: Option<i32>,
    /// First minute of the day that is not quiet any more.
    pub quiet_to: Option<i32>,
    /// Minutes by which the subscriber's clock is ahead of UTC.
    pub utc_offset: i32,
    /// How notices are gathered.
    pub digest: Digest,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

impl Tagged for SubscriptionView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

/// Which subscriptions are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionFilter {
    /// By this channel.
    pub channel: Option<Uuid>,
    /// Of this data source alone.
    pub data_source: Option<Uuid>,
}
