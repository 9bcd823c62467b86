//! Use cases of channels: create, change, delete, read, try.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    input::{ChannelChange, NewChannel},
    settings::{Hook, Settings},
    store::{self, SECRET},
    view::{ChannelFilter, ChannelView, CreatedChannel},
};
use crate::{
    crypto::digest::sha256_base64url,
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

/// Secrets that are to be compared with those of a channel; null: not this one.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NoticeChannelComparison)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Where the webhook is called.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000, write_only)]
    pub url: Option<Secret<String>>,
    /// The mailbox's password, or the webhook's key.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1024, write_only)]
    pub secret: Option<Secret<String>>,
}

/// Which of them are the channel's own.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = NoticeChannelCompared)]
pub struct Compared {
    /// Whether the address is; null: it was not asked.
    pub url: Option<bool>,
    /// Whether the secret is; null: it was not asked.
    pub secret: Option<bool>,
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
        store::change(self.change(actor).await?, &self.deps.sealer, (id, &input), if_match).await?;
        self.channel(id).await
    }

    /// Says whether these are the secrets of a channel, for those who may replace them; so that a set-up kept elsewhere can be compared with what is stored.
    ///
    /// # Errors
    /// `NO-102` when there is none, `NO-101` for what no channel can have.
    pub async fn compare_channel(&self, id: Uuid, asked: &Comparison) -> Result<Compared> {
        let mut faults = ValidationErrors::default();
        for (field, asked, longest) in [("url", &asked.url, 2000), ("secret", &asked.secret, 1024)] {
            let fits = asked
                .as_ref()
                .is_none_or(|asked| asked.expose().chars().count() <= longest);
            faults.check(fits, field, format_args!("has at most {longest} characters"));
        }
        faults.into_result(NoticeFailure::Invalid.entry())?;
        let stored = store::opened(&self.deps.database, &self.deps.sealer, id).await?;
        let stored = stored.ok_or(NoticeFailure::NotFound)?;
        let is = |own: Option<&str>, asked: &Secret<String>| own.is_some_and(|own| is_same(own, asked.expose()));
        let url = match &stored.settings {
            Settings::Webhook { url } => Some(url.as_str()),
            Settings::Email(_) | Settings::Wecom => None,
        };
        let secret = stored.secret.as_ref().map(|secret| secret.expose().as_str());
        Ok(Compared {
            url: asked.url.as_ref().map(|asked| is(url, asked)),
            secret: asked.secret.as_ref().map(|asked| is(secret, asked)),
        })
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

/// Whether two texts are the same. Their digests are compared, so how long it takes tells nothing of the texts.
fn is_same(own: &str, asked: &str) -> bool {
    sha256_base64url(own.as_bytes()) == sha256_base64url(asked.as_bytes())
}
