//! One-time links: an admin creates one and hands it over; whoever opens it chooses a password, or sets up one-time codes. Only the newest
//! link of a kind works, once, for a day; the database keeps its digest.

use super::policy::{self, PolicyViolation};
use crate::{
    crypto::digest::sha256_base64url,
    directory::{store::Change, user::Editor},
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    signin::{
        failure::PasswordFailure,
        journey::Journeys,
        password::one_time_link_model::{Link, Owner, Purpose},
    },
    web::context,
};
use std::{net::IpAddr, time::Duration};
use uuid::Uuid;

/// How long a link works.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

impl Journeys {
    /// Creates a link; an older one of the same purpose stops working.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user whom this editor may not change.
    pub async fn make_link(&self, editor: Editor<'_>, user: Uuid, purpose: Purpose) -> Result<Link> {
        let change = self.change(editor.actor).await?;
        let (token, kept) = self.new_link();
        let expires_at = kept.1;
        let had_password = self.store.put_link(change, editor, (user, purpose), kept).await?;
        Ok(self.link(purpose, (&token, expires_at), had_password))
    }

    /// Lets somebody in anew: password, one-time codes, passkeys and links are gone, all sessions end, and there is a link for a new password;
    /// all of it, or nothing.
    ///
    /// # Errors
    /// As [`Journeys::make_link`].
    pub async fn reset_access(&self, editor: Editor<'_>, user: Uuid) -> Result<Link> {
        let change = self.change(editor.actor).await?;
        let (token, kept) = self.new_link();
        let expires_at = kept.1;
        let had_password = self.store.reset_access(change, editor, user, kept).await?;
        Ok(self.link(Purpose::Password, (&token, expires_at), had_password))
    }

    /// A new token, and what is kept of it.
    fn new_link(&self) -> (Secret<String>, (String, Timestamp)) {
        let token = self.deps.entropy.token();
        let digest = sha256_base64url(token.expose().as_bytes());
        (token, (digest, self.deps.clock.now().plus(LIFETIME)))
    }

    fn link(&self, purpose: Purpose, (token, expires_at): (&Secret<String>, Timestamp), had_password: bool) -> Link {
        Link {
            url: format!("{}/{}/{}", self.deps.public_url, purpose.word(), token.expose()),
            kind: match (purpose, had_password) {
                (Purpose::Password, false) => "invitation",
                (Purpose::Password, true) => "reset",
                (Purpose::Totp, _) => "enrolment",
            },
            expires_at,
        }
    }

    /// Removes a user's password; ends their sessions and voids their password links.
    ///
    /// # Errors
    /// As [`Journeys::make_link`].
    pub async fn remove_password(&self, editor: Editor<'_>, user: Uuid) -> Result<()> {
        let change = self.change(editor.actor).await?;
        self.store.remove_password(change, editor, user).await
    }

    /// Removes a user's one-time codes; whoever must have them sets them up at the next sign-in.
    ///
    /// # Errors
    /// As [`Journeys::make_link`].
    pub async fn remove_totp(&self, editor: Editor<'_>, user: Uuid) -> Result<()> {
        let change = self.change(editor.actor).await?;
        self.store.remove_totp(change, editor, user).await
    }

    /// The username a password link is for. Does not consume the link: chat programs open links before people do.
    ///
    /// # Errors
    /// `SI-203`.
    pub async fn password_link(&self, token: &str) -> Result<String> {
        Ok(self.link_owner(token, Purpose::Password).await?.username)
    }

    /// Sets the chosen password: the link is consumed, all sessions of the user end, and the user is unlocked. `address` is the client's. True: the
    /// user has a console role.
    ///
    /// # Errors
    /// `SI-203`, also when the link was used while the password was being hashed; `CR-103` when too many wait.
    pub async fn choose_password(
        &self,
        token: &str,
        password: &Secret<String>,
        again: &Secret<String>,
        address: Option<IpAddr>,
    ) -> Result<Result<bool, PolicyViolation>> {
        let owner = self.link_owner(token, Purpose::Password).await?;
        let (Some(password), Some(again)) = (policy::normal(password), policy::normal(again)) else {
            return Ok(Err(PolicyViolation::TooLong));
        };
        if let Err(violation) = policy::check(&owner.username, password.expose(), again.expose()) {
            return Ok(Err(violation));
        }
        let phc = self.deps.passwords.hashing.hash(password).await?;
        let change = self.change(&format!("user:{}", owner.user)).await?;
        let digest = sha256_base64url(token.as_bytes());
        let set = self.store.set_password(change, (owner.user, phc), (&digest, address));
        if !set.await? {
            return Err(PasswordFailure::LinkUnknown.into());
        }
        self.unlock(&owner.username).await?;
        Ok(Ok(owner.console_user))
    }

    pub(super) async fn link_owner(&self, token: &str, purpose: Purpose) -> Result<Owner> {
        let digest = sha256_base64url(token.as_bytes());
        let found = self.store.link_owner(&digest, purpose, self.deps.clock.now()).await?;
        let owner = found.ok_or_else(|| PasswordFailure::LinkUnknown.failure())?;
        context::actor(|| format!("user:{}", owner.user));
        Ok(owner)
    }

    async fn change(&self, actor: &str) -> Result<Change> {
        let deps = &self.deps;
        Change::begin(&deps.database, &deps.entropy, deps.clock.now(), actor).await
    }
}
