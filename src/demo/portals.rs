//! What the portals know: themselves, the browsers that are signed in, and what Menjin told them.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};

use super::{
    faults::Faults,
    logout_token::{Logout, Taken},
    owner::Owner,
    relying_party::{Pending, RelyingParty, SignedIn},
};
use crate::kernel::{clock::Clock, entropy::Entropy};

/// One demo portal.
pub struct Portal {
    /// Path segment: `a` or `b`.
    pub key: &'static str,
    /// Name on the page.
    pub name: &'static str,
    /// Its OpenID client.
    pub party: RelyingParty,
}

/// Addresses of the other parts, for links.
pub struct Links {
    /// `public_url` of Menjin.
    pub menjin: String,
    /// The simulated WeCom.
    pub wecom: String,
    /// Whether others in the network reach the demo.
    pub open: bool,
    /// Whether there is a made-up history.
    pub history: bool,
    /// Where one comes into Menjin's console as its owner.
    pub console: String,
}

/// State that all pages share.
pub struct Portals {
    /// Both portals; set once they are registered.
    pub portals: OnceLock<Vec<Portal>>,
    /// Where the rest is.
    pub links: Links,
    /// The owner of the console; set once everything stands.
    pub owner: OnceLock<Owner>,
    /// What can be switched on.
    pub faults: Faults,
    /// The demo's clock.
    pub clock: Clock,
    entropy: Entropy,
    browsers: Mutex<HashMap<(String, String), Browser>>,
    taken: Taken,
}

/// One browser at one portal.
#[derive(Default)]
pub struct Browser {
    /// It was sent to Menjin.
    pub pending: Option<Pending>,
    /// It came back.
    pub signed_in: Option<SignedIn>,
    /// Menjin said that it is over.
    pub told_out: Option<ToldOut>,
}

/// What Menjin told.
#[derive(Clone)]
pub struct ToldOut {
    /// When it arrived, seconds since 1970.
    pub at: i64,
    /// What the logout token says.
    pub logout: Logout,
}

impl Portals {
    /// Without portals yet.
    pub fn new(links: Links, faults: Faults, clock: Clock, entropy: Entropy) -> Self {
        Self {
            portals: OnceLock::new(),
            links,
            owner: OnceLock::new(),
            faults,
            clock,
            entropy,
            browsers: Mutex::default(),
            taken: Taken::default(),
        }
    }

    /// The portal of this path segment.
    pub fn find(&self, key: &str) -> Option<&Portal> {
        self.portals.get()?.iter().find(|portal| portal.key == key)
    }

    /// The browser's cookie at this portal; a new one if it has none.
    pub fn cookie(&self, request: &HttpRequest, key: &str) -> Cookie<'static> {
        let name = cookie_name(key);
        let known = request.cookie(&name).map(|cookie| cookie.value().to_owned());
        let value = known.unwrap_or_else(|| self.entropy.token().expose().clone());
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }

    /// Changes what is known of the browser with this cookie.
    pub fn keep(&self, key: &str, cookie: &Cookie<'_>, change: impl FnOnce(&mut Browser)) {
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (key.to_owned(), cookie.value().to_owned());
        change(browsers.entry(place).or_default());
    }

    /// Looks at what is known of the browser that asks.
    pub fn with<T: Default>(&self, request: &HttpRequest, key: &str, look: impl FnOnce(&mut Browser) -> T) -> T {
        let Some(cookie) = request.cookie(&cookie_name(key)) else {
            return T::default();
        };
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (key.to_owned(), cookie.value().to_owned());
        browsers.get_mut(&place).map(look).unwrap_or_default()
    }

    /// Takes a logout token that was posted to this portal, and ends the sessions it names: that `sid`, or all of that `sub`.
    ///
    /// # Errors
    /// A sentence: what is wrong with the token.
    pub async fn told_out(&self, portal: &Portal, token: &str) -> Result<(), String> {
        let now = self.clock.now().secs();
        let logout = portal.party.verify_logout(token, now, &self.taken).await?;
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = browsers.iter_mut().filter(|((key, _), _)| key == portal.key);
        for (_, browser) in mine {
            let named = browser.signed_in.as_ref().is_some_and(|person| names(&logout, person));
            if named {
                browser.signed_in = None;
                browser.told_out = Some(ToldOut {
                    at: now,
                    logout: logout.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a logout token names this session.
fn names(logout: &Logout, person: &SignedIn) -> bool {
    let same = |claim: &str, value: &str| person.id_claims.get(claim).is_some_and(|own| own == value);
    match (&logout.sid, &logout.sub) {
        (Some(sid), sub) => same("sid", sid) && sub.as_ref().is_none_or(|sub| same("sub", sub)),
        (None, Some(sub)) => same("sub", sub),
        (None, None) => false,
    }
}

fn cookie_name(key: &str) -> String {
    format!("demo_portal_{key}")
}
