//! API tokens. A token is shown once, when it is created; only its digest is kept.

pub mod store;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Admin, failure::AdminFailure, role::Role};
use crate::{
    crypto::digest::sha256_base64url,
    directory::store::Change,
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
        secret::Secret,
        validation::ValidationErrors,
    },
};

/// Name of the first token.
pub const BOOTSTRAP: &str = "bootstrap";
/// Its fixed row id: whoever inserts it first wins, so that replicas starting together print one token, not several.
const BOOTSTRAP_ID: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
/// Shortest token an operator may set, characters.
const SHORTEST: usize = 32;

/// Who calls.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Name of the token.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// A new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// For people and the audit trail.
    pub name: String,
    /// `admin`, `operator` or `auditor`.
    pub role: Role,
    /// Milliseconds since the epoch; null: never.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// A token as the API shows it: never itself.
#[derive(Debug, Serialize)]
pub struct TokenView {
    /// Row id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds; null: it works.
    pub revoked_at: Option<i64>,
}

/// A token just created.
#[derive(Serialize)]
pub struct Created {
    /// About it.
    #[serde(flatten)]
    pub about: TokenView,
    /// The token, shown this once.
    pub token: String,
}

impl Admin {
    async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await
    }

    /// Who presents this token; `None` when it is unknown, expired or revoked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identify(&self, token: &str) -> Result<Option<Identity>> {
        let digest = sha256_base64url(token.as_bytes());
        store::identify(&self.database, &digest, self.clock.now()).await
    }

    /// Sees to it that there is a token to begin with. One set by the operator is made valid; otherwise, and only when there is no token
    /// at all, one is created and returned, for the caller to print once.
    ///
    /// # Errors
    /// `AD-108` when the operator's token cannot be used.
    pub async fn ensure_first(&self, set_by_operator: Option<Secret<String>>) -> Result<Option<Secret<String>>> {
        let Some(token) = set_by_operator else {
            let token = self.entropy.token();
            let won = store::insert_first(self.change("system").await?, digest(&token)).await?;
            return Ok(won.then_some(token));
        };
        let mut faults = ValidationErrors::default();
        faults.secret("token", token.expose(), SHORTEST);
        faults.into_result(AdminFailure::OperatorToken.entry())?;
        store::upsert_first(self.change("system").await?, digest(&token)).await?;
        Ok(None)
    }

    /// Creates a token. The reply is the only one that ever holds it.
    ///
    /// # Errors
    /// `AD-105` for unacceptable fields.
    pub async fn create_token(&self, actor: &str, input: NewToken) -> Result<Created> {
        check(&input, self.clock.now())?;
        let token = self.entropy.token();
        let about = store::create(self.change(actor).await?, input, digest(&token)).await?;
        Ok(Created {
            about,
            token: token.expose().clone(),
        })
    }

    /// Revokes a token; revoking twice is no error.
    ///
    /// # Errors
    /// `AD-106` when there is none, `AD-107` when nobody would be left to administer.
    pub async fn revoke_token(&self, actor: &str, id: Uuid) -> Result<()> {
        store::revoke(self.change(actor).await?, id).await
    }

    /// One token.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn token(&self, id: Uuid) -> Result<TokenView> {
        let found = store::find(&self.database, id).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }

    /// Tokens by id, revoked ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tokens(&self, page: Page) -> Result<Listing<TokenView>> {
        store::list(&self.database, page).await
    }
}

fn check(input: &NewToken, now: Timestamp) -> Result<()> {
    let mut faults = ValidationErrors::default();
    faults.line("name", &input.name, 100);
    if let Some(expires_at) = input.expires_at {
        faults.check(
            expires_at > now.millis(),
            "expires_at",
            "must be a moment in the future, in milliseconds since 1970",
        );
    }
    faults.into_result(AdminFailure::Invalid.entry())
}

fn digest(token: &Secret<String>) -> String {
    sha256_base64url(token.expose().as_bytes())
}
