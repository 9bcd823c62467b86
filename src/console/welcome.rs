//! The first owner. While nobody owns the console, each start prints a link; whoever opens it chooses a username, becomes an owner, and goes on
//! to choose a password. Once there is an owner no such link works any more: others come by an invitation, and a lost owner by
//! `menjin admin owner reset`, on the machine.

use std::time::Duration;

use super::{failure::ConsoleFailure, store};
use crate::{
    admin::Admin,
    crypto::digest::sha256_base64url,
    directory::user::{
        Editor,
        input::{ConsoleRole, NewUser},
    },
    kernel::{entropy::Entropy, failure::Result, json},
    signin::{Journeys, password::Purpose},
    store::{Database, Ephemeral},
};

/// How long a link works.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Actor in the audit log.
const ACTOR: &str = "welcome link";

/// Welcomes the first owner. Cheap to clone.
#[derive(Clone)]
pub struct Welcome {
    /// Database.
    pub database: Database,
    /// Keeps the digests of links.
    pub ephemeral: Ephemeral,
    /// Makes tokens.
    pub entropy: Entropy,
    /// Creates the user.
    pub admin: Admin,
    /// Makes the link to choose a password.
    pub journeys: Journeys,
    /// `public_url` without trailing slash.
    pub public_url: String,
}

fn key(token: &str) -> String {
    format!("console:welcome:{}", sha256_base64url(token.as_bytes()))
}

impl Welcome {
    /// A link by which somebody becomes the first owner; `None` where there is one.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn link(&self) -> Result<Option<String>> {
        if store::has_owner(&self.database).await? {
            return Ok(None);
        }
        let token = self.entropy.token();
        self.ephemeral.put(&key(token.expose()), b"welcome", LIFETIME).await?;
        Ok(Some(format!("{}/console/welcome/{}", self.public_url, token.expose())))
    }

    /// Whether a link still works.
    ///
    /// # Errors
    /// `CO-104` when it does not.
    pub async fn check(&self, token: &str) -> Result<()> {
        let known = self.ephemeral.get(&key(token)).await?.is_some();
        match known && !store::has_owner(&self.database).await? {
            true => Ok(()),
            false => Err(ConsoleFailure::WelcomeOver.into()),
        }
    }

    /// Makes the first owner, by this username; answers the address where they choose their password. The link is used up by that, and works
    /// again where the username could not be taken.
    ///
    /// # Errors
    /// `CO-104` when the link does not work, also because somebody was quicker; what creating a user fails with.
    pub async fn first_owner(&self, token: &str, username: &str) -> Result<String> {
        self.check(token).await?;
        let Some(kept) = self.ephemeral.take(&key(token)).await? else {
            return Err(ConsoleFailure::WelcomeOver.into());
        };
        let made = self.make_owner(username).await;
        if made.is_err() {
            self.ephemeral.put(&key(token), &kept, LIFETIME).await?;
        }
        made
    }

    async fn make_owner(&self, username: &str) -> Result<String> {
        let editor = Editor {
            actor: ACTOR,
            grants_roles: true,
            grants_owner: true,
        };
        let input = serde_json::json!({ "username": username, "console_role": ConsoleRole::HIGHEST.word() });
        let input: NewUser =
            json::part("", &input).map_err(|faults| ConsoleFailure::WelcomeOver.failure().cause(faults))?;
        let user = self.admin.directory().create_user(editor, input).await?;
        let link = self.journeys.make_link(editor, user.id, Purpose::Password).await?;
        Ok(link.url)
    }
}
