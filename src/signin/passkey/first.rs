//! The first passkey, instead of one-time codes, where a password is right and a second factor is owed: as soon after a new password as codes
//! could be set up. No session comes of it: they sign in by it next, which also shows that it works.

use std::net::IpAddr;

use super::store::{OwnHand, Still};
use crate::{
    kernel::failure::Result,
    signin::{
        acr, answer::SignInOutcome, failure::SignInFailure, journey::Journeys, password::password_login::PendingLogin,
    },
};

/// What came of it.
pub enum FirstPasskey {
    /// Set up: they sign in by it on the login page of this journey.
    Ready(String),
    /// The gate refused; nothing was set up.
    Refused(SignInOutcome),
}

fn place(token: &str) -> String {
    format!("first\n{token}")
}

impl Journeys {
    /// Whether who sets up one-time codes after their password may set up a passkey instead.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn offers_first_passkey(&self, token: &str, cookie: Option<&str>) -> Result<bool> {
        let pending = self.pending(token, cookie).await?;
        let login_request = self.load(&pending.journey).await?;
        Ok(self.passkeys.is_some() && acr::by_passkey(&login_request.acr))
    }

    /// The pending login of somebody who owes a second factor and has none.
    async fn owing(&self, token: &str, cookie: Option<&str>) -> Result<PendingLogin> {
        let pending = self.pending(token, cookie).await?;
        match pending.offered {
            Some(_) => Ok(pending),
            None => Err(SignInFailure::JourneyUnknown.into()),
        }
    }

    /// Begins to set it up; returns the options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// `SI-101` when there is no pending login under this token, `SI-103` in another browser, `SI-221` where browsers have no passkeys.
    pub async fn begin_first_passkey(
        &self,
        token: &str,
        cookie: Option<&str>,
        installation: &str,
    ) -> Result<serde_json::Value> {
        let pending = self.owing(token, cookie).await?;
        let who = (pending.user, pending.username.as_str());
        self.ask_for_a_passkey(who, installation, place(token)).await
    }

    /// Adds the passkey that the browser made. The pending login is used up.
    ///
    /// # Errors
    /// As [`Journeys::begin_first_passkey`] and [`Journeys::add_own_passkey`].
    pub async fn add_first_passkey(
        &self,
        token: &str,
        cookie: Option<&str>,
        (name, answer): (&str, &str),
        address: Option<IpAddr>,
    ) -> Result<FirstPasskey> {
        let pending = self.owing(token, cookie).await?;
        let login_request = self.load(&pending.journey).await?;
        if let Err(refused) = self.admit_by_password(pending.user, &login_request).await? {
            return Ok(FirstPasskey::Refused(refused));
        }
        let hand = OwnHand {
            user: pending.user,
            address,
        };
        let made = self.check_made_passkey(name, (answer, &place(token))).await?;
        let still = Still::NewPassword(pending.stamp.clone());
        self.keep_made_passkey((hand, still), made).await?;
        // Used up only now, so that what could not be kept can be tried again. Nothing more can come of it anyway, now that there is a passkey.
        if let Err(failure) = self.take_pending(token, &pending).await {
            tracing::warn!(%failure, "a pending sign-in could not be taken away after a passkey was set up");
        }
        Ok(FirstPasskey::Ready(pending.journey))
    }
}
