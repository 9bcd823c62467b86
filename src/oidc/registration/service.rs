//! Use cases of clients: register, change, rotate the secret, delete, read, list.

use super::{
    input::{ClientChange, NewClient, Rotation},
    listing::ClientFilter,
    portal_fields::Changer,
    settings::Settings,
    store::New,
    view::{ClientView, PortalNames, Registered, Rotated},
};
use crate::{crypto::digest::sha256_base64url, kernel::secret::Secret, oidc::registration::rules::sector::Sector};

use super::{store, warnings};
use crate::oidc::registration::failure::RegistrationFailure;
use crate::oidc::registration::secret::PLACE;
use crate::oidc::registration::secret::StoredSecret;
use crate::{
    crypto::seal::Sealer,
    directory::store::Change,
    kernel::{
        clock::Clock,
        entity_tag::IfMatch,
        entropy::Entropy,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    outbound::Outbound,
    store::Database,
};

/// The use cases of client registration. Cheap to clone.
#[derive(Clone)]
pub struct Registrations {
    pub(in crate::oidc) database: Database,
    sealer: Sealer,
    pub(in crate::oidc) clock: Clock,
    pub(in crate::oidc) entropy: Entropy,
    outbound: Outbound,
}

impl Registrations {
    /// Registrations in this database; `outbound` fetches sector identifiers.
    pub const fn new(database: Database, sealer: Sealer, clock: Clock, entropy: Entropy, outbound: Outbound) -> Self {
        Self {
            database,
            sealer,
            clock,
            entropy,
            outbound,
        }
    }

    pub(in crate::oidc) async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await
    }

    /// Judges a new client as it would be judged if it were registered; nothing is.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub async fn judge(&self, input: &NewClient) -> Result<()> {
        let settings = input.settings()?;
        self.ask_sector(&settings).await?;
        let taken = match &input.client_id {
            Some(client_id) => store::is_taken(self.database.reader(), client_id).await?,
            None => false,
        };
        match taken {
            true => {
                let taken = RegistrationFailure::ClientIdTaken.failure();
                Err(taken.field("client_id", "is another client's"))
            }
            false => Ok(()),
        }
    }

    /// Registers a client. The reply is the only one that ever holds its secret.
    ///
    /// # Errors
    /// `RG-101` for unacceptable fields, `RG-103` for a `client_id` that is taken, `RG-107` for a sector that does not vouch for it.
    pub async fn create(&self, actor: &str, input: NewClient) -> Result<Registered> {
        let settings = input.settings()?;
        self.ask_sector(&settings).await?;
        let client_id = input.client_id.unwrap_or_else(|| self.entropy.hex_id());
        let secret = match settings.auth_method.has_secret() {
            true => Some(input.client_secret.unwrap_or_else(|| self.entropy.token())),
            false => None,
        };
        let stored = secret.as_ref().map(|secret| self.stored(secret)).transpose()?;
        let warnings = warnings::of(&settings, store::people_counts(&self.database).await?);
        let new = New {
            client_id: client_id.clone(),
            settings,
            stored,
        };
        store::create(self.change(actor).await?, new).await?;
        Ok(Registered {
            client: self.client(&client_id).await?,
            client_secret: secret.map(|secret| secret.expose().clone()),
            warnings: warnings.iter().map(|warning| warning.en.clone()).collect(),
            warnings_zh: warnings.into_iter().map(|warning| warning.zh).collect(),
        })
    }

    /// Changes a client. What those change who run the portal is theirs only in part: see [`Changer`].
    ///
    /// # Errors
    /// `RG-101` for unacceptable fields, `RG-102` when there is none, `RG-105` when the new method needs a secret that is not there,
    /// `RG-107` for a sector that does not vouch for it, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn modify(
        &self,
        changer: Changer<'_>,
        name: &str,
        input: ClientChange,
        if_match: &IfMatch,
    ) -> Result<ClientView> {
        input.check_sizes()?;
        let sector = match input.touches_sector() {
            true => {
                let after = input.merged(&store::settings(&self.database, name).await?)?;
                self.ask_sector(&after).await?
            }
            false => None,
        };
        let change = self.change(changer.actor).await?;
        store::change(change, name, (&input, if_match), (sector.as_ref(), changer)).await?;
        self.client(name).await
    }

    /// Gives a client a new secret, and perhaps another method in the same step; the old secret stops working at once.
    ///
    /// # Errors
    /// `RG-101` for an unacceptable method, `RG-102` when there is none, `RG-104` for a public client, `RG-106` when the method works
    /// without a secret, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn rotate_secret(
        &self,
        changer: Changer<'_>,
        name: &str,
        rotation: Rotation,
        if_match: &IfMatch,
    ) -> Result<Rotated> {
        let secret = self.entropy.token();
        let stored = self.stored(&secret)?;
        let change = ClientChange {
            auth_method: rotation.auth_method,
            ..ClientChange::default()
        };
        let change = (&change, if_match);
        let by = (self.change(changer.actor).await?, changer);
        let (client_id, etag) = store::rotate(by, name, change, stored).await?;
        Ok(Rotated {
            etag,
            client_id,
            client_secret: secret.expose().clone(),
        })
    }

    /// Fetches and checks the sector identifier, if there is one. To be called before a transaction begins, since it goes over the network.
    pub(in crate::oidc) async fn ask_sector(&self, settings: &Settings) -> Result<Option<Sector>> {
        let Some(address) = &settings.metadata.sector_identifier_uri else {
            return Ok(None);
        };
        let refused = |why: String| {
            RegistrationFailure::Sector
                .failure()
                .field("metadata.sector_identifier_uri", why)
        };
        let document = self.outbound.get_json(address).await.map_err(|failure| {
            let told = refused(format!("{} {}", failure.entry.number, failure.entry.en));
            told.cause(failure.cause.unwrap_or_default())
        })?;
        let sector = Sector::read(address, &document);
        match sector.vouches_for(settings) {
            true => Ok(Some(sector)),
            false => Err(refused("does not list every redirect URI".to_owned())),
        }
    }

    /// Removes a client with everything granted to it.
    ///
    /// # Errors
    /// `RG-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete(&self, actor: &str, name: &str, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(actor).await?, name, if_match).await
    }

    /// One client, by row id or `client_id`.
    ///
    /// # Errors
    /// `RG-102` when there is none.
    pub async fn client(&self, name: &str) -> Result<ClientView> {
        let found = store::find(&self.database, name).await?;
        found.ok_or_else(|| RegistrationFailure::NotFound.into())
    }

    /// The names of the client of this row id or `client_id`. Records outlive their portal: where there is none (any more), the name stands for itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn names_of(&self, name: &str) -> Result<PortalNames> {
        let found = store::row(&self.database, name).await?;
        Ok(match found {
            Some(row) => PortalNames {
                id: row.id,
                client_id: row.client_id,
            },
            None => PortalNames {
                id: name.parse().unwrap_or_default(),
                client_id: name.to_owned(),
            },
        })
    }

    /// The wanted clients.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clients(&self, filter: &ClientFilter, page: &SortedPage) -> Result<SortedListing<ClientView>> {
        store::list(&self.database, filter, page).await
    }
}

impl Registrations {
    pub(super) fn stored(&self, secret: &Secret<String>) -> Result<StoredSecret> {
        let bytes = secret.expose().as_bytes();
        Ok(StoredSecret {
            digest: sha256_base64url(bytes),
            sealed: self.sealer.seal(PLACE, bytes)?,
        })
    }
}
