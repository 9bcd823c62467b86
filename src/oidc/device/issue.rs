//! The device authorization endpoint (RFC 8628 §3.1 and §3.2): who may ask, how often, and for what.

use std::{net::IpAddr, time::Duration};

use serde::Serialize;

use super::{
    codes::DeviceCodes,
    failure::DeviceFailure,
    model::{DeviceRequest, INTERVAL, LIFETIME},
};
use crate::{
    oidc::{
        authorize::checks::acr::preferred as preferred_classes,
        client::{AuthMethod, Client},
        failure::{Fault, OidcFailure},
        metadata::GrantType,
        offline_access,
        provider::Provider,
        resource, scope,
        terms::GrantTerms,
        token::client_request::ClientRequest,
    },
    web::rate_limit::RateLimit,
};

/// Device codes per client in [`WINDOW`]: what it can make us store at most.
const PER_CLIENT: u64 = 3000;
/// Device codes per public client and address in [`WINDOW`]: anybody can ask in its name.
const PER_ADDRESS: u64 = 30;
/// Window of the rate limits.
const WINDOW: Duration = LIFETIME;

/// The answer (RFC 8628 §3.2).
#[derive(Debug, Serialize)]
pub struct Issued {
    /// The secret the device polls with.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code.
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: u64,
    /// Seconds between polls.
    pub interval: u64,
}

impl Provider {
    pub(in crate::oidc) fn device_codes(&self) -> DeviceCodes {
        DeviceCodes::new(self.deps().ephemeral.clone())
    }

    /// `POST /oauth2/device_authorization`.
    ///
    /// # Errors
    /// `OP-142` and its like for the client, `OP-149` without the grant type, `OP-116` without `openid`, `OP-281` too often.
    pub async fn begin_device(&self, call: ClientRequest<'_>) -> Result<Issued, Fault> {
        let from = call.from;
        let (params, client) = self.client_call(call).await?;
        if !client.metadata.grant_types.allow(GrantType::DeviceCode) {
            return Err(OidcFailure::GrantTypeNotAllowed.into());
        }
        let wanted = params.get("scope").unwrap_or_default();
        if !scope::contains(wanted, "openid") {
            return Err(OidcFailure::ScopeWithoutOpenid.into());
        }
        self.bounded(&client, from).await?;
        let now = self.deps().clock.now();
        let asked = DeviceRequest {
            client: client.id,
            scope: scope::grant(wanted, &client.scopes, offline_access::is_obtainable(&client, true)),
            terms: GrantTerms {
                resources: resource::asked(&params, &client)?,
                acr: preferred_classes(&params, &client),
                ..GrantTerms::default()
            },
            at: now,
            from: from.map(|address| address.to_string()),
            expires: now.plus(LIFETIME),
        };
        let secret = self.deps().entropy.token();
        let codes = self.device_codes();
        let user_code = codes.issue(&secret, asked, &self.deps().entropy).await?.shown();
        let verification_uri = format!("{}/device", self.issuer());
        Ok(Issued {
            device_code: secret.expose().clone(),
            verification_uri_complete: format!("{verification_uri}?user_code={user_code}"),
            user_code,
            verification_uri,
            expires_in: LIFETIME.as_secs(),
            interval: INTERVAL,
        })
    }

    /// Applies the rate limits. Counted before anything is stored, so that parallel calls cannot exceed them.
    async fn bounded(&self, client: &Client, from: Option<IpAddr>) -> Result<(), Fault> {
        let store = &self.deps().ephemeral;
        if client.method == AuthMethod::None {
            let limit = RateLimit {
                name: &format!("device-asked:{}", client.id),
                limit: PER_ADDRESS,
                window: WINDOW,
            };
            if !limit.try_acquire(store, from).await? {
                return Err(DeviceFailure::TooManyDevices.into());
            }
        }
        let key = format!("device-asked:{}", client.id);
        if store.increment(&key, WINDOW).await? > PER_CLIENT {
            return Err(DeviceFailure::TooManyDevices.into());
        }
        Ok(())
    }
}
