//! Use cases of consents: look up, agree, withdraw, list.

use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::oidc::consent::model::ConsentView;
use crate::oidc::consent::model::Consents;
use crate::oidc::consent::store::ClientDisplay;
use crate::oidc::consent::store::ConsentUser;
use crate::{
    audit::{Kind, Record},
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::Database,
};

impl Consents {
    /// The consents stored in this database.
    pub const fn new(database: Database, clock: Clock, entropy: Entropy) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// The items a person agreed to for a portal; none if they were never asked.
    ///
    /// # Errors
    /// When the database does not answer; so for all here.
    pub async fn agreed(&self, user: Uuid, portal: Uuid) -> Result<Vec<String>> {
        Ok(store::agreed(self.database.reader(), user, portal).await?)
    }

    /// Stores a consent, adding to what was agreed before.
    ///
    /// # Errors
    /// See [`Consents::agreed`].
    pub async fn agree(&self, user: Uuid, (portal, client_id): (Uuid, &str), items: &[String]) -> Result<()> {
        let event = Record {
            kind: Kind::ConsentGiven,
            actor: format!("user:{user}"),
            subject: format!("client:{client_id}"),
            reference: None,
            number: None,
            detail: json!({ "items": items }),
        };
        Ok(self.remember(user, portal, items, event).await?)
    }

    /// Withdraws a consent and revokes the grants to the portal; true if there was anything to withdraw.
    ///
    /// # Errors
    /// See [`Consents::agreed`].
    pub async fn withdraw(&self, actor: &str, user: Uuid, portal: Uuid) -> Result<bool> {
        let Some(client_id) = store::client_id(self.database.reader(), portal).await? else {
            return Ok(false);
        };
        let event = Record {
            kind: Kind::ConsentWithdrawn,
            actor: actor.to_owned(),
            subject: format!("user:{user}"),
            reference: None,
            number: None,
            detail: json!({ "client": client_id }),
        };
        Ok(self.forget(user, portal, event).await?)
    }

    /// All consents of a person, by portal.
    ///
    /// # Errors
    /// See [`Consents::agreed`].
    pub async fn of(&self, user: Uuid) -> Result<Vec<ConsentView>> {
        Ok(store::of(self.database.reader(), user).await?)
    }

    /// The portal as the consent page shows it.
    ///
    /// # Errors
    /// See [`Consents::agreed`].
    pub async fn client_display(&self, portal: Uuid) -> Result<Option<ClientDisplay>> {
        Ok(store::client_display(self.database.reader(), portal).await?)
    }

    /// The person as pages show them.
    ///
    /// # Errors
    /// See [`Consents::agreed`].
    pub async fn consent_user(&self, user: Uuid) -> Result<Option<ConsentUser>> {
        Ok(store::consent_user(self.database.reader(), user).await?)
    }
}
