//! Grant `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4): a device polls until its person has decided, then gets tokens
//! once.

use super::{constraints::Constraints, mint::Tokens};
use crate::{
    gate::Visit,
    oidc::{
        authorization_code::Code,
        client::Client,
        device::{failure::DeviceFailure, model::DeviceCodeState},
        dpop::key::Thumbprint,
        failure::{Fault, OidcFailure},
        params::Params,
        provider::Provider,
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
        let found = self.require_own_record(client, found).await?;
        let now = self.deps().clock.now();
        if found.expired(now) {
            return Err(DeviceFailure::Expired.into());
        }
        if codes.too_soon(secret, now).await? {
            return Err(DeviceFailure::SlowDown.into());
        }
        let code = require_approved(found)?;
        let constraints = Constraints::of(client, &code.terms, params, key)?;
        self.require_consent(client, (code.user, &code.scope, &code.terms))
            .await?;
        // May take a call to WeCom, so it comes before anything is consumed.
        let visit = Visit::Browser {
            session: code.session,
            portal: client.id,
        };
        let permit = self.admitted(visit).await?;
        let minted = self.mint_for_code(permit, client, &code, constraints).await?;
        let before = codes.redeem(secret, (client.id, code.grant)).await?;
        // This decides: one of any number of parallel callers gets past here.
        let before = self.require_own_record(client, before).await?;
        let expires = before.expires();
        let code = require_approved(before)?;
        match self.write_grant(client, &minted).await {
            Ok(()) => Ok(minted.tokens),
            Err(fault) => {
                if let (true, Some(expires)) = (fault.may_pass(), expires) {
                    let code = code.renamed(&self.deps().entropy, now);
                    codes
                        .put_back(secret, DeviceCodeState::Approved { code, expires })
                        .await?;
                }
                Err(fault)
            }
        }
    }

    /// The state of the device code if it is this client's; another client's is answered as an unknown one. Reuse of a spent one revokes
    /// its family, as with a code.
    async fn require_own_record(
        &self,
        client: &Client,
        found: Option<DeviceCodeState>,
    ) -> Result<DeviceCodeState, Fault> {
        let found = found.filter(|found| found.client() == client.id);
        match found.ok_or(DeviceFailure::DeviceCodeUnknown)? {
            DeviceCodeState::Spent { grant, .. } => {
                self.codes().mark_for_revocation(grant).await?;
                self.end_family(client, grant, OidcFailure::CodeReused).await?;
                Err(DeviceFailure::Reused.into())
            }
            found => Ok(found),
        }
    }
}

fn require_approved(found: DeviceCodeState) -> Result<Code, DeviceFailure> {
    match found {
        DeviceCodeState::Approved { code, .. } => Ok(code),
        DeviceCodeState::Pending(_) => Err(DeviceFailure::Pending),
        DeviceCodeState::Denied { .. } => Err(DeviceFailure::Denied),
        DeviceCodeState::Spent { .. } => Err(DeviceFailure::Reused),
    }
}
