//! Claims asked for by name: guarantees that what is kept of them is known and bounded (OpenID Connect Core 5.5).

use super::Draft;
use crate::oidc::{
    claims::{failure::ClaimsFailure, request},
    client::Client,
    failure::Fault,
    params::Params,
    subject::{Expected, sector},
};

pub(super) fn claims(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let Some(text) = params.get("claims") else {
        return Ok(());
    };
    let request = request::parse(text, |claim| client.metadata.claims.know(claim)).map_err(|what| {
        let mut fault = Fault::from(ClaimsFailure::ParameterInvalid);
        fault.failure.detail = Some(what.to_owned());
        fault
    })?;
    draft.terms.claims = request.asked;
    // Otherwise `acr_values` has its say.
    if request.acr_essential || !request.acr.is_empty() {
        draft.terms.acr = request.acr;
        draft.terms.acr_essential = request.acr_essential;
    }
    let expected = request.subjects.into_iter().map(|subjects| Expected {
        sector: sector(client),
        subjects,
    });
    draft.expected.extend(expected);
    Ok(())
}
