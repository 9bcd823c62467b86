//! Use cases of API tokens: identify, create, revoke, read, list.

use super::store;
use crate::admin::api_tokens::model::Created;
use crate::admin::api_tokens::model::Identity;
use crate::admin::api_tokens::model::NewToken;
use crate::admin::api_tokens::model::PREFIX;
use crate::admin::api_tokens::model::SHORTEST;
use crate::admin::api_tokens::model::TokenFilter;
use crate::admin::api_tokens::model::TokenView;
use crate::admin::api_tokens::model::check;
use crate::{
    admin::{failure::AdminFailure, role::Role, service::Admin},
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
        let now = self.clock.now();
        let Some((identity, last_used)) = store::identify(&self.database, &digest, now).await? else {
            return Ok(None);
        };
        self.last_use.note(&self.database, (identity.id, last_used), now);
        Ok(Some(identity))
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

    /// Creates a token for a giver of this role. The reply is the only one that ever holds it.
    ///
    /// # Errors
    /// `AD-105` for unacceptable fields, `AD-121` for a token that may do more than the giver.
    pub async fn create_token(&self, (actor, giver): (&str, Role), input: NewToken) -> Result<Created> {
        if !giver.may_give(input.role) {
            return Err(AdminFailure::MorePower.into());
        }
        check(&input, self.clock.now())?;
        let token = self.entropy.token();
        let prefix = token.expose().chars().take(PREFIX).collect();
        let about = store::create(self.change(actor).await?, input, (digest(&token), prefix)).await?;
        Ok(Created {
            about,
            token: token.expose().clone(),
        })
    }

    /// Revokes a token for somebody of this role; revoking twice is no error.
    ///
    /// # Errors
    /// `AD-106` when there is none, `AD-107` when nobody would be left to administer, `AD-121` for a token that may do more than the
    /// revoker.
    pub async fn revoke_token(&self, (actor, revoker): (&str, Role), id: Uuid) -> Result<()> {
        store::revoke(self.change(actor).await?, revoker, id).await
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
