//! Forms that a portal's page posts to the authorization and the logout endpoint: kept for a moment, and taken up again at a short address.
//!
//! Such a post comes without our cookies (`SameSite=Lax`); the GET with which the browser goes on bears them. What was posted is in no address on the
//! way: an `id_token_hint` or a request object names a person to every log and history, and may be longer than proxies let through. The address works
//! once and is bound to nobody: whoever has it could have posted the form themselves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{params::Params, provider::Provider};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::{Standing, Visitor},
};

/// How long a form is kept: the browser comes at once.
const LIFETIME: Duration = Duration::from_secs(60);

/// The endpoint that a form was posted to.
#[derive(Clone, Copy, Debug)]
pub(in crate::oidc) enum PostedTo {
    /// `/oauth2/authorize`.
    Authorization,
    /// `/oauth2/logout`.
    Logout,
}

impl PostedTo {
    /// Where it goes on.
    pub(in crate::oidc) const fn path(self) -> &'static str {
        match self {
            Self::Authorization => "/oauth2/authorize/posted",
            Self::Logout => "/oauth2/logout/posted",
        }
    }

    fn key(self, ticket: &str) -> String {
        format!("posted:{}:{}", self.path(), sha256_base64url(ticket.as_bytes()))
    }
}

#[derive(Serialize, Deserialize)]
struct KeptForm {
    /// Who it is counted for until it is taken.
    standing: Standing,
    form: String,
}

impl Provider {
    /// Keeps a form; answers the address at which the browser goes on.
    ///
    /// # Errors
    /// `WB-106` when too much is kept for this visitor's address already.
    pub(in crate::oidc) async fn keep_posted(
        &self,
        to: PostedTo,
        form: &[u8],
        visitor: &Visitor<'_>,
    ) -> Result<String> {
        let standing = self.deps().journeys.admit(visitor).await?;
        let kept = KeptForm {
            standing,
            // Names and values are read in the same way later.
            form: String::from_utf8_lossy(form).into_owned(),
        };
        let ticket = self.deps().entropy.token();
        self.deps()
            .ephemeral
            .put_json_on(standing.shelf(), &to.key(ticket.expose()), &kept, LIFETIME)
            .await?;
        Ok(format!("{}?form={}", to.path(), ticket.expose()))
    }

    /// The parameters of the form of this address, for one of those who ask.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(in crate::oidc) async fn take_posted(&self, to: PostedTo, ticket: &str) -> Result<Option<Params>> {
        let kept: Option<KeptForm> = self.deps().ephemeral.take_json(&to.key(ticket)).await?;
        let Some(kept) = kept else { return Ok(None) };
        self.deps().journeys.give_back(kept.standing).await?;
        Ok(Some(Params::parse(kept.form.as_bytes())))
    }
}
