//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4).

use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

use super::model::Delivery;
use crate::{
    kernel::failure::Result,
    oidc::{client::Client, provider::Provider},
};

/// Media type in the header, which keeps logout tokens from being taken for ID tokens and the other way round.
const TYP: &str = "logout+jwt";
/// Lifetime of a logout token; the specification recommends two minutes at most.
const LIFETIME: Duration = Duration::from_secs(120);

/// Claims of a logout token. No `nonce`: the specification forbids it.
#[derive(Serialize)]
struct LogoutClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
    sid: String,
}

impl Provider {
    /// Signs the logout token of a delivery, at the moment of sending, because it lives two minutes and a portal may be down for hours.
    pub(super) fn logout_token(&self, client: &Client, delivery: &Delivery) -> Result<String> {
        let now = self.deps().clock.now();
        let claims = LogoutClaims {
            iss: self.issuer(),
            sub: self.subject(client, delivery.user)?,
            aud: &client.client_id,
            iat: now.secs(),
            exp: now.plus(LIFETIME).secs(),
            jti: self.deps().entropy.hex_id(),
            events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
            sid: self.sid(Some(client), delivery.session)?,
        };
        self.keyring().keys().active(client.id_token_alg)?.sign(TYP, &claims)
    }
}
