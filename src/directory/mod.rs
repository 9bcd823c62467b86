//! The directory: which corps' contacts we mirror (data sources), through which doors their people come in (auth sources), and who they
//! are here (users). What WeCom owns (members, departments, tags) is only read here; `sync` writes it.
//!
//! Every change is one transaction that also writes its audit event; secrets are sealed before they reach a query and never come back.

pub mod app;
pub mod callback;
pub mod contacts;
pub mod door;
pub mod ending;
pub mod failure;
pub mod landscape;
pub mod problem;
pub mod runs;
pub mod source;
pub mod store;
pub mod sync;
pub mod user;

pub use failure::DirectoryFailure;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    store::Database,
    wecom::model::Credential,
};
use store::Change;

/// Tells the WeCom client that a credential was edited, so that a cached token or a block on a wrong secret is dropped at once.
pub type Forget = Arc<dyn Fn(Credential) -> BoxFuture<'static, ()> + Send + Sync>;

/// What the directory is built from.
#[derive(Clone)]
pub struct Parts {
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
    /// See [`Forget`].
    pub forget: Forget,
}

/// The use cases of this room. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    parts: Arc<Parts>,
}

impl Directory {
    /// The directory over these parts.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.parts.database, &self.parts.entropy, self.parts.clock.now(), actor).await
    }

    /// Seals a secret for its place.
    fn seal(&self, context: &str, secret: Option<&Secret<String>>) -> Result<Option<String>> {
        secret
            .map(|secret| self.parts.sealer.seal(context, secret.expose().as_bytes()))
            .transpose()
    }

    async fn forget(&self, credentials: Vec<Credential>) {
        for credential in credentials {
            (self.parts.forget)(credential).await;
        }
    }
}
