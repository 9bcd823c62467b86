//! Use cases of dynamic registration: register (RFC 7591), read, replace and delete one's own (RFC 7592).

use serde_json::{Map, Value};

use super::store;
use super::{
    client_metadata::{ClientInformation, RegistrationRequest},
    store::Replacement,
};
use crate::oidc::registration::dynamic::failure::DynamicFailure;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Failure,
    oidc::{
        failure::Fault,
        registration::{
            initial_access_token, rules::sector::Sector, service::Registrations, settings::Settings, store::New,
        },
    },
};

/// A client and the token it presents.
pub struct RegistrationAccess<'a> {
    /// Issuer: registration addresses lie below it.
    pub issuer: &'a str,
    /// Its `client_id`, from the path.
    pub client_id: &'a str,
    /// Its registration access token.
    pub token: &'a str,
}

impl RegistrationAccess<'_> {
    fn shown(&self, secret: Option<&str>, issued_at: i64, settings: &Settings) -> Map<String, Value> {
        let shown = ClientInformation {
            issuer: self.issuer,
            client_id: self.client_id,
            token: self.token,
            secret,
            issued_at,
        };
        shown.document(settings)
    }
}

impl Registrations {
    /// Registers a client by an initial access token.
    ///
    /// # Errors
    /// `RG-201`, `RG-203`, `RG-204`, `RG-205`.
    pub async fn register(&self, issuer: &str, token: &str, body: &[u8]) -> Result<Map<String, Value>, Fault> {
        let now = self.clock.now();
        // Checked before anything is done for an anonymous caller, above all before a sector identifier is fetched; counted when the client
        // is inserted.
        let initial = initial_access_token::store::usable_by_digest(&self.database, &digest(token), now.millis()).await;
        let (initial, name) = initial.map_err(Failure::from)?.ok_or(DynamicFailure::InitialToken)?;
        let client_id = self.entropy.hex_id();
        let settings = RegistrationRequest::read(body)?.settings(&client_id, None)?;
        self.vouched(&settings).await?;
        let secret = settings.auth_method.has_secret().then(|| self.entropy.token());
        let registration = self.entropy.token();
        let new = New {
            client_id: client_id.clone(),
            settings: settings.clone(),
            stored: secret.as_ref().map(|secret| self.stored(secret)).transpose()?,
        };
        let change = self.change(&format!("initial_access_token:{name}")).await?;
        let won = store::register(change, initial, new, digest(registration.expose())).await?;
        let issued_at = won.ok_or(DynamicFailure::InitialToken)?;
        let own = RegistrationAccess {
            issuer,
            client_id: &client_id,
            token: registration.expose(),
        };
        let secret = secret.as_ref().map(|secret| secret.expose().as_str());
        Ok(own.shown(secret, issued_at, &settings))
    }

    /// The client's registration as it stands; never its secret, which is kept as a digest (and sealed for `client_secret_jwt`).
    ///
    /// # Errors
    /// `RG-202`.
    pub async fn own(&self, own: &RegistrationAccess<'_>) -> Result<Map<String, Value>, Fault> {
        let found = store::own(&self.database, own.client_id, &digest(own.token)).await?;
        let (issued_at, settings) = found.ok_or(DynamicFailure::RegistrationToken)?;
        Ok(own.shown(None, issued_at, &settings))
    }

    /// Replaces the client's registration: what is left out returns to its default. A method that needs a secret the client does not have
    /// gets one.
    ///
    /// # Errors
    /// `RG-202` to `RG-205`.
    pub async fn replace_own(&self, own: &RegistrationAccess<'_>, body: &[u8]) -> Result<Map<String, Value>, Fault> {
        let digest = digest(own.token);
        let found = store::own(&self.database, own.client_id, &digest).await?;
        let (issued_at, seen) = found.ok_or(DynamicFailure::RegistrationToken)?;
        let asked = RegistrationRequest::read(body)?;
        if asked.client_id.as_deref() != Some(own.client_id) {
            return Err(DynamicFailure::Metadata.because("client_id: must be that of the registration"));
        }
        // Only a dry run, so that no sector document is fetched for unacceptable settings; what is written is made from the locked row.
        let sector = self.vouched(&asked.settings(own.client_id, Some(&seen))?).await?;
        let secret = self.entropy.token();
        let replacement = Replacement {
            digest,
            asked,
            sector,
            stored: self.stored(&secret)?,
        };
        let change = self.change(&format!("client:{}", own.client_id)).await?;
        let (renewed, settings) = store::replace(change, own.client_id, replacement).await?;
        Ok(own.shown(renewed.then(|| secret.expose().as_str()), issued_at, &settings))
    }

    /// Deletes the client with everything granted to it.
    ///
    /// # Errors
    /// `RG-202`.
    pub async fn delete_own(&self, own: &RegistrationAccess<'_>) -> Result<(), Fault> {
        let digest = digest(own.token);
        // Checked first, so that anonymous requests begin no write transaction.
        let found = store::own(&self.database, own.client_id, &digest).await?;
        found.ok_or(DynamicFailure::RegistrationToken)?;
        let change = self.change(&format!("client:{}", own.client_id)).await?;
        store::delete(change, own.client_id, &digest).await
    }

    async fn vouched(&self, settings: &Settings) -> Result<Option<Sector>, Fault> {
        let asked = self.ask_sector(settings).await;
        asked.map_err(|failure| DynamicFailure::Metadata.told(failure))
    }
}

fn digest(token: &str) -> String {
    sha256_base64url(token.as_bytes())
}
