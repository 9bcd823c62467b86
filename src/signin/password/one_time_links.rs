//! One-time links: an admin creates one and hands it over; whoever opens it chooses a password, or sets up one-time codes. Only the newest
//! link of a kind works, once, for a day; the database keeps its digest. Those for a forgotten password are made by `forgotten.rs`.

use super::policy::{self, PolicyViolation};
use crate::{
    crypto::digest::sha256_base64url,
    directory::{store::Change, user::Editor},
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    signin::{
        failure::PasswordFailure,
        journey::Journeys,
        password::{
            one_time_link_model::{Link, NewLink, Owner, Purpose, SendBy},
            store::KeptLink,
        },
    },
    web::context,
};
use std::{net::IpAddr, time::Duration};
use uuid::Uuid;

/// How long a link works.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// Links behind which a password is chosen.
const TO_A_PASSWORD: &[Purpose] = &[Purpose::Password, Purpose::Forgotten];

impl Journeys {
    /// Creates a link, and mails it where that is wanted; an older one of the same purpose stops working.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user whom this editor may not change; `SI-240` when it cannot be mailed: nothing
    /// has changed then.
    pub async fn make_link(
        &self,
        editor: Editor<'_>,
        (user, purpose): (Uuid, Purpose),
        send: Option<SendBy>,
    ) -> Result<Link> {
        let change = self.change(editor.actor).await?;
        let (token, new) = self.link_to_keep(send);
        let expires_at = new.expires_at;
        let kept = self.store.put_link(change, editor, (user, purpose), new).await?;
        Ok(self.link(purpose, (&token, expires_at), kept))
    }

    /// Lets somebody in anew: password, one-time codes, passkeys and links are gone, all sessions end, and there is a link for a new password;
    /// all of it, or nothing.
    ///
    /// # Errors
    /// As [`Journeys::make_link`].
    pub async fn reset_access(&self, editor: Editor<'_>, user: Uuid, send: Option<SendBy>) -> Result<Link> {
        let change = self.change(editor.actor).await?;
        let (token, new) = self.link_to_keep(send);
        let expires_at = new.expires_at;
        let kept = self.store.reset_access(change, editor, user, new).await?;
        Ok(self.link(Purpose::Password, (&token, expires_at), kept))
    }

    fn link_to_keep(&self, send: Option<SendBy>) -> (Secret<String>, NewLink) {
        let (token, (digest, expires_at)) = self.new_link(LIFETIME);
        let mailed = send.map(|SendBy::Email| Secret::new(token.expose().clone()));
        let new = NewLink {
            digest,
            expires_at,
            mailed,
        };
        (token, new)
    }

    /// A new token, and what is kept of it.
    pub(in crate::signin) fn new_link(&self, lifetime: Duration) -> (Secret<String>, (String, Timestamp)) {
        let token = self.deps.entropy.token();
        let digest = sha256_base64url(token.expose().as_bytes());
        (token, (digest, self.deps.clock.now().plus(lifetime)))
    }

    fn link(
        &self,
        purpose: Purpose,
        (token, expires_at): (&Secret<String>, Timestamp),
        KeptLink { had_password, sent_to }: KeptLink,
    ) -> Link {
        let shown = sent_to.is_none();
        Link {
            url: shown.then(|| format!("{}{}", self.deps.public_url, purpose.path(token))),
            sent_to,
            kind: match (purpose, had_password) {
                (Purpose::Password, false) => "invitation",
                (Purpose::Password, true) => "reset",
                (Purpose::Totp, _) => "enrolment",
                (Purpose::Forgotten, _) => "reset",
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
        Ok(self.link_owner(token, TO_A_PASSWORD).await?.username)
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
        let owner = self.link_owner(token, TO_A_PASSWORD).await?;
        let (Some(password), Some(again)) = (policy::normal(password), policy::normal(again)) else {
            return Ok(Err(PolicyViolation::TooLong));
        };
        if let Err(violation) = policy::check(&owner.username, password.expose(), again.expose()) {
            return Ok(Err(violation));
        }
        let phc = self.deps.passwords.hashing.hash(password).await?;
        let change = self.change(&format!("user:{}", owner.user)).await?;
        let digest = sha256_base64url(token.as_bytes());
        let link = (owner.purpose, digest.as_str());
        let set = self.store.set_password(change, (owner.user, phc), (link, address));
        if !set.await? {
            return Err(PasswordFailure::LinkUnknown.into());
        }
        self.unlock(&owner.username).await?;
        Ok(Ok(owner.console_user))
    }

    pub(super) async fn link_owner(&self, token: &str, purposes: &[Purpose]) -> Result<Owner> {
        let digest = sha256_base64url(token.as_bytes());
        let found = self.store.link_owner(&digest, purposes, self.deps.clock.now()).await?;
        let owner = found.ok_or_else(|| PasswordFailure::LinkUnknown.failure())?;
        context::actor(|| format!("user:{}", owner.user));
        Ok(owner)
    }

    pub(in crate::signin) async fn change(&self, actor: &str) -> Result<Change> {
        let deps = &self.deps;
        Change::begin(&deps.database, &deps.entropy, deps.clock.now(), actor).await
    }
}
