//! Sign-out started by a portal (OpenID Connect RP-Initiated Logout 1.0).
//!
//! A valid `id_token_hint` proves that the portal acts for this person; without one the person is asked. The browser is sent back only
//! to an address registered character by character, with `state` and nothing else.

use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use super::front::{self, frames};
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::Result,
    oidc::{
        Provider,
        client::Client,
        failure::OidcFailure,
        params::{Params, encode, with_query},
        subject::{Expected, sector},
    },
    signin::sessions::Session,
};

/// What the browser is answered.
pub enum SignOut {
    /// Ask first: a form with these hidden fields.
    Ask(Vec<(&'static str, String)>),
    /// Signed out, or nobody was signed in.
    Done(Farewell),
}

/// What remains to be done in the browser after a sign-out.
#[derive(Debug, Default)]
pub struct Farewell {
    /// Back to the portal; else there is only a page.
    pub back: Option<String>,
    /// Addresses to load in frames first (Front-Channel Logout 1.0).
    pub frames: Vec<String>,
}

impl Farewell {
    /// Where the frames come from, each origin once.
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self.frames.iter().filter_map(|frame| front::origin(frame)).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

/// The claims of an ID token that a hint is read for.
#[derive(Deserialize)]
pub struct HintClaims {
    /// Issuer.
    pub iss: String,
    /// Who.
    pub sub: String,
    /// Which client.
    pub aud: String,
    /// Which session.
    pub sid: Option<Uuid>,
    /// Signed userinfo has none, and is no hint.
    #[expect(dead_code, reason = "it must be there; whether it has passed does not matter")]
    exp: i64,
}

/// The parameter that carries the person's yes.
const CONFIRM: &str = "confirm";
/// No ID token of ours is longer.
const LONGEST_HINT: usize = 32 * 1024;

impl Provider {
    /// An ID token of ours, expired or not; `None` for everything else: foreign keys, `alg=none`, access tokens.
    pub(in crate::oidc) async fn id_token_of_ours(&self, token: &str) -> Result<Option<HintClaims>> {
        if token.len() > LONGEST_HINT {
            return Ok(None);
        }
        let claims: Option<HintClaims> = self.keyring().verify(token, "JWT").await?;
        Ok(claims.filter(|claims| claims.iss == self.issuer()))
    }

    /// `GET` or `POST /oauth2/logout`.
    ///
    /// # Errors
    /// What is to be shown as a page; nothing has been ended then.
    pub async fn sign_out(&self, params: &Params, cookie: Option<&str>) -> Result<SignOut> {
        params.unique().map_err(|fault| fault.failure)?;
        let hint = match params.get("id_token_hint") {
            Some(hint) => Some(
                self.id_token_of_ours(hint)
                    .await?
                    .ok_or(OidcFailure::LogoutHintInvalid)?,
            ),
            None => None,
        };
        let client = self.client_of_logout(params, hint.as_ref()).await?;
        let back = back(params, client.as_deref())?;
        let session = match cookie {
            Some(cookie) => self.parts().sessions.find(cookie).await?,
            None => None,
        };
        if let Some(hint) = hint
            && self.names(&hint, client.as_deref(), session.as_ref())?
        {
            // A cross-site POST carries no cookie (SameSite=Lax): then the hint alone says which session.
            let sessions = hint.sid.into_iter().chain(session.map(|session| session.id));
            return Ok(SignOut::Done(self.farewell(sessions.collect(), back).await?));
        }
        let (Some(session), Some(cookie)) = (session, cookie) else {
            return Ok(SignOut::Done(Farewell::default()));
        };
        self.ask(params, &session, cookie, back).await
    }

    /// Whether the hint names who is signed in here, as the client it was made for calls them; true when nobody is.
    fn names(&self, hint: &HintClaims, client: Option<&Client>, session: Option<&Session>) -> Result<bool> {
        let expected = Expected {
            sector: client.and_then(sector),
            subjects: vec![hint.sub.clone()],
        };
        session.map_or(Ok(true), |session| self.is_expected(&[expected], session.user))
    }

    /// Without proof from the portal the person decides; their yes must come from the page we showed this very session.
    async fn ask(&self, params: &Params, session: &Session, cookie: &str, back: Option<String>) -> Result<SignOut> {
        let expected = confirmation(cookie);
        let Some(sent) = params.get(CONFIRM) else {
            let mut fields = vec![(CONFIRM, expected)];
            for name in [
                "client_id",
                "post_logout_redirect_uri",
                "state",
                "ui_locales",
                "id_token_hint",
            ] {
                fields.extend(params.owned(name).map(|value| (name, value)));
            }
            return Ok(SignOut::Ask(fields));
        };
        if !equal(sent.as_bytes(), expected.as_bytes()) {
            return Err(OidcFailure::LogoutUnconfirmed.into());
        }
        Ok(SignOut::Done(self.farewell(vec![session.id], back).await?))
    }

    /// Ends these sessions; their portals' servers are told at once, their pages by the frames. A session that had ended before has been
    /// told of.
    async fn farewell(&self, sessions: Vec<Uuid>, back: Option<String>) -> Result<Farewell> {
        let mut ended = Vec::new();
        for session in sessions {
            if self.parts().sessions.end(session, "logout").await? {
                ended.push(session);
            }
        }
        if ended.is_empty() {
            return Ok(Farewell {
                back,
                frames: Vec::new(),
            });
        }
        self.deliver_soon();
        let portals = self.store().portals_entered(&ended).await?;
        Ok(Farewell {
            back,
            frames: frames(self.issuer(), &portals),
        })
    }

    /// The client the hint was issued to, or the one named; both must agree.
    async fn client_of_logout(&self, params: &Params, hint: Option<&HintClaims>) -> Result<Option<Arc<Client>>> {
        let named = params.get("client_id");
        if let (Some(hint), Some(named)) = (hint, named)
            && hint.aud != named
        {
            return Err(OidcFailure::LogoutHintInvalid.failure().detail("client_id"));
        }
        match hint.map(|hint| hint.aud.as_str()).or(named) {
            Some(client_id) => Ok(self.store().find_client(client_id).await?),
            None => Ok(None),
        }
    }
}

/// Where to go afterwards: exactly registered, or nowhere (RP-Initiated Logout section 3).
fn back(params: &Params, client: Option<&Client>) -> Result<Option<String>> {
    let Some(wanted) = params.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    // One that is switched off is no address to redirect to.
    let client = client.filter(|client| client.enabled);
    let registered = client.is_some_and(|client| client.post_logout_redirect_uris.iter().any(|uri| uri == wanted));
    if !registered {
        return Err(OidcFailure::LogoutRedirectMismatch.failure().detail(wanted));
    }
    let query = encode(params.get("state").map(|state| ("state", state)));
    Ok(Some(with_query(wanted, &query)))
}

/// Nobody who cannot read the cookie can make this; and from it nobody can make the cookie.
fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm logout:{cookie}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Params, back};
    use crate::oidc::tests::samples;

    #[test]
    fn only_a_registered_address_leads_back_with_state_only() {
        let mut client = samples::client("https://p/cb");
        client.post_logout_redirect_uris = vec!["https://p/bye".to_owned()];
        let to = |query: &str, known: bool| back(&Params::parse(query.as_bytes()), known.then_some(&client));
        let uri = "post_logout_redirect_uri=https://p/bye";
        assert_eq!(to(uri, true).unwrap().unwrap(), "https://p/bye");
        assert_eq!(
            to(&format!("{uri}&state=a%20b"), true).unwrap().unwrap(),
            "https://p/bye?state=a%20b"
        );
        assert!(to(uri, false).is_err());
        assert!(to("post_logout_redirect_uri=https://p/bye/", true).is_err());
        assert!(to("state=x", true).unwrap().is_none());
        client.enabled = false;
        assert!(back(&Params::parse(uri.as_bytes()), Some(&client)).is_err());
    }
}
