//! Clients: the portals, as an admin registers them. What is accepted here the protocol endpoints rely on without looking again.
//!
//! A client secret is made (or given) once, returned once, and kept as a digest.

pub mod addresses;
mod apis;
pub mod failure;
pub mod input;
pub mod settings;
pub mod store;
pub mod view;

pub use self::failure::RegistrationFailure;
use self::{
    input::{ClientChange, NewClient},
    settings::AuthMethod,
    view::{ClientView, Registered, Rotated},
};
use crate::{
    crypto::digest::sha256_base64url,
    directory::store::Change,
    kernel::{
        clock::Clock,
        entropy::Entropy,
        failure::Result,
        page::{Listing, Page},
        secret::Secret,
    },
    store::Database,
};

/// The use cases of this room. Cheap to clone.
#[derive(Clone)]
pub struct Registrations {
    database: Database,
    clock: Clock,
    entropy: Entropy,
}

impl Registrations {
    /// Registrations over this database.
    pub const fn new(database: Database, clock: Clock, entropy: Entropy) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await
    }

    /// Registers a client. The reply is the only one that ever holds its secret.
    ///
    /// # Errors
    /// `RG-101` for unacceptable fields, `RG-103` for a `client_id` that is taken.
    pub async fn create(&self, actor: &str, input: NewClient) -> Result<Registered> {
        let settings = input.settings()?;
        let client_id = input.client_id.unwrap_or_else(|| self.entropy.alphanumeric());
        let secret = match settings.auth_method {
            AuthMethod::None => None,
            _ => Some(input.client_secret.unwrap_or_else(|| self.entropy.token())),
        };
        let digest = secret.as_ref().map(digest);
        store::create(self.change(actor).await?, &client_id, settings, digest).await?;
        Ok(Registered {
            client: self.client(&client_id).await?,
            client_secret: secret.map(|secret| secret.expose().clone()),
        })
    }

    /// Changes a client.
    ///
    /// # Errors
    /// `RG-101` for unacceptable fields, `RG-102` when there is none.
    pub async fn modify(&self, actor: &str, name: &str, input: ClientChange) -> Result<ClientView> {
        input.check_sizes()?;
        store::change(self.change(actor).await?, name, &input).await?;
        self.client(name).await
    }

    /// Gives a client a new secret; the old one stops working at once.
    ///
    /// # Errors
    /// `RG-102` when there is none, `RG-104` for a public client.
    pub async fn rotate_secret(&self, actor: &str, name: &str) -> Result<Rotated> {
        let secret = self.entropy.token();
        let client_id = store::rotate(self.change(actor).await?, name, digest(&secret)).await?;
        Ok(Rotated {
            client_id,
            client_secret: secret.expose().clone(),
        })
    }

    /// Removes a client with everything granted to it.
    ///
    /// # Errors
    /// `RG-102` when there is none.
    pub async fn delete(&self, actor: &str, name: &str) -> Result<()> {
        store::delete(self.change(actor).await?, name).await
    }

    /// One client, by row id or `client_id`.
    ///
    /// # Errors
    /// `RG-102` when there is none.
    pub async fn client(&self, name: &str) -> Result<ClientView> {
        let found = store::find(&self.database, name).await?;
        found.ok_or_else(|| RegistrationFailure::NotFound.into())
    }

    /// Clients by row id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clients(&self, page: Page) -> Result<Listing<ClientView>> {
        store::list(&self.database, page).await
    }
}

fn digest(secret: &Secret<String>) -> String {
    sha256_base64url(secret.expose().as_bytes())
}
