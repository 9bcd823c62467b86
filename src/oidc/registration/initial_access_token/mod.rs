//! Initial access tokens (RFC 7591 §3): what an admin hands to somebody who may register clients without an admin. A token is shown once, when
//! it is created; only its digest is kept. Registering with it happens in `dynamic`.

pub mod store;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Registrations, failure::RegistrationFailure};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
        validation::ValidationErrors,
    },
};

/// Most clients one token may register.
const MOST_USES: i64 = 1000;

/// A new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInitial {
    /// For people and the audit trail.
    pub name: String,
    /// How many clients it may register; one unless given.
    #[serde(default = "one")]
    pub max_uses: i64,
    /// Milliseconds since the epoch; null: never.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

const fn one() -> i64 {
    1
}

/// A token as the API shows it: never itself.
#[derive(Debug, Serialize)]
pub struct InitialView {
    /// Row id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// How many clients it may register.
    pub max_uses: i64,
    /// How many it has registered.
    pub uses: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds; null: it was not revoked.
    pub revoked_at: Option<i64>,
}

/// A token just created.
#[derive(Serialize)]
pub struct CreatedInitial {
    /// About it.
    #[serde(flatten)]
    pub about: InitialView,
    /// The token, shown this once.
    pub token: String,
}

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

    /// Tokens by id, revoked ones too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn initials(&self, page: Page) -> Result<Listing<InitialView>> {
        store::list(&self.database, page).await
    }
}

fn check(input: &NewInitial, now: Timestamp) -> Result<()> {
    let mut faults = ValidationErrors::default();
    faults.line("name", &input.name, 100);
    faults.within("max_uses", input.max_uses, 1, MOST_USES);
    if let Some(expires_at) = input.expires_at {
        faults.check(
            expires_at > now.millis(),
            "expires_at",
            "must be a moment in the future, in milliseconds since 1970",
        );
    }
    faults.into_result(RegistrationFailure::InitialInvalid.entry())
}
