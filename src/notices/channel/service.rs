//! Use cases of channels: create, change, delete, read, try.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    input::{ChannelChange, NewChannel},
    settings::{Hook, OpenedChannel, Settings},
    store::{self, SECRET},
    view::{ChannelFilter, ChannelView, CreatedChannel},
};
use crate::{
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        secret::Secret,
        sorting::{SortedListing, SortedPage},
        validation::ValidationErrors,
    },
    notices::{
        channels::webhook, delivery::ChannelKind, failure::NoticeFailure, recipient, record_view::NoticeView,
        service::Notices, store::outbox,
    },
    web::texts::Lang,
};

/// Whom a test message is for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NoticeChannelTest)]
#[serde(deny_unknown_fields)]
pub struct ChannelTest {
    /// E-mail address or member ID; null: it is a webhook.
    #[serde(default)]
    #[schema(example = "li.hua@corp.example")]
    pub address: Option<String>,
    /// Language of the message, `en` or `zh-CN`; Chinese unless given.
    #[serde(default)]
    #[schema(pattern = "^(en|zh-CN)$", example = "en")]
    pub language: Option<String>,
}

impl Notices {
    fn sealed(&self, secret: Option<&Secret<String>>) -> Result<Option<String>> {
        secret
            .map(|secret| self.deps.sealer.seal(SECRET, secret.expose().as_bytes()))
            .transpose()
    }

    /// Adds a channel. A webhook without a key gets one, which only this reply ever shows.
    ///
    /// # Errors
    /// `NO-101` for unacceptable fields, `NO-103` when another has this name.
    pub async fn create_channel(&self, actor: &str, input: NewChannel) -> Result<CreatedChannel> {
        let desired = input.desired()?;
        let made = (input.kind == ChannelKind::Webhook && input.secret.is_none())
            .then(|| webhook::key_of(&self.deps.entropy.bytes::<32>()));
        let sealed = match (&desired.settings, input.secret.as_ref().or(made.as_ref())) {
            (Settings::Webhook { url }, Some(key)) => self.sealed(Some(&Hook::text(key, url)))?,
            (_, secret) => self.sealed(secret)?,
        };
        let id = store::create(self.change(actor).await?, (input.kind, desired), sealed).await?;
        Ok(CreatedChannel {
            about: self.channel(id).await?,
            secret: made.map(|key| key.expose().clone()),
        })
    }

    /// Changes a channel.
    ///
    /// # Errors
    /// As for creating; `NO-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change_channel(
        &self,
        actor: &str,
        id: Uuid,
        input: ChannelChange,
        if_match: &IfMatch,
    ) -> Result<ChannelView> {
        let sealed = self.sealed(self.changed_secret(id, &input).await?.as_ref())?;
        store::change(self.change(actor).await?, id, (&input, sealed), if_match).await?;
        self.channel(id).await
    }

    /// What is to be sealed after this change; `None`: what is sealed stays.
    async fn changed_secret(&self, id: Uuid, input: &ChannelChange) -> Result<Option<Secret<String>>> {
        let stored = store::opened(&self.deps.database, &self.deps.sealer, id).await?;
        let Some(OpenedChannel {
            settings: Settings::Webhook { url },
            secret: Some(key),
            ..
        }) = stored
        else {
            return Ok(input.secret.clone());
        };
        let changes = input.url.is_some() || input.secret.is_some();
        let (url, key) = (
            input.url.as_ref().unwrap_or(&url),
            input.secret.as_ref().unwrap_or(&key),
        );
        Ok(changes.then(|| Hook::text(key, url)))
    }

    /// Deletes a channel with the subscriptions by it.
    ///
    /// # Errors
    /// `NO-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_channel(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(actor).await?, id, if_match).await
    }

    /// Returns one channel.
    ///
    /// # Errors
    /// `NO-102` when there is none.
    pub async fn channel(&self, id: Uuid) -> Result<ChannelView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| NoticeFailure::NotFound.into())
    }

    /// Lists the wanted channels.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn channels(&self, filter: &ChannelFilter, page: &SortedPage) -> Result<SortedListing<ChannelView>> {
        store::list(&self.deps.database, filter, page).await
    }

    /// Sends a test message by a channel, also one that is switched off, waits for the answer, and returns what came of it. It is tried once.
    ///
    /// # Errors
    /// `NO-101` for an address that the channel does not take, `NO-102` when there is no such channel.
    pub async fn test_channel(&self, actor: &str, id: Uuid, input: &ChannelTest) -> Result<NoticeView> {
        let channel = self.channel(id).await?;
        let mut faults = ValidationErrors::default();
        recipient::check(&mut faults, channel.kind, input.address.as_deref());
        let lang = recipient::language(&mut faults, input.language.as_deref());
        faults.into_result(NoticeFailure::Invalid.entry())?;
        let to = outbox::Trial {
            channel: channel.id,
            data_source: channel.data_source_id,
            kind: channel.kind,
            address: input.address.clone(),
            lang: lang.unwrap_or(Lang::Zh),
        };
        let change = self.change(actor).await?;
        let (notice, delivery) = outbox::enqueue_trial(&change, &self.deps.sealer, &to).await?;
        change
            .commit(format!("notice_channel:{id}"), "tested", &["address"])
            .await?;
        self.send_now(delivery).await?;
        self.notice(notice).await
    }
}
