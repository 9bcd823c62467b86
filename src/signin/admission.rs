//! Admission: the one place everybody passes for whom something is about to be kept before they signed in. Whoever proved themselves is
//! counted by themselves, everybody else by their address; only what is kept is counted, and what is finished is given back.

use super::{
    journey::{Journeys, LoginRequest},
    standing::{Standing, Visitor},
};
use crate::kernel::failure::Result;

impl Journeys {
    /// Counts a visitor for whom one more thing will be kept.
    ///
    /// # Errors
    /// `WB-106` when too much was begun from their address.
    pub async fn admit(&self, visitor: &Visitor<'_>) -> Result<Standing> {
        if let Some(name) = self.proven_name(visitor).await?
            && self.deps.anonymous_limit.acquire_proven(&name).await?
        {
            return Ok(Standing::PROVEN);
        }
        self.deps.anonymous_limit.acquire(visitor.address).await?;
        Ok(Standing {
            proven: false,
            counted: visitor.address,
        })
    }

    /// Gives back what was counted for something that is not kept any more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn give_back(&self, standing: Standing) -> Result<()> {
        match standing.counted {
            Some(address) => self.deps.anonymous_limit.release(address).await,
            None => Ok(()),
        }
    }

    /// The name a visitor with a living session or a trusted browser is counted by; a cookie alone proves nothing.
    async fn proven_name(&self, visitor: &Visitor<'_>) -> Result<Option<String>> {
        if let Some(cookie) = visitor.session
            && let Some(session) = self.deps.sessions.find(cookie).await?
        {
            return Ok(Some(format!("user:{}", session.user)));
        }
        let browser = self.trusted_browser_id(visitor.trusted_browser);
        Ok(browser.map(|id| format!("browser:{id}")))
    }

    /// Starts a journey for a visitor who was not counted yet. Where it exists already nothing more is kept, so nothing is counted.
    ///
    /// # Errors
    /// As [`Journeys::admit`].
    pub async fn begin_for(&self, mut login_request: LoginRequest, visitor: &Visitor<'_>) -> Result<String> {
        if let Some(standing) = self.standing_of(&login_request).await? {
            login_request.standing = standing;
        } else {
            login_request.standing = self.admit(visitor).await?;
        }
        self.begin(login_request).await
    }

    /// Gives back what was counted for the address of a journey that was gone through to its end, once: of any number of ways in that it led to at
    /// the same time, one finds it still counted.
    pub(super) async fn finished(&self, login_request: &LoginRequest) -> Result<()> {
        if login_request.standing.counted.is_none() {
            return Ok(());
        }
        let finished = LoginRequest {
            standing: Standing::PROVEN,
            ..login_request.clone()
        };
        if let Some(before) = self.exchange_standing(&finished).await?
            && before.counted.is_some()
        {
            self.give_back(before).await?;
            self.begin(finished).await?;
        }
        Ok(())
    }
}
