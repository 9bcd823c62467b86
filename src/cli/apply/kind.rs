//! What a file may describe.

use serde_json::Value;

use super::{branding, fault_list::FaultList};
use crate::{
    admin::branding::NewBranding,
    cli::sync::report::text,
    directory::{auth_source::input::NewAuthSource, data_source::input::NewDataSource, group::input::NewGroup},
    kernel::{failure::Result, json, validation::ValidationErrors},
    notices::{channel::input::NewChannel, delivery::ChannelKind, subscription::input::NewSubscription},
    oidc::registration::input::NewClient,
};

/// A kind of entries, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A data source.
    DataSource,
    /// An auth source.
    AuthSource,
    /// A group of users.
    Group,
    /// A client.
    Portal,
    /// A channel of notices.
    NoticeChannel,
    /// Who is told by one.
    NoticeSubscription,
    /// How the pages of the installation, or of a company, look.
    Branding,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: &'static [Self] = &[
        Self::DataSource,
        Self::AuthSource,
        Self::Group,
        Self::Portal,
        Self::NoticeChannel,
        Self::NoticeSubscription,
        Self::Branding,
    ];

    /// Its tables in the file.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::DataSource => "data_source",
            Self::AuthSource => "auth_source",
            Self::Group => "group",
            Self::Portal => "portal",
            Self::NoticeChannel => "notice_channel",
            Self::NoticeSubscription => "notice_subscription",
            Self::Branding => "branding",
        }
    }

    /// Its resource.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::DataSource => "data-sources",
            Self::AuthSource => "auth-sources",
            Self::Group => "groups",
            Self::Portal => "clients",
            Self::NoticeChannel => "notice-channels",
            Self::NoticeSubscription => "notice-subscriptions",
            Self::Branding => "branding",
        }
    }

    /// For people.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::DataSource => "data source",
            Self::AuthSource => "auth source",
            Self::Group => "group",
            Self::Portal => "portal",
            Self::NoticeChannel => "notice channel",
            Self::NoticeSubscription => "notice subscription",
            Self::Branding => "branding",
        }
    }

    /// The field by which an entry is found again; of a subscription the first of several.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::DataSource | Self::AuthSource | Self::Group | Self::NoticeChannel => "name",
            Self::Portal => "client_id",
            Self::NoticeSubscription => "channel",
            Self::Branding => "data_source",
        }
    }

    /// What a resource of the API is called.
    pub(super) fn name_of(self, view: &Value) -> String {
        let key = text(view, self.key());
        match self {
            Self::NoticeSubscription => subscription(key, view.get("address").and_then(Value::as_str)),
            _ => key.to_owned(),
        }
    }

    /// Judges an entry by the API's own types, so that a field the API learns needs nothing here. What only the server knows it says itself. `channel`: the
    /// kind of a subscription's channel, where that is in the file.
    pub(super) fn judge(self, body: &Value, channel: Option<&str>) -> FaultList {
        match self {
            Self::DataSource => judged(body, |new: NewDataSource| new.settings().map(drop)),
            Self::AuthSource => judged(body, |new: NewAuthSource| new.check()),
            Self::Group => judged(body, |new: NewGroup| new.check()),
            Self::Portal => judged(body, |new: NewClient| new.settings().map(drop)),
            Self::NoticeChannel => judged(body, |new: NewChannel| new.with_known_key().map(drop)),
            Self::NoticeSubscription => judged(body, |new: NewSubscription| {
                channel
                    .and_then(ChannelKind::of)
                    .map_or(Ok(()), |kind| new.desired(kind).map(drop))
            }),
            Self::Branding => {
                let fields = body.as_object().map(branding::plain).unwrap_or_default();
                judged(&Value::Object(fields), |new: NewBranding| new.check())
            }
        }
    }
}

/// What a subscription is called: its channel and its address.
pub(super) fn subscription(channel: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("{channel}: {address}"),
        None => channel.to_owned(),
    }
}

fn judged<T: serde::de::DeserializeOwned>(body: &Value, check: impl FnOnce(T) -> Result<()>) -> FaultList {
    let told = |faults: ValidationErrors| FaultList::of(&faults.to_string());
    match json::part::<T>("", body) {
        Err(faults) => told(faults),
        Ok(new) => match check(new) {
            Ok(()) => FaultList::default(),
            Err(failure) => FaultList::of(failure.detail.as_deref().unwrap_or(failure.entry.en)),
        },
    }
}

/// Whether a portal with this body authenticates by a secret.
pub(super) fn needs_secret(body: &Value) -> bool {
    json::part::<NewClient>("", body).is_ok_and(|new| new.auth_method.has_secret())
}
