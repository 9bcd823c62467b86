//! Use cases of suites: create, change, delete, read, new Token and EncodingAESKey, and trying the credentials.

use std::sync::Arc;

use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    input::{NewSuite, SuiteChange},
    model::{AES_KEY, PROVIDER_SECRET, SECRET, TOKEN},
    store::{
        editing::{self, Edit, Keys, New},
        pushes, reading, refusals,
    },
    view::{IssuedSuite, SuitePushView, SuiteView},
};
use crate::{
    crypto::seal::Sealer,
    directory::{store::Change, wecom_events::Callbacks},
    kernel::{
        background::Background,
        clock::Clock,
        entity_tag::IfMatch,
        entropy::Entropy,
        failure::Result,
        pagination::{Listing, Page},
        secret::Secret,
        sorting::{SortedListing, SortedPage},
    },
    store::{Database, Ephemeral},
    wecom::{WeCom, callback::AesKey, model::ProviderCredential},
};

/// Dependencies of suites.
pub struct Dependencies {
    /// The database.
    pub database: Database,
    /// Keeps what was verified, and counts what is tried.
    pub ephemeral: Ephemeral,
    /// Seals secrets, tickets and codes.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Ids, Tokens, keys.
    pub entropy: Entropy,
    /// Tries credentials.
    pub wecom: WeCom,
    /// Takes the events of companies.
    pub callbacks: Callbacks,
    /// `public_url`, the base of the callback URLs.
    pub public_url: String,
}

/// The use cases of suites. Cheap to clone.
#[derive(Clone)]
pub struct Suites {
    pub(super) deps: Arc<Dependencies>,
    pub(super) pushed: Arc<Notify>,
    pub(super) background: Background,
}

/// Token and EncodingAESKey of a suite, and which of them Menjin made.
struct Made {
    token: Option<Secret<String>>,
    aes_key: Option<Secret<String>>,
    sealed: Keys,
}

impl Suites {
    /// Builds the service over its dependencies.
    pub fn new(deps: Dependencies) -> Self {
        Self {
            deps: Arc::new(deps),
            pushed: Arc::default(),
            background: Background::new(),
        }
    }

    /// Notified when a push was recorded here; other replicas are not heard of, so whoever waits also looks now and then.
    pub fn pushed(&self) -> Arc<Notify> {
        Arc::clone(&self.pushed)
    }

    /// Waits until no credential is being tried in the background.
    pub async fn idle(&self) {
        self.background.idle().await;
    }

    /// Adds a suite. Its secret is tried when the first ticket arrives, the provider's at once. Token and EncodingAESKey that were not entered are
    /// made, and told this once.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `SU-103` for a suite ID that is taken, `SU-112` and `SU-113` for what WeCom refuses of the provider unless
    /// `save_anyway` is set, `DI-242` after too many such ones.
    pub async fn create_suite(&self, actor: &str, input: NewSuite) -> Result<IssuedSuite> {
        input.check()?;
        let provider = input.provider_corp_id.clone().zip(input.provider_secret.clone());
        let provider = provider.map(|(corp_id, secret)| ProviderCredential { corp_id, secret });
        let provider_outcome = self.try_provider(actor, provider, input.save_anyway).await?;
        let made = self.keys(input.token.as_ref(), input.encoding_aes_key.as_ref())?;
        let new = New {
            secret: self.seal(SECRET, &input.secret)?,
            provider_secret: match &input.provider_secret {
                Some(secret) => Some(self.seal(PROVIDER_SECRET, secret)?),
                None => None,
            },
            name: input.name,
            description: input.description,
            suite_id: input.suite_id,
            keys: made.sealed,
            provider_corp_id: input.provider_corp_id,
            provider_outcome,
        };
        let id = editing::create(self.change(actor).await?, new).await?;
        Ok(IssuedSuite {
            suite: self.suite(id).await?,
            token: made.token.map(|token| token.expose().clone()),
            encoding_aes_key: made.aes_key.map(|key| key.expose().clone()),
        })
    }

    /// Changes a suite. A secret is tried first, where there is a ticket to try it with.
    ///
    /// # Errors
    /// As for creating; also `DI-102` when there is none, `SU-105` for another suite ID while companies are connected, `SU-110` to `SU-113`
    /// for what WeCom refuses unless `save_anyway` is set, `DI-242` after too many such ones, `AD-114` when it is not in the state that
    /// `if_match` demands.
    pub async fn change_suite(
        &self,
        actor: &str,
        id: Uuid,
        input: SuiteChange,
        if_match: &IfMatch,
    ) -> Result<SuiteView> {
        input.check()?;
        let seal = |context: &str, secret: &Option<Secret<String>>| -> Result<Option<String>> {
            secret.as_ref().map(|secret| self.seal(context, secret)).transpose()
        };
        let outcome = self.try_entered(actor, id, &input).await?;
        let provider = self.provider_after(id, &input).await?;
        let provider_outcome = self.try_provider(actor, provider, input.save_anyway).await?;
        let edit = Edit {
            secret: seal(SECRET, &input.secret)?,
            token: seal(TOKEN, &input.token)?,
            aes_key: seal(AES_KEY, &input.encoding_aes_key)?,
            provider_secret: match &input.provider_secret {
                Some(secret) => Some(seal(PROVIDER_SECRET, secret)?),
                None => None,
            },
            input,
            outcome,
            provider_outcome,
            if_match: if_match.clone(),
        };
        editing::change(self.change(actor).await?, id, edit).await?;
        self.suite(id).await
    }

    /// Gives the callbacks of a suite a new Token and EncodingAESKey, told this once. Until both are entered in WeCom's console its pushes are
    /// refused.
    ///
    /// # Errors
    /// `DI-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn renew_suite_keys(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<IssuedSuite> {
        let made = self.keys(None, None)?;
        editing::renew(self.change(actor).await?, id, made.sealed, if_match).await?;
        Ok(IssuedSuite {
            suite: self.suite(id).await?,
            token: made.token.map(|token| token.expose().clone()),
            encoding_aes_key: made.aes_key.map(|key| key.expose().clone()),
        })
    }

    /// Removes a suite that no company has installed.
    ///
    /// # Errors
    /// `DI-102` when there is none, `SU-104` while companies have it installed, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_suite(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<()> {
        editing::delete(self.change(actor).await?, id, if_match).await
    }

    /// Returns one suite with what is wrong with it now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn suite(&self, id: Uuid) -> Result<SuiteView> {
        let found = reading::existing(&self.deps.database, id).await?;
        let refused = refusals::find(&self.deps.database, &[id]).await?;
        let shown = (self.deps.public_url.as_str(), self.deps.clock.now());
        Ok(SuiteView::new(reading::suite(found), &refused, shown))
    }

    /// Lists suites.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn suites(&self, page: &SortedPage) -> Result<SortedListing<SuiteView>> {
        let database = &self.deps.database;
        let listing = reading::list(database, page).await?;
        let ids: Vec<Uuid> = listing.items.iter().map(|suite| suite.id).collect();
        let refused = refusals::find(database, &ids).await?;
        let shown = (self.deps.public_url.as_str(), self.deps.clock.now());
        Ok(listing.map(|suite| SuiteView::new(suite, &refused, shown)))
    }

    /// Lists what WeCom pushed to a suite, the last push first.
    ///
    /// # Errors
    /// `DI-102` when there is no such suite.
    pub async fn suite_pushes(&self, id: Uuid, page: Page) -> Result<Listing<SuitePushView>> {
        reading::existing(&self.deps.database, id).await?;
        pushes::list(&self.deps.database, id, page).await
    }

    async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.deps.clock.now(), actor).await
    }

    fn seal(&self, context: &str, secret: &Secret<String>) -> Result<String> {
        self.deps.sealer.seal(context, secret.expose().as_bytes())
    }

    /// Token and EncodingAESKey: as entered, else made.
    fn keys(&self, token: Option<&Secret<String>>, aes_key: Option<&Secret<String>>) -> Result<Made> {
        let entropy = &self.deps.entropy;
        let made_token = token.is_none().then(|| Secret::new(entropy.hex_id()));
        let made_key = aes_key.is_none().then(|| AesKey::typed(entropy));
        let token = token.or(made_token.as_ref());
        let aes_key = aes_key.or(made_key.as_ref());
        let sealed = |context: &str, secret: Option<&Secret<String>>| match secret {
            Some(secret) => self.seal(context, secret),
            None => Ok(String::new()),
        };
        Ok(Made {
            sealed: Keys {
                token: sealed(TOKEN, token)?,
                aes_key: sealed(AES_KEY, aes_key)?,
            },
            token: made_token,
            aes_key: made_key,
        })
    }
}
