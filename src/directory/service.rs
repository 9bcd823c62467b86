//! Service of the directory: the dependencies that its use cases share (database, sealing, clock).

use futures_util::future::{BoxFuture, join_all};
use std::sync::Arc;

use super::{
    offboarding::Offboarding,
    probe::model::AskWeCom,
    setup::Setup,
    store::{audited_transaction::Change, setup},
};
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    store::{Database, Ephemeral},
    wecom::{Refusal, model::Credential},
};

/// Tells the WeCom client that a credential was edited, so that a cached token or a block on a wrong secret is dropped at once.
pub type ForgetToken = Arc<dyn Fn(Credential) -> BoxFuture<'static, ()> + Send + Sync>;

/// Asks the WeCom client what WeCom refuses a credential, and since when: the credential itself, or the domain of this site.
pub type FindRefusals = Arc<dyn Fn(Credential) -> BoxFuture<'static, Vec<Refusal>> + Send + Sync>;

/// Dependencies of the directory.
#[derive(Clone)]
pub struct Dependencies {
    /// The database.
    pub database: Database,
    /// Seals WeCom secrets.
    pub sealer: Sealer,
    /// The time.
    pub clock: Clock,
    /// Ids.
    pub entropy: Entropy,
    /// Host, with port unless it is the default one, of `public_url`: what WeCom calls 企业微信授权登录回调域.
    pub callback_domain: String,
    /// Addresses from which WeCom sees our calls come, as far as somebody said so.
    pub egress: Vec<String>,
    /// Where passkeys work; none: nowhere.
    pub passkey_host: Option<String>,
    /// See [`ForgetToken`].
    pub forget: ForgetToken,
    /// See [`FindRefusals`].
    pub refusals: FindRefusals,
    /// See [`AskWeCom`].
    pub ask: AskWeCom,
    /// Counts what is probed.
    pub ephemeral: Ephemeral,
}

/// The use cases of this room. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(in crate::directory) deps: Arc<Dependencies>,
}

impl Directory {
    /// Builds the service over its dependencies.
    pub fn new(deps: Dependencies) -> Self {
        Self { deps: Arc::new(deps) }
    }

    /// Loads the whole setup, with what WeCom says about it now.
    pub(in crate::directory) async fn setup(&self) -> Result<Setup> {
        let Dependencies { database, sealer, .. } = &*self.deps;
        let mut loaded = setup::load_setup(database, self.deps.clock.now()).await?;
        loaded.domain.clone_from(&self.deps.callback_domain);
        loaded.egress.configured.clone_from(&self.deps.egress);
        let credentials = setup::credentials(database, sealer, self.deps.clock.now()).await?;
        let asked = credentials.into_iter().map(|(holder, credential)| {
            let refusals = (self.deps.refusals)(credential);
            async move { (holder, refusals.await) }
        });
        for (holder, refusals) in join_all(asked).await {
            let refused = refusals.into_iter().map(|refusal| (holder, refusal));
            loaded.refused.extend(refused);
        }
        Ok(loaded)
    }

    /// The use cases that end the access of many.
    pub(in crate::directory) fn offboarding(&self) -> Offboarding {
        let Dependencies {
            database,
            clock,
            entropy,
            ..
        } = &*self.deps;
        Offboarding::new(database.clone(), clock.clone(), entropy.clone())
    }

    pub(in crate::directory) async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.deps.clock.now(), actor).await
    }

    /// Seals a secret for `context`, the column it is stored in.
    pub(in crate::directory) fn seal(&self, context: &str, secret: Option<&Secret<String>>) -> Result<Option<String>> {
        secret
            .map(|secret| self.deps.sealer.seal(context, secret.expose().as_bytes()))
            .transpose()
    }

    pub(in crate::directory) async fn forget(&self, credentials: Vec<Credential>) {
        for credential in credentials {
            (self.deps.forget)(credential).await;
        }
    }
}
