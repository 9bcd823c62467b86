//! The page of one's own sign-ins: where one is signed in, which applications one entered, and how to end both.
//!
//! It needs a session and starts none: a sign-in is always for a portal, because that is what the gate judges. It shows only what belongs to
//! the person of the session, and every change must come from a form shown to that very session.

pub(in crate::oidc) mod failure;
mod store;

use uuid::Uuid;

use super::{consent::store::ConsentUser, params::Params, provider::Provider};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    signin::session::Session,
};
pub use failure::AccountFailure;

/// Why sessions end here, as on record.
const REASON: &str = "account";

/// How long ago something was, in the one unit people would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ago {
    /// Less than a minute.
    Moment,
    /// Whole minutes.
    Minutes(u64),
    /// Whole hours.
    Hours(u64),
    /// Whole days.
    Days(u64),
}

impl Ago {
    fn since(then: i64, now: Timestamp) -> Self {
        let minutes = now.since(Timestamp::from_millis(then)).as_secs() / 60;
        match minutes {
            0 => Self::Moment,
            1..60 => Self::Minutes(minutes),
            60..1440 => Self::Hours(minutes / 60),
            _ => Self::Days(minutes / 1440),
        }
    }
}

/// One living session.
pub struct SessionLine {
    /// `sid`.
    pub id: Uuid,
    /// The browser that looks at the page.
    pub here: bool,
    /// The auth source it came through; none if that is gone.
    pub auth_source: Option<String>,
    /// How (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// When the person proved who they are.
    pub proved: Ago,
    /// Last use.
    pub seen: Ago,
}

/// One portal that holds something of the person.
pub struct PortalLine {
    /// Row id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What the person agreed to; empty where the company decided.
    pub scopes: Vec<String>,
    /// First entry that still counts.
    pub since: Ago,
    /// Last tokens.
    pub used: Ago,
}

/// The page.
pub struct Account {
    /// Whose.
    pub person: ConsentUser,
    /// Living sessions, this browser's first.
    pub sessions: Vec<SessionLine>,
    /// Portals, by name.
    pub portals: Vec<PortalLine>,
    /// Goes back with each form.
    pub confirm: String,
}

/// A button of the page.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// End this session.
    End(Uuid),
    /// End all sessions but this browser's, also those that ran out while their portals still refresh tokens.
    EndOthers,
    /// Take back what was granted to this portal.
    Withdraw(Uuid),
}

/// What is left afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The page.
    Page,
    /// Nothing: the session that pressed the button has ended.
    Nothing,
}

/// Nobody who cannot read the cookie can make this; and from it nobody can make the cookie.
fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm account:{cookie}").as_bytes())
}

impl Provider {
    /// `GET /account`; `None`: nobody is signed in in this browser.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, cookie: Option<&str>) -> Result<Option<Account>> {
        let Some((session, cookie)) = self.at_home(cookie).await? else {
            return Ok(None);
        };
        let Some(person) = self.consents().who(session.user).await? else {
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
        let portals = store::portals(reader, session.user).await?;
        let portals = portals.into_iter().map(|row| portal_line(row, now)).collect();
        Ok(Some(Account {
            person,
            sessions,
            portals,
            confirm: confirmation(cookie),
        }))
    }

    /// A form of the page.
    ///
    /// # Errors
    /// `AC-101` without a session, `AC-102` when the form was not shown to it, `AC-103` for what is not this person's.
    pub async fn change_account(&self, act: Act, params: &Params, cookie: Option<&str>) -> Result<Left> {
        let (session, cookie) = self.at_home(cookie).await?.ok_or(AccountFailure::NobodyThere)?;
        let sent = params.get("confirm").unwrap_or_default();
        if !equal(sent.as_bytes(), confirmation(cookie).as_bytes()) {
            return Err(AccountFailure::Unconfirmed.into());
        }
        match act {
            Act::End(id) => self.end_own(&session, id).await,
            Act::EndOthers => self.end_others(&session).await,
            Act::Withdraw(portal) => {
                let actor = format!("user:{}", session.user);
                let withdrawn = self.consents().withdraw(&actor, session.user, portal).await?;
                withdrawn.then_some(Left::Page).ok_or_else(not_yours)
            }
        }
    }

    /// Every session of this person that was not ended, run out or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::oidc) async fn sessions_of(&self, user: Uuid) -> Result<Vec<Uuid>> {
        Ok(store::not_ended(self.deps().database.reader(), user).await?)
    }

    async fn end_own(&self, session: &Session, id: Uuid) -> Result<Left> {
        let owner = store::owner(self.deps().database.reader(), id).await?;
        if owner != Some(session.user) || !self.deps().sessions.end(id, REASON).await? {
            return Err(not_yours());
        }
        Ok(if id == session.id { Left::Nothing } else { Left::Page })
    }

    async fn end_others(&self, session: &Session) -> Result<Left> {
        for id in self.sessions_of(session.user).await? {
            if id != session.id {
                self.deps().sessions.end(id, REASON).await?;
            }
        }
        Ok(Left::Page)
    }

    async fn at_home<'a>(&self, cookie: Option<&'a str>) -> Result<Option<(Session, &'a str)>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let session = self.deps().sessions.find(cookie).await?;
        Ok(session.map(|session| (session, cookie)))
    }
}

fn not_yours() -> Failure {
    AccountFailure::NotYours.failure()
}

fn line(row: store::SessionRow, here: Uuid, now: Timestamp) -> SessionLine {
    SessionLine {
        id: row.id,
        here: row.id == here,
        auth_source: row.auth_source,
        amr: row.amr,
        proved: Ago::since(row.auth_time, now),
        seen: Ago::since(row.last_seen, now),
    }
}

fn portal_line(row: store::PortalRow, now: Timestamp) -> PortalLine {
    PortalLine {
        id: row.id,
        name: row.name,
        scopes: super::consent::agreement::of_kind(&row.scopes, None),
        since: Ago::since(row.since, now),
        used: Ago::since(row.used, now),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ago, confirmation};
    use crate::kernel::clock::Timestamp;

    #[test]
    fn the_past_in_one_unit() {
        let now = Timestamp::from_secs(10_000_000);
        let ago = |seconds: i64| Ago::since(Timestamp::from_secs(10_000_000 - seconds).millis(), now);
        assert_eq!(ago(-5), Ago::Moment);
        assert_eq!(ago(59), Ago::Moment);
        assert_eq!(ago(60), Ago::Minutes(1));
        assert_eq!(ago(3_599), Ago::Minutes(59));
        assert_eq!(ago(3_600), Ago::Hours(1));
        assert_eq!(ago(86_399), Ago::Hours(23));
        assert_eq!(ago(86_400), Ago::Days(1));
    }

    #[test]
    fn each_cookie_confirms_for_itself() {
        assert_ne!(confirmation("a"), confirmation("b"));
    }
}
