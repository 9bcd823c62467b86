//! Check of `scope`: guarantees an OpenID request. Plain OAuth requests without `openid` are refused rather than answered without an ID
//! token, because a portal that forgets `openid` is misconfigured.

use super::draft::Draft;
use crate::oidc::{
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    scope,
};

pub(super) fn openid(params: &Params, _: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let asked = params.get("scope").unwrap_or_default();
    if !scope::contains(asked, "openid") {
        return Err(OidcFailure::ScopeWithoutOpenid.into());
    }
    asked.clone_into(&mut draft.scope);
    Ok(())
}
