//! A form that was sent when a new proof of who it is was needed first: it is kept, sealed, until that proof was given, so that nothing entered is lost.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    kernel::{entropy::Entropy, failure::Result},
    store::{Ephemeral, failure::StoreFailure},
};

/// What the sealed text is bound to.
const SEAL_CONTEXT: &str = "console.kept_form";
/// How long it is kept: time for a code or a passkey.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// A form as it was sent.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptForm {
    /// Path of the address to which it was sent.
    pub path: String,
    /// Address of the page on which it stands; empty: what the table of acts says.
    #[serde(default)]
    pub page: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// Keeps forms, each for the user who sent it. Cheap to clone.
#[derive(Clone)]
pub struct KeptForms {
    ephemeral: Ephemeral,
    sealer: Sealer,
    entropy: Entropy,
}

fn key(user: Uuid, id: &str) -> String {
    format!("console:kept:{user}:{id}")
}

impl KeptForms {
    /// Over these parts.
    pub const fn new(ephemeral: Ephemeral, sealer: Sealer, entropy: Entropy) -> Self {
        Self {
            ephemeral,
            sealer,
            entropy,
        }
    }

    /// Keeps a form of this user; answers the name under which it lies.
    ///
    /// # Errors
    /// When the ephemeral store does not answer.
    pub(super) async fn keep(&self, user: Uuid, form: &KeptForm) -> Result<String> {
        let id = self.entropy.token().expose().clone();
        let text = serde_json::to_vec(form).map_err(|error| StoreFailure::Corrupt.failure().cause(error))?;
        let sealed = self.sealer.seal(SEAL_CONTEXT, &text)?;
        self.ephemeral.put(&key(user, &id), sealed.as_bytes(), KEPT).await?;
        Ok(id)
    }

    /// A form that is kept for this user, which stays kept; `None`: there is none.
    ///
    /// # Errors
    /// When the ephemeral store does not answer.
    pub(super) async fn look(&self, user: Uuid, id: &str) -> Result<Option<KeptForm>> {
        let sealed = self.ephemeral.get(&key(user, id)).await?;
        self.opened(sealed)
    }

    /// Takes it away, in one step: it is sent once.
    ///
    /// # Errors
    /// When the ephemeral store does not answer.
    pub(super) async fn take(&self, user: Uuid, id: &str) -> Result<Option<KeptForm>> {
        let sealed = self.ephemeral.take(&key(user, id)).await?;
        self.opened(sealed)
    }

    fn opened(&self, sealed: Option<Vec<u8>>) -> Result<Option<KeptForm>> {
        let corrupt = |error: &dyn std::fmt::Display| StoreFailure::Corrupt.failure().cause(error);
        let Some(sealed) = sealed else { return Ok(None) };
        let sealed = String::from_utf8(sealed).map_err(|error| corrupt(&error))?;
        let text = self.sealer.open(SEAL_CONTEXT, &sealed)?;
        serde_json::from_slice(text.expose())
            .map(Some)
            .map_err(|error| corrupt(&error))
    }
}
