//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): a portal sends the browser to the logout endpoint.
//!
//! A valid `id_token_hint` of the very session whose cookie the browser sends ends that session; whenever somebody is signed in otherwise,
//! they are asked. The hint alone ends nothing. The browser is redirected only to a registered address, with `state` and nothing else.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    front_channel::{self, frames},
    id_token_hint::{Hint, HintClaims},
};
use crate::web::context;
use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::failure::Result,
    oidc::{
        client::Client,
        failure::OidcFailure,
        params::{Params, encode, with_query},
        provider::Provider,
        registered_address::is_registered,
    },
    signin::session_model::Session,
};

/// The answer to a logout request.
pub enum SignOut {
    /// Ask first: a form with these hidden fields.
    Ask(Vec<(&'static str, String)>),
    /// Signed out, or nobody was signed in.
    Done(SignedOut),
}

/// What remains to be done in the browser after a logout.
#[derive(Debug, Default)]
pub struct SignedOut {
    /// Address of the portal to redirect to; `None`: there is only a page.
    pub back: Option<String>,
    /// Address of the portal that the page links to: it is registered, but nothing proves that the portal asked.
    pub offered: Option<String>,
    /// Addresses to load in frames first (Front-Channel Logout 1.0).
    pub frames: Vec<String>,
}

impl SignedOut {
    /// The origins of the frames, each once.
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self
            .frames
            .iter()
            .filter_map(|frame| front_channel::origin(frame))
            .collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

/// The parameter with the confirmation token (CSRF), sent when the person confirms.
const CONFIRM: &str = "confirm";
/// Its value in a form that was made without the browser's cookie.
const WITHOUT_COOKIE: &str = "unseen";
/// Parameters that the confirmation form passes on.
const PASSED: [&str; 5] = [
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
    "id_token_hint",
];

/// The fields of a form of ours that repeats what a foreign page posted: from our own page the browser sends its cookie (SameSite=Lax).
pub fn form_without_cookie(params: &Params) -> Vec<(&'static str, String)> {
    passed(params, WITHOUT_COOKIE.to_owned())
}

fn passed(params: &Params, confirm: String) -> Vec<(&'static str, String)> {
    let fields = PASSED.into_iter();
    let sent = fields.filter_map(|name| params.owned(name).map(|value| (name, value)));
    std::iter::once((CONFIRM, confirm)).chain(sent).collect()
}

impl Provider {
    /// `GET` or `POST /oauth2/logout`.
    ///
    /// # Errors
    /// Failures to be shown as a page; no session was ended then.
    pub async fn sign_out(&self, params: &Params, cookie: Option<&str>) -> Result<SignOut> {
        params.unique().map_err(|fault| fault.failure)?;
        let (hint, forgotten) = match params.get("id_token_hint") {
            None => (None, false),
            Some(token) => match self.hint(token).await? {
                Hint::Valid(claims) => (Some(claims), false),
                Hint::UnknownKey => (None, true),
                Hint::Invalid => return Err(OidcFailure::LogoutHintInvalid.into()),
            },
        };
        let client = self.client_of_logout(params, hint.as_ref()).await?;
        let back = match forgotten && params.get("client_id").is_none() {
            // No client is named, so the address cannot be checked and is ignored; the person can sign out all the same.
            true => None,
            false => back(params, hint.is_some(), client.as_deref())?,
        };
        let find_not_ended = match cookie {
            Some(cookie) => self.deps().sessions.find_not_ended(cookie).await?,
            None => None,
        };
        if let (Some(hint), Some(session)) = (&hint, &find_not_ended)
            && hint.sid.as_ref() == Some(&self.sid(client.as_deref(), session.id)?)
        {
            return Ok(SignOut::Done(self.signed_out(vec![session.id], back).await?));
        }
        let alive = find_not_ended.filter(|session| self.deps().sessions.is_alive(session));
        let (Some(session), Some(cookie)) = (alive, cookie) else {
            // Nobody is signed in here. ID tokens lie in logs and histories: one alone ends no session, it only allows the redirect.
            let (back, offered) = match hint.is_some() {
                true => (back, None),
                false => (None, back),
            };
            return Ok(SignOut::Done(SignedOut {
                back,
                offered,
                ..SignedOut::default()
            }));
        };
        let expected = confirmation(cookie);
        match params.get(CONFIRM).filter(|sent| *sent != WITHOUT_COOKIE) {
            None => return Ok(SignOut::Ask(passed(params, expected))),
            Some(sent) if !equal(sent.as_bytes(), expected.as_bytes()) => {
                return Err(OidcFailure::LogoutUnconfirmed.into());
            }
            Some(_) => {}
        }
        let mut sessions = vec![session.id];
        if let Some(hint) = &hint {
            sessions.extend(self.another_of_theirs(hint, client.as_deref(), &session).await?);
        }
        Ok(SignOut::Done(self.signed_out(sessions, back).await?))
    }

    /// The session of the hint, where it is another session of the person signed in here: the portal knows only that one, and the person
    /// confirmed.
    async fn another_of_theirs(
        &self,
        hint: &HintClaims,
        client: Option<&Client>,
        here: &Session,
    ) -> Result<Option<Uuid>> {
        for session in self.sessions_of(here.user).await? {
            if session != here.id && hint.sid.as_ref() == Some(&self.sid(client, session)?) {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// Ends these sessions: starts back-channel delivery at once and collects the front-channel frames. For a session that had ended
    /// before, portals were notified then.
    pub(super) async fn signed_out(&self, sessions: Vec<Uuid>, back: Option<String>) -> Result<SignedOut> {
        let mut ended = Vec::new();
        for session in sessions {
            if self.deps().sessions.end(session, "logout").await? {
                ended.push(session);
            }
        }
        if ended.is_empty() {
            return Ok(SignedOut {
                back,
                ..SignedOut::default()
            });
        }
        self.deliver_soon();
        let mut portals = Vec::new();
        for (client, session) in self.store().portals_entered(&ended).await? {
            let sid = self.sid(Some(&client), session)?;
            portals.push((client, sid));
        }
        Ok(SignedOut {
            back,
            frames: frames(self.issuer(), &portals),
            ..SignedOut::default()
        })
    }

    /// The client the hint was issued to, or the one named; both must agree.
    pub(super) async fn client_of_logout(
        &self,
        params: &Params,
        hint: Option<&HintClaims>,
    ) -> Result<Option<Arc<Client>>> {
        let named = params.get("client_id");
        if let (Some(hint), Some(named)) = (hint, named)
            && hint.aud != named
        {
            return Err(OidcFailure::LogoutHintInvalid.failure().detail("client_id"));
        }
        match hint.map(|hint| hint.aud.as_str()).or(named) {
            Some(client_id) => {
                let client = self.store().find_client(client_id).await?;
                client.iter().for_each(|client| context::portal(&client.client_id));
                Ok(client)
            }
            None => Ok(None),
        }
    }
}

/// The address to redirect to afterwards: a registered one, or none (RP-Initiated Logout section 3).
fn back(params: &Params, hinted: bool, client: Option<&Client>) -> Result<Option<String>> {
    let Some(wanted) = params.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    if !hinted && params.get("client_id").is_none() {
        return Err(OidcFailure::LogoutClientMissing.into());
    }
    // There is no redirect to a disabled client.
    let client = client.filter(|client| client.enabled);
    if !client.is_some_and(|client| is_registered(&client.post_logout_redirect_uris, wanted)) {
        return Err(OidcFailure::LogoutRedirectMismatch.failure().detail(wanted));
    }
    let state = params.state().map_err(|fault| fault.failure)?;
    let query = encode(state.map(|state| ("state", state)));
    Ok(Some(with_query(wanted, &query)))
}

/// The confirmation token (CSRF) of a session cookie: it cannot be made without the cookie, nor the cookie from it.
fn confirmation(cookie: &str) -> String {
    sha256_base64url(format!("confirm logout:{cookie}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::back;
    use crate::oidc::{params::Params, tests::samples};

    #[test]
    fn only_a_registered_address_leads_back_with_state_only() {
        let mut client = samples::client("https://p/cb");
        client.post_logout_redirect_uris = vec!["https://p/bye".to_owned()];
        let to = |query: &str, known: bool| back(&Params::parse(query.as_bytes()), true, known.then_some(&client));
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
        assert!(back(&Params::parse(uri.as_bytes()), true, Some(&client)).is_err());
    }
}
