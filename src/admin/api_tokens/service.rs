//! Use cases of API tokens: identify, create, revoke, read, list.

use super::store;
use crate::admin::api_tokens::model::Created;
use crate::admin::api_tokens::model::Identity;
use crate::admin::api_tokens::model::NewToken;
use crate::admin::api_tokens::model::SHORTEST;
use crate::admin::api_tokens::model::TokenFilter;
use crate::admin::api_tokens::model::TokenView;
use crate::admin::api_tokens::model::check;
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    crypto::digest::sha256_base64url,
    directory::store::Change,
    kernel::{
        failure::Result,
        secret::Secret,
        sorting::{SortedListing, SortedPage},
        validation::ValidationErrors,
    },
};
use uuid::Uuid;

impl Admin {
    async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await
    }

    /// Identifies the caller by a token; `None` when it is unknown, expired or revoked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identify(&self, token: &str) -> Result<Option<Identity>> {
        let digest = sha256_base64url(token.as_bytes());
        store::identify(&self.database, &digest, self.clock.now()).await
    }

    /// Ensures that there is a first token. One set by the operator is made valid; otherwise, and only when there is no token at all, one
    /// is created and announced, for the caller to print once.
    ///
    /// # Errors
    /// `AD-108` when the operator's token cannot be used.
    pub async fn ensure_first(
        &self,
        set_by_operator: Option<Secret<String>>,
        announce: &(dyn Fn(&Secret<String>) + Sync),
    ) -> Result<()> {
        let Some(token) = set_by_operator else {
            let token = self.entropy.token();
            let announce = || announce(&token);
            return store::insert_first(self.change("system").await?, digest(&token), &announce).await;
        };
        let mut faults = ValidationErrors::default();
        faults.secret("token", token.expose(), SHORTEST);
        faults.into_result(AdminFailure::OperatorToken.entry())?;
        store::upsert_first(self.change("system").await?, digest(&token)).await
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

    /// Lists the wanted tokens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tokens(&self, filter: &TokenFilter, page: &SortedPage) -> Result<SortedListing<TokenView>> {
        store::list(&self.database, filter, page, self.clock.now()).await
    }
}

fn digest(token: &Secret<String>) -> String {
    sha256_base64url(token.expose().as_bytes())
}
