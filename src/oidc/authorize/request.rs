//! A validated authorization request, and how it is kept while its person signs in.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::destination::ResponseMode;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    oidc::{provider::Provider, subject::Expected, terms::Terms},
    store::failure::StoreFailure,
};

/// How long a person may take to sign in before the request is forgotten.
pub(super) const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What `prompt` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// The person must prove again who they are. `select_account` means the same here: the next scan says who it is.
    pub login: bool,
    /// The person must be asked for consent, whatever they agreed to before.
    #[serde(default)]
    pub consent: bool,
}

/// A request that passed every check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Which portal.
    pub client: Uuid,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// Echoed.
    pub state: Option<String>,
    /// What will be granted.
    pub scope: String,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// S256 challenge.
    pub challenge: Option<String>,
    /// Pages wanted or not wanted.
    pub prompt: Prompt,
    /// Oldest acceptable proof of who it is, seconds.
    pub max_age: Option<u64>,
    /// Whom the portal expects.
    #[serde(default)]
    pub expected: Vec<Expected>,
    /// Agreed besides the scope.
    #[serde(default)]
    pub terms: Terms,
    /// Languages of our pages.
    pub ui_locales: Option<String>,
    /// When it came: a proof from then on satisfies `prompt=login` and `max_age`.
    pub asked_at: Timestamp,
    /// The pushed request (RFC 9126) that ends with the code.
    #[serde(default)]
    pub pushed: Option<String>,
}

fn key(id: &str) -> String {
    format!("authorize:{id}")
}

/// Ids are 32 hex characters; nothing else is looked up.
pub(super) fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Provider {
    /// Keeps a request; returns its id.
    pub(in crate::oidc) async fn keep_request(&self, request: &Request) -> Result<String> {
        let id = self.deps().entropy.alphanumeric();
        let value = serde_json::to_vec(request).unwrap_or_default();
        self.deps().ephemeral.put(&key(&id), &value, LIFETIME).await?;
        Ok(id)
    }

    /// Reads a kept request.
    pub(super) async fn kept_request(&self, id: &str) -> Result<Option<Request>> {
        if !is_id(id) {
            return Ok(None);
        }
        let Some(value) = self.deps().ephemeral.get(&key(id)).await? else {
            return Ok(None);
        };
        let request = serde_json::from_slice(&value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))?;
        Ok(Some(request))
    }

    /// Ends a kept request; true for the one caller who ended it.
    pub(super) async fn forget_request(&self, id: &str) -> Result<bool> {
        Ok(self.deps().ephemeral.take(&key(id)).await?.is_some())
    }
}
