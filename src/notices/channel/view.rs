//! A channel as the API shows it: everything but its secret.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::settings::Security;
use crate::{
    kernel::{
        entity_tag::{EntityTag, Tagged},
        sorting::{Kind, Sort, SortWords},
    },
    notices::delivery::ChannelKind,
};

/// How a list of channels can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("name", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

/// A way by which notices reach people. Never with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NoticeChannel)]
pub struct ChannelView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// By what it reaches people.
    pub kind: ChannelKind,
    /// What admins call it.
    pub name: String,
    /// Whether anything is sent by it.
    pub enabled: bool,
    /// Row id of the data source whose WeCom app sends; null: it is not of that kind.
    pub data_source_id: Option<Uuid>,
    /// Name or address of the mail server; null: it is not of that kind; so for the next ones.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub security: Option<Security>,
    /// User name for the mail server; null: it wants no login.
    pub username: Option<String>,
    /// Address that mails come from.
    pub sender: Option<String>,
    /// Name beside that address.
    pub sender_name: Option<String>,
    /// Where the webhook is called, as far as it is shown: scheme, host and port, and `…` for a path or query, which may hold a secret; null: it is not of that kind.
    pub url: Option<String>,
    /// Whether a secret is stored; the secret itself is never shown.
    pub secret_set: bool,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

impl Tagged for ChannelView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

/// A channel that was just created, with the key that was made for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedNoticeChannel)]
pub struct CreatedChannel {
    /// The channel.
    #[serde(flatten)]
    pub about: ChannelView,
    /// The webhook's key, where none was given: shown this once. Null: none was made.
    pub secret: Option<String>,
}

impl Tagged for CreatedChannel {
    fn entity_tag(&self) -> &EntityTag {
        &self.about.etag
    }
}

/// Which channels are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct ChannelFilter {
    /// Of this kind.
    pub kind: Option<ChannelKind>,
}
