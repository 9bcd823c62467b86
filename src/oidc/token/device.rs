//! Grant `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device polls until its person has decided, then it is let in once.

use super::{
    constraints::Constraints,
    mint::{Order, Tokens},
};
use crate::{
    gate::Visit,
    oidc::{
        authorization_code::Code,
        client::Client,
        device::{failure::DeviceFailure, model::Found},
        dpop::key::Thumbprint,
        failure::{Fault, OidcFailure},
        params::Params,
        provider::Provider,
        scope,
    },
};

impl Provider {
    pub(super) async fn redeem_device(
        &self,
        client: &Client,
        params: &Params,
        key: Option<Thumbprint>,
    ) -> Result<Tokens, Fault> {
        let secret = params.required("device_code")?;
        let codes = self.device_codes();
        let found = codes.peek(secret).await?;
        let found = self.own(client, found).await?;
        let now = self.deps().clock.now();
        if found.expired(now) {
            return Err(DeviceFailure::Expired.into());
        }
        if codes.too_soon(secret, now).await? {
            return Err(DeviceFailure::SlowDown.into());
        }
        let code = decided(found)?;
        let limits = Constraints::of(client, &code.terms, params, key)?;
        self.still_agreed(client, &code).await?;
        // May take a call to WeCom, so it comes before anything is consumed.
        let visit = Visit::Browser {
            session: code.session,
            portal: client.id,
        };
        let permit = self.admitted(visit).await?;
        let before = codes.redeem(secret, (client.id, code.grant)).await?;
        // This decides: one of any number of parallel callers gets past here.
        let mut code = decided(self.own(client, before).await?)?;
        code.terms = limits.lasting(client, code.terms);
        code.scope = scope::still(&code.scope, &client.scopes);
        let (grant, refresh_token) = self.write_grant(client, &code).await?;
        let order = Order {
            client,
            grant: &grant,
            scope: code.scope,
            nonce: None,
            refresh_token,
            limits,
        };
        Ok(self.mint(permit, order).await?)
    }

    /// What lies under the device code if it is this client's; another client's is as unknown as one that never was. A spent one ends its
    /// family, as a code does.
    async fn own(&self, client: &Client, found: Option<Found>) -> Result<Found, Fault> {
        let found = found.filter(|found| found.client() == client.id);
        match found.ok_or(DeviceFailure::DeviceCodeUnknown)? {
            Found::Spent { grant, .. } => {
                self.codes().mark_for_revocation(grant).await?;
                self.end_family(client, grant, OidcFailure::CodeReused).await?;
                Err(DeviceFailure::Reused.into())
            }
            found => Ok(found),
        }
    }
}

fn decided(found: Found) -> Result<Code, DeviceFailure> {
    match found {
        Found::Approved { code, .. } => Ok(code),
        Found::Pending(_) => Err(DeviceFailure::Pending),
        Found::Denied { .. } => Err(DeviceFailure::Denied),
        Found::Spent { .. } => Err(DeviceFailure::Reused),
    }
}
