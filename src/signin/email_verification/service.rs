//! Use cases of the verification of an address: ask for a link for one's own, send one, follow one.

use std::{net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{
    model::{Holder, LIFETIME, OwnEmail, SentVerification, ToVerify, message},
    store::keep,
};
use crate::{
    audit::difference::Difference,
    crypto::digest::sha256_base64url,
    directory::{email::store::proof, store::Change, user::Editor},
    kernel::failure::Result,
    notices::{self, Topic},
    signin::{
        failure::{MailFailure, PasswordFailure},
        journey::Journeys,
        passkey::own::{Asker, confirmation},
    },
    web::{context, texts::Lang},
};

/// How often somebody may ask for a link in [`WINDOW`].
const MOST: u64 = 5;
const WINDOW: Duration = Duration::from_secs(60 * 60);

impl Journeys {
    /// Whether links can be mailed by which addresses are verified.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mails_verifications(&self) -> Result<bool> {
        Ok(notices::is_mailed(self.store.database().reader(), Topic::EmailVerification).await?)
    }

    /// The page of one's own address; `None`: nobody is signed in in this browser.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn own_email(&self, cookie: Option<&str>) -> Result<Option<OwnEmail>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let Some(session) = self.deps.sessions.find(cookie).await? else {
            return Ok(None);
        };
        let holder = self.store.email_holder(session.user).await?;
        let possible = self.mails_verifications().await?;
        let mailed = self.store.has_email_link(session.user, self.deps.clock.now()).await?;
        Ok(holder.map(|holder| OwnEmail {
            username: holder.username,
            email: holder.email,
            verified: holder.verified,
            possible,
            mailed,
            confirm: confirmation(cookie),
        }))
    }

    /// Mails somebody a link for their own address.
    ///
    /// # Errors
    /// `SI-230`, `SI-231`; `SI-240` when there is no address or no channel, `SI-241` when they asked too often.
    pub async fn verify_own_email(&self, asker: Asker<'_>, lang: Lang) -> Result<()> {
        let session = self.asking(asker).await?;
        let holder = self.store.email_holder(session.user).await?;
        let holder = holder.ok_or_else(|| MailFailure::NoMail.failure())?;
        let asked = format!("email:user:{}", session.user);
        if self.deps.ephemeral.increment(&asked, WINDOW).await? > MOST {
            return Err(MailFailure::TooOften.into());
        }
        let change = self.change(&format!("user:{}", session.user)).await?;
        self.mail_verification(change, &holder, lang).await.map(drop)
    }

    /// Mails a user a link for their address, as an admin wants it.
    ///
    /// # Errors
    /// `DI-102` when there is no such user, `DI-107` for a console user whom this editor may not change; `SI-240`, `SI-241`.
    pub async fn send_verification(&self, editor: Editor<'_>, user: Uuid) -> Result<SentVerification> {
        let change = self.change(editor.actor).await?;
        let holder = self.store.touchable_email(&change, editor, user).await?;
        self.mail_verification(change, &holder, Lang::Zh).await
    }

    async fn mail_verification(&self, change: Change, holder: &Holder, lang: Lang) -> Result<SentVerification> {
        let email = holder.email.clone().ok_or_else(|| MailFailure::NoMail.failure())?;
        if !self.may_be_mailed(&email).await? {
            return Err(MailFailure::TooOften.into());
        }
        let (token, kept) = self.new_link(LIFETIME);
        let expires_at = kept.1;
        keep(&change, (holder.user, &email), kept).await?;
        let mail = message(holder, &email, (&token, expires_at), lang);
        let (sealer, entropy) = (&self.deps.sealer, &self.deps.entropy);
        let told = notices::enqueue(change.transaction(), sealer, entropy, change.now(), &mail).await?;
        if told.is_empty() {
            return Err(MailFailure::NoMail.into());
        }
        let mailed = Difference::default().secret("email_link", false, true);
        let subject = format!("user:{}", holder.user);
        change
            .commit_difference(subject, ("e-mail address to be verified", &[]), mailed)
            .await?;
        Ok(SentVerification {
            sent_to: email,
            expires_at,
        })
    }

    /// What a link would verify. Does not consume it. `cookie`: the browser's session cookie.
    ///
    /// # Errors
    /// `SI-203` when it was used, is too old, or its holder has another address by now; `SI-242` in a browser in which somebody else is signed in;
    /// `SI-244` where another user has proven the address, in one in which nobody is.
    pub async fn verification(&self, token: &str, cookie: Option<&str>) -> Result<ToVerify> {
        let (holder, email, signed_in) = self.link_to_verify(token, cookie).await?;
        let reader = self.store.database().reader();
        if !signed_in && proof::is_anothers(reader, holder.user, &email).await? {
            return Err(MailFailure::SignInFirst.into());
        }
        Ok(ToVerify {
            username: holder.username,
            email,
        })
    }

    /// Follows a link: the address is verified. Of any number of callers one does it. `address` is the client's.
    ///
    /// # Errors
    /// As [`Journeys::verification`].
    pub async fn verify_email(&self, token: &str, cookie: Option<&str>, address: Option<IpAddr>) -> Result<()> {
        let (holder, email, signed_in) = self.link_to_verify(token, cookie).await?;
        let change = self.change(&format!("user:{}", holder.user)).await?;
        let digest = sha256_base64url(token.as_bytes());
        let by = (signed_in, address);
        let verified = self.store.verify_email(change, (&holder, &email), (&digest, by));
        match verified.await? {
            true => Ok(()),
            false => Err(PasswordFailure::LinkUnknown.into()),
        }
    }

    /// Whose address a link verifies, which, and whether they are signed in in this browser.
    async fn link_to_verify(&self, token: &str, cookie: Option<&str>) -> Result<(Holder, String, bool)> {
        let digest = sha256_base64url(token.as_bytes());
        let found = self.store.email_link(&digest, self.deps.clock.now()).await?;
        let (holder, email) = found.ok_or_else(|| PasswordFailure::LinkUnknown.failure())?;
        let session = match cookie {
            Some(cookie) => self.deps.sessions.find(cookie).await?,
            None => None,
        };
        let signed_in = session.is_some();
        if session.is_some_and(|session| session.user != holder.user) {
            return Err(MailFailure::AnotherAccount.into());
        }
        context::actor(|| format!("user:{}", holder.user));
        Ok((holder, email, signed_in))
    }
}
