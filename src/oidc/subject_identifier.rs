//! Subject identifiers and session ids as a client sees them (OpenID Connect Core section 8), and the salt they are made with.

use uuid::Uuid;

use super::{claims::failure::ClaimsFailure, client::Client, provider::Provider};
use crate::{
    kernel::{failure::Result, secret::Secret},
    oidc::subject_derivation::{Expected, pairwise, pairwise_sid, sector},
    store::failure::StoreFailure,
};

/// Name of the setting that holds the salt, and the place it is sealed for.
const SALT: &str = "subject_salt";
const PLACE: &str = "setting.subject_salt";

impl Provider {
    /// `sub` of this user for this client.
    ///
    /// # Errors
    /// `OP-301` when the salt was not read.
    pub(in crate::oidc) fn subject(&self, client: &Client, user: Uuid) -> Result<String> {
        self.subject_in(sector(client).as_deref(), user)
    }

    fn subject_in(&self, sector: Option<&str>, user: Uuid) -> Result<String> {
        match sector {
            None => Ok(user.to_string()),
            Some(sector) => {
                let salt = self.salt().ok_or(ClaimsFailure::SaltMissing)?;
                Ok(pairwise(sector, user, salt))
            }
        }
    }

    /// `sid` of this session for this client; without a client (it was deleted since) the session's own id, as for public subjects.
    ///
    /// # Errors
    /// `OP-301` when the salt was not read.
    pub(in crate::oidc) fn sid(&self, client: Option<&Client>, session: Uuid) -> Result<String> {
        match client.and_then(sector) {
            None => Ok(session.to_string()),
            Some(sector) => {
                let salt = self.salt().ok_or(ClaimsFailure::SaltMissing)?;
                Ok(pairwise_sid(&sector, session, salt))
            }
        }
    }

    /// Whether this user matches every expectation.
    ///
    /// # Errors
    /// `OP-301` when the salt was not read.
    pub(in crate::oidc) fn is_expected(&self, expected: &[Expected], user: Uuid) -> Result<bool> {
        for somebody in expected {
            let subject = self.subject_in(somebody.sector.as_deref(), user)?;
            if !somebody.subjects.contains(&subject) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the salt of pairwise subjects, and creates it if there is none. Any number of replicas may do so at once: the first row stays,
    /// and all read that one.
    ///
    /// # Errors
    /// When the database does not answer, or the salt does not open with this seal key.
    pub(in crate::oidc) async fn read_salt(&self) -> Result<Secret<String>> {
        let sealer = &self.deps().sealer;
        let made = self.deps().entropy.token();
        let sealed = sealer.seal(PLACE, made.expose().as_bytes())?;
        let kept = self.store().keep_setting(SALT, sealed, self.deps().clock.now()).await?;
        let kept = kept.ok_or_else(|| StoreFailure::Corrupt.failure().cause(SALT))?;
        sealer.open_text(PLACE, &kept)
    }
}
