//! Use cases of initial access tokens: create, revoke, read, list.

use super::store;
use crate::oidc::registration::initial_access_token::model::CreatedInitial;
use crate::oidc::registration::initial_access_token::model::InitialView;
use crate::oidc::registration::initial_access_token::model::NewInitial;
use crate::oidc::registration::initial_access_token::model::check;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    oidc::registration::{failure::RegistrationFailure, service::Registrations},
};
use uuid::Uuid;

impl Registrations {
    /// Creates a token. The reply is the only one that ever holds it.
    ///
    /// # Errors
    /// `RG-109` for unacceptable fields.
    pub async fn create_initial(&self, actor: &str, input: NewInitial) -> Result<CreatedInitial> {
        check(&input, self.clock.now())?;
        let token = self.entropy.token();
        let digest = sha256_base64url(token.expose().as_bytes());
        let about = store::create(self.change(actor).await?, input, digest).await?;
        Ok(CreatedInitial {
            about,
            token: token.expose().clone(),
        })
    }

    /// Revokes a token; revoking twice is no error. Clients registered with it stay.
    ///
    /// # Errors
    /// `RG-110` when there is none.
    pub async fn revoke_initial(&self, actor: &str, id: Uuid) -> Result<()> {
        store::revoke(self.change(actor).await?, id).await
    }

    /// One token.
    ///
    /// # Errors
    /// `RG-110` when there is none.
    pub async fn initial(&self, id: Uuid) -> Result<InitialView> {
        let found = store::find(&self.database, id).await?;
        found.ok_or_else(|| RegistrationFailure::InitialNotFound.into())
    }

    /// Tokens, revoked ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn initials(&self, page: &SortedPage) -> Result<SortedListing<InitialView>> {
        store::list(&self.database, page).await
    }
}
