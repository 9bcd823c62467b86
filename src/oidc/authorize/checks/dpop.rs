//! Check of `dpop_jkt`, the DPoP key the code will be bound to: guarantees a thumbprint (RFC 9449 §10).

use super::draft::Draft;
use crate::oidc::{
    client::Client,
    dpop::{failure::DpopFailure, key::Thumbprint},
    failure::Fault,
    params::Params,
};

pub(super) fn key(params: &Params, _: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let Some(sent) = params.get("dpop_jkt") else {
        return Ok(());
    };
    let thumbprint = Thumbprint::of(sent).ok_or(DpopFailure::ThumbprintMalformed)?;
    draft.terms.dpop_jkt = Some(thumbprint.as_str().to_owned());
    Ok(())
}
