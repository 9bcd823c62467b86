//! The first owner. While nobody owns the console, each start prints a link; whoever opens it chooses a username, becomes an owner, and goes on
//! to choose a password. Once there is an owner no such link works any more: others come by an invitation, and a lost owner by
//! `menjin admin owner reset`, on the machine.

use std::time::Duration;

use uuid::Uuid;

use super::{failure::ConsoleFailure, store};
use crate::{
    admin::Admin,
    crypto::digest::sha256_base64url,
    directory::user::{
        Editor,
        input::{ConsoleRole, NewUser},
    },
    kernel::{clock::Clock, entropy::Entropy, failure::Result, json, passkey_host::passkey_host},
    signin::{Journeys, password::Purpose},
    store::{Database, Ephemeral},
};

/// How long a link works. Nothing that is done with it makes this longer.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How long a link waits for a try that never came to an end.
const TRY_LIFETIME: Duration = Duration::from_secs(60);
/// How often, and how long each time, a try waits for another one of the same link: a double click.
const WAITS: u32 = 20;
const WAIT: Duration = Duration::from_millis(100);

/// Actor in the audit log, who may make an owner.
const EDITOR: Editor<'static> = Editor {
    actor: "welcome link",
    grants_roles: true,
    grants_owner: true,
};

/// What stands in the place of the user while they are being made.
const MAKING: &[u8] = b"making";

/// Welcomes the first owner. Cheap to clone.
#[derive(Clone)]
pub struct Welcome {
    /// Database.
    pub database: Database,
    /// Keeps the digests of links.
    pub ephemeral: Ephemeral,
    /// Whose access is over is decided by it.
    pub clock: Clock,
    /// Makes tokens.
    pub entropy: Entropy,
    /// Creates the user.
    pub admin: Admin,
    /// Makes the link to choose a password.
    pub journeys: Journeys,
    /// `public_url` without trailing slash.
    pub public_url: String,
}

/// Where a link is known.
fn key(token: &str) -> String {
    format!("console:welcome:{}", sha256_base64url(token.as_bytes()))
}

/// Where it is kept who was made by a link.
fn made_key(token: &str) -> String {
    format!("console:welcomed:{}", sha256_base64url(token.as_bytes()))
}

/// The user who was made, as [`Welcome::first_owner`] keeps them.
fn made(kept: &[u8]) -> Option<Uuid> {
    let kept = std::str::from_utf8(kept).ok()?;
    kept.strip_prefix("made:")?.parse().ok()
}

impl Welcome {
    /// A link by which somebody becomes the first owner; `None` where there is one.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn link(&self) -> Result<Option<String>> {
        if self.has_owner().await? {
            return Ok(None);
        }
        let token = self.entropy.token();
        self.ephemeral.put(&key(token.expose()), b"welcome", LIFETIME).await?;
        Ok(Some(format!("{}/console/welcome/{}", self.public_url, token.expose())))
    }

    async fn has_owner(&self) -> Result<bool> {
        let host = passkey_host(&self.public_url);
        Ok(store::has_owner(&self.database, self.clock.now(), host.as_deref()).await?)
    }

    /// Whether a link still works.
    ///
    /// # Errors
    /// `CO-104` when it does not.
    pub async fn check(&self, token: &str) -> Result<()> {
        let known = self.ephemeral.get(&key(token)).await?.is_some();
        match known && !self.has_owner().await? {
            true => Ok(()),
            false => Err(ConsoleFailure::WelcomeOver.into()),
        }
    }

    /// Makes the first owner, by this username; answers the address where they choose their password. A link makes one user: sent again, it leads
    /// to a new address for that same one, until somebody owns the console. Where the username could not be taken it can be tried with another.
    ///
    /// # Errors
    /// `CO-104` when the link does not work, also because somebody else is at it; what creating a user fails with.
    pub async fn first_owner(&self, token: &str, username: &str) -> Result<String> {
        self.check(token).await?;
        let place = made_key(token);
        let user = match self.claim(&place).await? {
            Some(user) => user,
            None => self.make_owner(&place, username).await?,
        };
        let link = self.journeys.make_link(EDITOR, (user, Purpose::Password), None).await?;
        // Where they chose a password meanwhile this link would reset it: nobody gets to know it.
        self.check(token).await?;
        Ok(link.url.unwrap_or_default())
    }

    /// Of any number of parallel tries one gets `None`, and is to make the user; the others get whom it made.
    async fn claim(&self, place: &str) -> Result<Option<Uuid>> {
        for _ in 0..WAITS {
            if self.ephemeral.put_new(place, MAKING, TRY_LIFETIME).await? {
                return Ok(None);
            }
            let kept = self.ephemeral.get(place).await?;
            if let Some(user) = kept.as_deref().and_then(made) {
                return Ok(Some(user));
            }
            tokio::time::sleep(WAIT).await;
        }
        Err(ConsoleFailure::WelcomeOver.into())
    }

    /// Makes the user, and keeps who it is before anything else can fail.
    async fn make_owner(&self, place: &str, username: &str) -> Result<Uuid> {
        match self.create(username).await {
            Ok(user) => {
                let kept = format!("made:{user}");
                if let Err(failure) = self.ephemeral.put(place, kept.as_bytes(), LIFETIME).await {
                    tracing::error!(%failure, "who was made by the welcome link could not be kept: it works this once");
                }
                Ok(user)
            }
            Err(refused) => {
                // What was wrong with the username is what the person must hear, whatever else fails.
                if let Err(failure) = self.ephemeral.remove_if(place, MAKING).await {
                    tracing::error!(%failure, %refused, "the welcome link cannot be tried again for a minute");
                }
                Err(refused)
            }
        }
    }

    async fn create(&self, username: &str) -> Result<Uuid> {
        let input = serde_json::json!({ "username": username, "console_role": ConsoleRole::HIGHEST.word() });
        let input: NewUser =
            json::part("", &input).map_err(|faults| ConsoleFailure::WelcomeOver.failure().cause(faults))?;
        Ok(self.admin.directory().create_user(EDITOR, input).await?.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_somebody_who_was_made_is_read_as_a_user() {
        let user = Uuid::from_u128(7);
        assert_eq!(made(format!("made:{user}").as_bytes()), Some(user));
        for odd in [MAKING, &b"made:"[..], &b"made:x"[..], &b"\xff"[..]] {
            assert_eq!(made(odd), None);
        }
    }
}
