//! Logout asked for by a portal's server, without a browser: what many proxies and brokers call a back-end or back-channel logout address.
//!
//! An ID token alone signs nobody out. A confidential client may be registered to be the exception (`server_initiated_logout`): then a valid
//! ID token of its own ends the session it names. Everything else is refused, because a program takes any other answer for success.

use uuid::Uuid;

use super::{
    failure::LogoutFailure,
    id_token_hint::{Hint, HintClaims},
};
use crate::{
    kernel::failure::Result,
    oidc::{
        client::{AuthMethod, Client},
        failure::OidcFailure,
        params::Params,
        provider::Provider,
    },
};

impl Provider {
    /// A logout request without a browser. Ending a session that has ended is no error; true if it had ended already.
    ///
    /// # Errors
    /// `OP-170` for a hint that is not valid or not of the client named; `OP-420` when nothing may be ended by it.
    pub async fn sign_out_for_server(&self, params: &Params) -> Result<bool> {
        params.unique().map_err(|fault| fault.failure)?;
        let nothing = |why: &str| LogoutFailure::NothingEnded.failure().detail(why);
        let hint = match params.get("id_token_hint") {
            None => return Err(nothing("id_token_hint is missing")),
            Some(token) => match self.hint(token).await? {
                Hint::Valid(claims) => claims,
                Hint::UnknownKey => return Err(nothing("the key of the id_token_hint is gone")),
                Hint::Invalid => return Err(OidcFailure::LogoutHintInvalid.into()),
            },
        };
        let client = self.client_of_logout(params, Some(&hint)).await?;
        let client = client.filter(|client| may_end(client));
        let client = client.ok_or_else(|| nothing("the client is not registered with server_initiated_logout"))?;
        let session = self.session_of(&client, &hint).await?;
        let session = session.ok_or_else(|| nothing("the session of the id_token_hint is not known any more"))?;
        let ended_now = self.deps().sessions.end(session, "logout").await?;
        if ended_now {
            self.deliver_soon();
        }
        Ok(!ended_now)
    }

    /// The session this client knows by the hint's `sid`. It has another name in each sector, so it is found among the sessions in which the
    /// client got something at that moment of authentication, and compared.
    async fn session_of(&self, client: &Client, hint: &HintClaims) -> Result<Option<Uuid>> {
        let (Some(sid), Some(auth_time)) = (&hint.sid, hint.auth_time) else {
            return Ok(None);
        };
        for (session, user) in self.store().sessions_entered(client.id, auth_time).await? {
            if self.sid(Some(client), session)? == *sid && self.subject(client, user)? == hint.sub {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }
}

fn may_end(client: &Client) -> bool {
    client.enabled && client.method != AuthMethod::None && client.metadata.server_initiated_logout
}
