//! The account page: lists a person's own sessions and the portals they entered, ends sessions and withdraws consents.
//!
//! It needs a session and starts none: a sign-in is always for a portal, because that is what the gate decides about. It shows only what
//! belongs to the person of the session, and every change must come from a form shown to that very session (CSRF).

pub(in crate::oidc) mod failure;
mod store;

use uuid::Uuid;

use super::{
    consent::{
        agreement::{ItemKind, of_kind},
        store::ConsentUser,
    },
    params::Params,
    provider::Provider,
};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    signin::{notices::Notice, private_fields::OwnField, session_model::Session},
    web::ago::Ago,
};
pub use failure::AccountFailure;

/// Recorded reason of sessions ended here.
const REASON: &str = "account";

/// A session as the page shows it.
pub struct SessionLine {
    /// `sid`.
    pub id: Uuid,
    /// Whether it is the session of this browser.
    pub here: bool,
    /// The auth source it was opened through; none if that was deleted.
    pub auth_source: Option<String>,
    /// Authentication methods (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// Browser and system at the last sign-in, in English; none: not known.
    pub browser: Option<String>,
    /// The network at the last sign-in; none: not known.
    pub network: Option<String>,
    /// When the person proved who they are.
    pub proved: Ago,
    /// Last use.
    pub seen: Ago,
}

/// A portal with grants or a consent of the person, as the page shows it.
pub struct PortalLine {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where a person enters it; none where it is switched off or has no pages.
    pub address: Option<String>,
    /// Whether the person was asked; else the company decided.
    pub agreed: bool,
    /// Scopes the person agreed to, or else those it got.
    pub scopes: Vec<String>,
    /// Claims by name the person agreed to besides.
    pub claims: Vec<String>,
    /// Oldest grant that still counts.
    pub since: Ago,
    /// Last time tokens were issued.
    pub used: Ago,
}

/// Contents of the account page.
pub struct Account {
    /// The person it belongs to.
    pub person: ConsentUser,
    /// Valid sessions, this browser's first.
    pub sessions: Vec<SessionLine>,
    /// Portals, by name.
    pub portals: Vec<PortalLine>,
    /// What others did to the person's credentials, the newest first.
    pub notices: Vec<Notice>,
    /// The private fields they were asked for inside WeCom.
    pub private_fields: Vec<OwnField>,
    /// Now, to tell how long ago that was.
    pub now: Timestamp,
    /// The confirmation token (CSRF) of each form.
    pub confirm: String,
}

/// An action of the page.
#[derive(Clone, Copy, Debug)]
pub enum AccountAction {
    /// End this session.
    End(Uuid),
    /// End all sessions but this browser's, also expired ones: their portals may still refresh tokens.
    EndOthers,
    /// End all sessions.
    EndAll,
    /// Withdraw the consent and revoke the grants of this portal.
    Withdraw(Uuid),
    /// Be asked again for the private fields that were declined.
    AskAgain,
    /// Take back the private fields that were given.
    TakeBack,
}

/// What to show after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAction {
    /// The page.
    Page,
    /// The signed-out page: the action ended its own session.
    Nothing,
}

/// The confirmation token (CSRF) of a session cookie: it cannot be made without the cookie, nor the cookie from it.
fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm account:{cookie}").as_bytes())
}

impl Provider {
    /// `GET /account`; `None`: nobody is signed in in this browser.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, cookie: Option<&str>) -> Result<Option<Account>> {
        let Some((session, cookie)) = self.current_session(cookie).await? else {
            return Ok(None);
        };
        let Some(person) = self.consents().consent_user(session.user).await? else {
            return Ok(None);
        };
        let now = self.deps().clock.now();
        let idle = self.deps().sessions.lifetimes().idle;
        let reader = self.deps().database.reader();
        let mut sessions: Vec<SessionLine> = store::sessions(reader, session.user, now, idle)
            .await?
            .into_iter()
            .map(|row| line(row, session.id, now))
            .collect();
        sessions.sort_by_key(|line| !line.here);
        let portals = store::portals(reader, session.user, self.issuer()).await?;
        let portals = portals.into_iter().map(|row| portal_line(row, now)).collect();
        Ok(Some(Account {
            person,
            sessions,
            portals,
            notices: self.deps().journeys.notices_of(session.user).await?,
            private_fields: self.deps().journeys.own_private_fields(session.user).await?,
            now,
            confirm: confirmation(cookie),
        }))
    }

    /// Carries out an action that a form of the page sent.
    ///
    /// # Errors
    /// `AC-101` without a session, `AC-102` when the form was not shown to it, `AC-103` for what is not this person's.
    pub async fn change_account(
        &self,
        act: AccountAction,
        params: &Params,
        cookie: Option<&str>,
    ) -> Result<AfterAction> {
        let (session, cookie) = self.current_session(cookie).await?.ok_or(AccountFailure::NotSignedIn)?;
        let sent = params.get("confirm").unwrap_or_default();
        if !equal(sent.as_bytes(), confirmation(cookie).as_bytes()) {
            return Err(AccountFailure::Unconfirmed.into());
        }
        match act {
            AccountAction::End(id) => self.end_own(&session, id).await,
            AccountAction::EndOthers => self.end_others(&session).await,
            AccountAction::EndAll => {
                self.end_others(&session).await?;
                self.end_own(&session, session.id).await
            }
            AccountAction::Withdraw(portal) => {
                let actor = format!("user:{}", session.user);
                let withdrawn = self.consents().withdraw(&actor, session.user, portal).await?;
                withdrawn.then_some(AfterAction::Page).ok_or_else(not_yours)
            }
            AccountAction::AskAgain => {
                self.deps().journeys.ask_again_for_private_fields(session.user).await?;
                Ok(AfterAction::Page)
            }
            AccountAction::TakeBack => {
                let taken = self.deps().journeys.take_back_private_fields(session.user).await?;
                taken.then_some(AfterAction::Page).ok_or_else(not_yours)
            }
        }
    }

    /// Every session of this person that was not ended, expired or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::oidc) async fn sessions_of(&self, user: Uuid) -> Result<Vec<Uuid>> {
        Ok(store::not_ended(self.deps().database.reader(), user).await?)
    }

    async fn end_own(&self, session: &Session, id: Uuid) -> Result<AfterAction> {
        let owner = store::owner(self.deps().database.reader(), id).await?;
        if owner != Some(session.user) || !self.deps().sessions.end(id, REASON).await? {
            return Err(not_yours());
        }
        Ok(if id == session.id {
            AfterAction::Nothing
        } else {
            AfterAction::Page
        })
    }

    async fn end_others(&self, session: &Session) -> Result<AfterAction> {
        for id in self.sessions_of(session.user).await? {
            if id != session.id {
                self.deps().sessions.end(id, REASON).await?;
            }
        }
        Ok(AfterAction::Page)
    }

    async fn current_session<'a>(&self, cookie: Option<&'a str>) -> Result<Option<(Session, &'a str)>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let session = self.deps().sessions.find(cookie).await?;
        Ok(session.map(|session| (session, cookie)))
    }
}

fn not_yours() -> Failure {
    AccountFailure::EntryNotFound.failure()
}

fn ago(then: i64, now: Timestamp) -> Ago {
    Ago::since(Timestamp::from_millis(then), now)
}

fn line(row: store::SessionRow, here: Uuid, now: Timestamp) -> SessionLine {
    SessionLine {
        id: row.id,
        here: row.id == here,
        auth_source: row.auth_source,
        amr: row.amr,
        browser: row.browser,
        network: row.network,
        proved: ago(row.auth_time, now),
        seen: ago(row.last_seen, now),
    }
}

fn portal_line(row: store::PortalRow, now: Timestamp) -> PortalLine {
    let agreed = row.agreed.is_some();
    let items = row.agreed.unwrap_or_else(|| row.granted.into_iter().collect());
    PortalLine {
        id: row.id,
        name: row.name,
        address: row.address,
        agreed,
        scopes: of_kind(&items, None),
        claims: of_kind(&items, Some(ItemKind::Claim)),
        since: ago(row.since, now),
        used: ago(row.used, now),
    }
}

#[cfg(test)]
mod tests {
    use super::confirmation;

    #[test]
    fn each_cookie_confirms_for_itself() {
        assert_ne!(confirmation("a"), confirmation("b"));
    }
}
