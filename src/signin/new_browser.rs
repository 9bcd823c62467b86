//! A sign-in with a browser that was not known for the person: they are told. Not of their first sign-in, nor of one inside WeCom, which is the person's
//! own and guarded by WeCom.

use std::net::IpAddr;

use uuid::Uuid;

use super::{
    journey::Journeys,
    notices::{model::message, store::send},
    standing::Visitor,
};
use crate::{kernel::failure::Result, notices::Topic, web::context};

impl Journeys {
    /// Whether somebody signs in with a browser that is known for them: by its cookie, or by their session in it.
    pub(in crate::signin) async fn knows_browser(&self, user: Uuid, visitor: Visitor<'_>) -> Result<bool> {
        if self.is_known_browser(user, visitor.trusted_browser).await? {
            return Ok(true);
        }
        let session = match visitor.session {
            Some(cookie) => self.deps.sessions.find(cookie).await?,
            None => None,
        };
        Ok(session.is_some_and(|session| session.user == user))
    }

    /// The new cookie of known browsers after a sign-in without a password. The session is open, so nothing may fail it any more.
    pub(in crate::signin) fn known_from_now_on(&self, user: Uuid, known: Option<&str>) -> Option<String> {
        let cookie = self.know_browser(user, known).inspect_err(|failure| {
            tracing::warn!(%failure, "a browser in which somebody signed in is not marked as known");
        });
        cookie.ok()
    }

    /// Tells somebody who signed in just now with a browser that was not known for them.
    pub(in crate::signin) async fn tell_of_browser(
        &self,
        user: Uuid,
        amr: &[&str],
        address: Option<IpAddr>,
    ) -> Result<()> {
        let now = self.deps.clock.now();
        if self.store.begin_to_know_browsers(user, now).await? || amr.contains(&"wecom_in_app") {
            return Ok(());
        }
        let address = address.map(|address| address.to_string());
        let own = Some((context::noted_browser(), address.as_deref()));
        let post = self.store.post(&self.deps.entropy);
        let transaction = self.store.database().begin().await?;
        send(&transaction, post, (user, now), |username| {
            message((user, username), (Topic::NewSignIn, now), own)
        })
        .await?;
        Ok(transaction.commit().await?)
    }
}
