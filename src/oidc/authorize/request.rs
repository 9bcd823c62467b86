//! A validated authorization request, and its storage while the person signs in.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::destination::ResponseMode;
use crate::{
    kernel::{clock::Timestamp, failure::Result, spans},
    oidc::{provider::Provider, subject_derivation::Expected, terms::GrantTerms},
    signin::Standing,
};

/// How long a request is stored, and so how long a person may take to sign in.
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
    /// How it is sent.
    pub mode: ResponseMode,
    /// Returned unchanged.
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
    /// The person the portal expects.
    #[serde(default)]
    pub expected: Vec<Expected>,
    /// Agreed besides the scope.
    #[serde(default)]
    pub terms: GrantTerms,
    /// Languages of our pages.
    pub ui_locales: Option<String>,
    /// When it came: a proof from then on satisfies `prompt=login` and `max_age`.
    pub asked_at: Timestamp,
    /// Key of the pushed request (RFC 9126), which is consumed when the code is issued.
    #[serde(default)]
    pub pushed: Option<String>,
    /// For whom it is kept.
    #[serde(default)]
    pub standing: Standing,
    /// The `traceparent` of the request that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

fn key(id: &str) -> String {
    format!("authorize:{id}")
}

/// Ids are 32 hex characters; nothing else is looked up.
pub(super) fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Provider {
    /// Keeps a request whose visitor was counted; returns its id.
    pub(in crate::oidc) async fn keep_request(&self, request: &Request) -> Result<String> {
        let id = self.deps().entropy.hex_id();
        let shelf = request.standing.shelf();
        self.deps()
            .ephemeral
            .put_json_on(shelf, &key(&id), request, LIFETIME)
            .await?;
        Ok(id)
    }

    /// Reads a kept request.
    pub(super) async fn kept_request(&self, id: &str) -> Result<Option<Request>> {
        if !is_id(id) {
            return Ok(None);
        }
        let kept: Option<Request> = self.deps().ephemeral.get_json(&key(id)).await?;
        if let Some(kept) = &kept {
            spans::adopt(kept.trace.as_deref());
        }
        Ok(kept)
    }

    /// Consumes a kept request; true for the one caller who did.
    pub(super) async fn forget_request(&self, id: &str) -> Result<bool> {
        Ok(self.deps().ephemeral.take(&key(id)).await?.is_some())
    }
}
