//! Check of `scope`: guarantees an OpenID request, or a pushed one of plain OAuth that the client's scopes allow. A request by the browser
//! without `openid` is refused rather than answered without an ID token, because a portal that forgets `openid` is misconfigured; whoever
//! pushes has authenticated and learns from the answer what was granted.

use super::draft::Draft;
use crate::oidc::{
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    scope,
};

pub(super) fn openid(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let asked = params.get("scope").unwrap_or_default();
    let plain = || draft.pushed && !scope::grant(asked, &client.scopes, false).is_empty();
    if !scope::contains(asked, "openid") && !plain() {
        return Err(OidcFailure::ScopeWithoutOpenid.into());
    }
    asked.clone_into(&mut draft.scope);
    Ok(())
}
