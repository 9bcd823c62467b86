//! The directory as a service: what its use cases share (stores, sealing, time), handed in once.

use futures_util::future::BoxFuture;
use std::sync::Arc;

use super::store::change::Change;
use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    store::Database,
    wecom::model::Credential,
};

/// Tells the WeCom client that a credential was edited, so that a cached token or a block on a wrong secret is dropped at once.
pub type ForgetToken = Arc<dyn Fn(Credential) -> BoxFuture<'static, ()> + Send + Sync>;

/// What the directory is built from.
#[derive(Clone)]
pub struct Dependencies {
    /// Where everything is kept.
    pub database: Database,
    /// Seals WeCom secrets.
    pub sealer: Sealer,
    /// The time.
    pub clock: Clock,
    /// Ids.
    pub entropy: Entropy,
    /// Host, with port unless it is the default one, of `public_url`: what WeCom calls 企业微信授权登录回调域.
    pub callback_domain: String,
    /// See [`ForgetToken`].
    pub forget: ForgetToken,
}

/// The use cases of this room. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    pub(in crate::directory) deps: Arc<Dependencies>,
}

impl Directory {
    /// The directory over these parts.
    pub fn new(deps: Dependencies) -> Self {
        Self { deps: Arc::new(deps) }
    }

    pub(in crate::directory) async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.deps.clock.now(), actor).await
    }

    /// Seals a secret for its place.
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
