//! What is known of a sign-in that failed: its portal, its journey, who was scanned. Whatever cannot be found out is left out: a page that
//! says why somebody did not come in must not fail itself.

use uuid::Uuid;

use super::{
    journey::{Journeys, LoginRequest},
    next_steps::Situation,
    store::ways_back::{PortalKey, WayBack},
};

/// What a browser sent that tells where it was going.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traces<'a> {
    /// Id of a journey.
    pub journey: Option<&'a str>,
    /// Row id of the portal, as this sign-in knows it.
    pub portal: Option<Uuid>,
    /// `client_id` that was met while the request was served.
    pub client_id: Option<&'a str>,
    /// Row id of the portal that the browser was on its way to last.
    pub last_portal: Option<Uuid>,
    /// Id of the trial that was opened.
    pub trial: Option<Uuid>,
    /// Session cookie.
    pub session: Option<&'a str>,
}

impl Journeys {
    /// What is known where a failure is shown.
    pub async fn situation(&self, traces: Traces<'_>) -> Situation {
        let kept = match traces.journey {
            Some(journey) => self.kept(journey).await.ok().flatten(),
            None => None,
        };
        let goes_on = match &kept {
            Some(login_request) => self.check_trial(login_request).await.is_ok(),
            None => false,
        };
        let trial = kept.as_ref().and_then(|journey| journey.trial);
        let known = traces.portal.or_else(|| kept.as_ref().map(|journey| journey.portal));
        let keys = [
            known.map(PortalKey::Row),
            traces.client_id.map(PortalKey::ClientId),
            traces.last_portal.map(PortalKey::Row),
        ];
        Situation {
            ways_in: self.ways_in(kept.as_ref().filter(|_| goes_on)).await,
            journey: traces.journey.filter(|_| goes_on).map(str::to_owned),
            portal: self.first_way_back(keys.into_iter().flatten()).await,
            signed_in: self.is_signed_in(traces.session).await,
            console: self.way_to_console(trial.or(traces.trial), traces.session).await,
            page: None,
            apply: None,
            ui_locales: kept.and_then(|journey| journey.ui_locales),
        }
    }

    /// How many ways of signing in the portal of a journey has.
    async fn ways_in(&self, journey: Option<&LoginRequest>) -> usize {
        let Some(journey) = journey else { return 0 };
        let portal = self.store.portal(journey.portal, self.local_ways()).await;
        let portal = portal.ok().flatten();
        portal.map_or(0, |portal| portal.auth_sources.len() + usize::from(portal.password))
    }

    /// The portal that the browser was on its way to last.
    pub async fn last_portal(&self, portal: Option<Uuid>) -> Option<WayBack> {
        self.first_way_back(portal.map(PortalKey::Row).into_iter()).await
    }

    async fn first_way_back(&self, keys: impl Iterator<Item = PortalKey<'_>>) -> Option<WayBack> {
        for key in keys {
            match self.store.way_back(key, &self.deps.public_url).await {
                Ok(Some(portal)) => return Some(portal),
                Ok(None) => {}
                // The others would only wait for the same database.
                Err(_) => return None,
            }
        }
        None
    }

    /// Whether this session cookie is of a living session.
    pub async fn is_signed_in(&self, cookie: Option<&str>) -> bool {
        match cookie {
            Some(cookie) => matches!(self.deps.sessions.find(cookie).await, Ok(Some(_))),
            None => false,
        }
    }

    /// The username of whose session this cookie is.
    pub async fn signed_in_as(&self, cookie: Option<&str>) -> Option<String> {
        let session = self.deps.sessions.find(cookie?).await.ok()??;
        self.store.username(session.user).await.ok()?
    }

    /// A member in words: the userid, and the name where WeCom told it.
    pub(super) async fn member_in_words(&self, corp_key: &str, userid: &str) -> String {
        let name = self.store.member_name(corp_key, userid).await.ok().flatten();
        name.map_or_else(|| userid.to_owned(), |name| format!("{userid} · {name}"))
    }
}
