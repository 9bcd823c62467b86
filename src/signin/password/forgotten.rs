//! Forgotten passwords: a link to a new one is mailed to whoever has the account's address.
//!
//! Whoever asks learns nothing: whatever is typed is answered by the same page after the same work; whom it means is looked up afterwards, in the
//! background. What is asked for is bounded by network, by what was typed, and by user. One-time codes and passkeys stay as they are, a password
//! that was chosen so is no leave to set codes up, and nobody with a role in the console is mailed a link: a mailbox alone is neither two factors nor a way
//! into the console.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{password_login::username_key, policy, store::keep_forgotten};
use crate::{
    audit::difference::Difference,
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    notices::{self, NewNotice, To, Topic},
    signin::{
        failure::{PasswordFailure, SignInFailure},
        journey::{Journeys, LoginRequest},
        password::one_time_link_model::Purpose,
        store::Portal,
    },
    web::{rate_limit::RateLimit, texts::Lang},
};

/// How long a link works.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// What one network may ask for; a whole office may share it.
const OF_NETWORK: RateLimit<'static> = RateLimit {
    name: "forgotten:network",
    limit: 20,
    window: Duration::from_secs(15 * 60),
};
/// How often one username or address may be typed, and one user be mailed, in [`WINDOW`].
const MOST: u64 = 3;
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// How many such links, and links to verify it, go to one address in a [`DAY`].
const MOST_A_DAY: u64 = 6;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a link is left alone before another replaces it: whoever asks twice follows the first mail.
const PAUSE: Duration = Duration::from_secs(2 * 60);

impl Journeys {
    /// Whether the login page offers a link to a new password: it takes passwords, and mail can be sent. In a trial nothing is changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offers_new_password(&self, login_request: &LoginRequest, portal: &Portal) -> Result<bool> {
        let reader = self.store.database().reader();
        let may = login_request.trial.is_none() && portal.password;
        Ok(may && notices::is_mailed(reader, Topic::PasswordForgotten).await?)
    }

    /// Lets on to the page of a journey on which a new password is asked for.
    ///
    /// # Errors
    /// `SI-101` for an unknown journey, `SI-106` where no new passwords are offered.
    pub async fn check_new_password(&self, journey: &str) -> Result<()> {
        let login_request = self.load(journey).await?;
        let portal = self.portal(&login_request).await?;
        match self.offers_new_password(&login_request, &portal).await? {
            true => Ok(()),
            false => Err(SignInFailure::UnknownAuthSource.into()),
        }
    }

    /// Takes what somebody typed who forgot their password, and mails a link to whom it means, afterwards. `from` is the client's address, `lang` the
    /// language of the page.
    ///
    /// # Errors
    /// As [`Journeys::check_new_password`]; `SI-206` when their network asked too often.
    pub async fn forgot_password(
        &self,
        journey: &str,
        typed: &str,
        (from, lang): (Option<IpAddr>, Lang),
    ) -> Result<()> {
        self.check_new_password(journey).await?;
        let ephemeral = &self.deps.ephemeral;
        if !OF_NETWORK.try_acquire(ephemeral, from).await? {
            return Err(PasswordFailure::TooManyMails.into());
        }
        let typed = username_key(typed);
        if typed.is_empty() || typed.chars().count() > policy::MOST || typed.chars().any(char::is_control) {
            return Ok(());
        }
        let name = format!("forgotten:name:{}", sha256_base64url(typed.as_bytes()));
        if ephemeral.increment(&name, WINDOW).await? > MOST {
            return Ok(());
        }
        let journeys = self.clone();
        let started = self.background.start(async move {
            if let Err(failure) = journeys.mail_new_passwords(&typed, (from, lang)).await {
                tracing::error!(%failure, "a link to a new password could not be mailed");
            }
        });
        if !started {
            tracing::warn!("too many ask for new passwords at once; one who asked is mailed nothing");
        }
        Ok(())
    }

    async fn mail_new_passwords(&self, typed: &str, (from, lang): (Option<IpAddr>, Lang)) -> Result<()> {
        let local = self.deps.passwords.local_users();
        let meant = self.store.meant_by(typed, local, self.deps.clock.now()).await?;
        let ephemeral = &self.deps.ephemeral;
        for to in meant {
            let lately = format!("forgotten:lately:{}", to.user);
            let often = format!("forgotten:user:{}", to.user);
            let may =
                ephemeral.put_new(&lately, b"1", PAUSE).await? && ephemeral.increment(&often, WINDOW).await? <= MOST;
            if may && self.may_be_mailed(&to.email).await? {
                self.mail_new_password((to.user, local), (from, lang)).await?;
            }
        }
        Ok(())
    }

    /// Keeps a link and puts the mail into the outbox, in one transaction; where no mail can go to that address, neither.
    async fn mail_new_password(&self, (user, local): (Uuid, bool), (from, lang): (Option<IpAddr>, Lang)) -> Result<()> {
        let (sealer, entropy) = (&self.deps.sealer, &self.deps.entropy);
        // Nobody knows who asks.
        let change = self.change("anonymous").await?;
        let (token, kept) = self.new_link(LIFETIME);
        let until = kept.1;
        let Some(to) = keep_forgotten(&change, (user, local), kept).await? else {
            return Ok(());
        };
        let network = from.map(|from| ("network".to_owned(), from.to_string()));
        let mut facts = BTreeMap::from([("username".to_owned(), to.username)]);
        facts.extend(network);
        let notice = NewNotice {
            topic: Topic::PasswordForgotten,
            data_source: None,
            subject: format!("user:{}", to.user),
            facts,
            path: Some(Purpose::Forgotten.path(&token)),
            card: None,
            to: To::Address {
                email: to.email,
                lang: to.lang.unwrap_or(lang),
            },
            until: Some(until),
        };
        let told = notices::enqueue(change.transaction(), sealer, entropy, change.now(), &notice).await?;
        if told.is_empty() {
            return Ok(());
        }
        let mailed = Difference::default().secret("password_link", false, true);
        let mailed = mailed.also("address", from.map(|from| from.to_string()));
        change
            .commit_difference(format!("user:{}", to.user), ("password link mailed", &[]), mailed)
            .await
    }

    /// Counts a mail that anybody may have sent to this address by asking; false when there were enough in a day.
    pub(in crate::signin) async fn may_be_mailed(&self, email: &str) -> Result<bool> {
        let name = format!("mailed:{}", sha256_base64url(email.to_lowercase().as_bytes()));
        Ok(self.deps.ephemeral.increment(&name, DAY).await? <= MOST_A_DAY)
    }

    /// Waits until nothing that was asked for is under way.
    pub async fn idle(&self) {
        self.background.idle().await;
    }
}
