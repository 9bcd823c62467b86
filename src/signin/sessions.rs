//! Browser sessions: open, find, end. The cookie is a bearer secret; the database keeps its digest.

use super::{failure::SignInFailure, store::Store};
use crate::{
    audit::{Kind, Record},
    crypto::{digest::sha256_base64url, seal::Sealer},
    directory::session_end::SessionEnd,
    gate::{Permit, SessionPeople},
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    signin::{
        operator_place::network,
        session_model::{Lifetimes, Place, Proof, Session},
    },
    store::Database,
    telemetry::metrics,
    web::{browser::Browser, context, texts::Lang},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Opens, finds and ends sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: Clock,
    entropy: Entropy,
    lifetimes: Lifetimes,
}

/// `last_seen_at` is written at most this often, so that single sign-on does not cost a write per page.
const SEEN_EVERY: Duration = Duration::from_secs(60);

impl Sessions {
    /// Sessions over this database.
    pub fn new((database, sealer): (Database, Sealer), clock: Clock, entropy: Entropy, lifetimes: Lifetimes) -> Self {
        Self {
            store: Store::new(database, sealer),
            clock,
            entropy,
            lifetimes,
        }
    }

    /// The same, reading sessions together with whoever asks about their people.
    #[must_use]
    pub fn reading_with(self, people: SessionPeople) -> Self {
        Self {
            store: self.store.reading_with(people),
            ..self
        }
    }

    /// How long sessions live.
    pub const fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// The absolute lifetime in seconds, for the cookie.
    pub fn absolute_seconds(&self) -> i64 {
        i64::try_from(self.lifetimes.absolute.as_secs()).unwrap_or(i64::MAX)
    }

    /// Opens a session for the person of this permit, which is consumed. `previous` is the session cookie the browser had: the same person
    /// keeps the same `sid` under a new cookie, another person's session is ended. The `sid` stays also after another way of signing in:
    /// portals know one session of this browser by that `sid`, and it must end with one sign-out. What was granted in it is judged anew at
    /// its next use, by the way of signing in that was proven last.
    ///
    /// # Errors
    /// `SI-101` when the user was disabled, the password changed or the passkey removed in between.
    pub async fn open(
        &self,
        permit: Permit,
        amr: &[&str],
        previous: Option<&str>,
        proof: &Proof,
    ) -> Result<Secret<String>> {
        let (now, user) = (self.clock.now(), permit.person().id);
        let cookie = self.entropy.token();
        let digest = sha256_base64url(cookie.expose().as_bytes());
        let expires = now.plus(self.lifetimes.absolute);
        let previous = match previous {
            Some(cookie) => self.find(cookie).await?,
            None => None,
        };
        let (same, other) = match previous {
            Some(session) if session.user == user => (Some(session), None),
            other => (None, other),
        };
        let id = same.as_ref().map_or_else(|| self.entropy.id(now), |same| same.id);
        let (named, times) = ((id, digest, place()), (now, expires));
        let holds = match same {
            Some(_) => self.store.renew_session(named, &permit, amr, times, proof).await?,
            None => self.store.open_session(named, &permit, amr, times, proof).await?,
        };
        if !holds {
            return Err(SignInFailure::JourneyUnknown.into());
        }
        if let Some(other) = other {
            self.end(other.id, "replaced").await?;
        }
        let passkey = match proof {
            Proof::Passkey(id) => Some(id),
            _ => None,
        };
        let record = Record {
            kind: Kind::SignedIn,
            actor: format!("user:{user}"),
            subject: format!("session:{id}"),
            reference: None,
            number: None,
            detail: serde_json::json!({
                "amr": amr,
                "auth_source": permit.auth_source(),
                "data_source_id": permit.data_source(),
                "passkey": passkey,
            }),
        };
        self.store.record(&self.entropy, now, record).await?;
        context::actor(|| format!("user:{user}"));
        metrics::sign_in(match proof {
            Proof::WeCom => "wecom",
            Proof::Password(_) => "password",
            Proof::Passkey(_) => "passkey",
        });
        tracing::info!(%user, session = %id, ?amr, "signed in");
        Ok(cookie)
    }

    /// The active session behind a cookie: not ended, not idle too long, not past its absolute expiry.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, cookie: &str) -> Result<Option<Session>> {
        let now = self.clock.now();
        let digest = sha256_base64url(cookie.as_bytes());
        let Some(mut session) = self.store.find_session(&digest).await? else {
            return Ok(None);
        };
        if !self.is_alive(&session) {
            // Another replica may have seen it since.
            match self.store.read_session(&digest).await? {
                Some(now) if self.is_alive(&now) => session = Arc::new(now),
                _ => return Ok(None),
            }
        }
        if now.since(session.last_seen) >= SEEN_EVERY {
            self.store.touch_session(&digest, session.id, now).await?;
        }
        context::visitor(|| format!("user:{}", session.user));
        context::visitors_company(session.data_source);
        let chosen = context::noted_language().filter(|lang| session.lang != Some(*lang));
        if let Some(lang) = chosen
            && let Err(error) = self.store.keep_language(session.user, lang).await
        {
            tracing::warn!(%error, "the language that somebody chose is not kept");
        }
        Ok(Some(Session::clone(&session)))
    }

    /// The session behind a cookie unless it was ended, expired or not: portals may still refresh tokens that were granted in it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_not_ended(&self, cookie: &str) -> Result<Option<Session>> {
        // Not through the read cache, where this read could leave an older value than somebody just wrote (`Store::touch_session`).
        Ok(self.store.read_session(&sha256_base64url(cookie.as_bytes())).await?)
    }

    /// Whether a session is neither idle too long nor past its absolute expiry.
    pub fn is_alive(&self, session: &Session) -> bool {
        let now = self.clock.now();
        session.expires > now && now.since(session.last_seen) < self.lifetimes.idle
    }

    /// Ends a session, revokes everything granted in it, and writes logout deliveries for its portals. Ending twice is no error; true if it
    /// was not ended before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end(&self, session: Uuid, reason: &str) -> Result<bool> {
        let now = self.clock.now();
        let end = SessionEnd {
            entropy: &self.entropy,
            now,
            reason,
        };
        let ended = self.store.end_session(session, &end).await?;
        if let Some(user) = ended {
            let record = signed_out(session, user, reason);
            self.store.record(&self.entropy, now, record).await?;
        }
        Ok(ended.is_some())
    }

    /// Ends these sessions as [`Sessions::end`] does, in one transaction; returns how many were not ended before.
    ///
    /// # Errors
    /// When the database does not answer; none has ended then.
    pub async fn end_many(&self, sessions: &[Uuid], reason: &str) -> Result<u64> {
        let end = SessionEnd {
            entropy: &self.entropy,
            now: self.clock.now(),
            reason,
        };
        let ended = self
            .store
            .end_many_sessions(sessions, &end, |session, user| signed_out(session, user, reason));
        Ok(ended.await?)
    }
}

/// Where this request comes from.
fn place() -> Place {
    let browser = context::noted_browser().filter(|browser| *browser != Browser::default());
    Place {
        browser: browser.map(|browser| browser.words(Lang::En)),
        network: context::noted_address().and_then(network),
    }
}

fn signed_out(session: Uuid, user: Uuid, reason: &str) -> Record {
    Record {
        kind: Kind::SignedOut,
        actor: reason.to_owned(),
        subject: format!("session:{session}"),
        reference: None,
        number: None,
        detail: serde_json::json!({ "user_id": user }),
    }
}
