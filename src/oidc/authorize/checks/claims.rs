//! Check of the parameter `claims`: guarantees that the claims kept from it are known and bounded (OpenID Connect Core 5.5).

use super::{acr::known, draft::Draft};
use crate::oidc::{
    claims::{failure::ClaimsFailure, request},
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    subject_derivation::{Expected, sector},
};

pub(super) fn claims(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let Some(text) = params.get("claims") else {
        return Ok(());
    };
    let known_here = |claim: &str| client.metadata.claims.can_release(claim, &client.scopes);
    let request = request::parse(text, known_here).map_err(|what| {
        let mut fault = Fault::from(ClaimsFailure::ParameterInvalid);
        fault.failure.detail = Some(what.to_owned());
        fault
    })?;
    draft.terms.claims = request.asked;
    let wanted = known(request.acr.iter().map(String::as_str));
    // Only unknown classes: an empty list would mean "any class".
    if request.acr_essential && wanted.is_empty() && !request.acr.is_empty() {
        return Err(OidcFailure::AcrUnmet.into());
    }
    // Otherwise `acr_values` decides.
    if request.acr_essential || !wanted.is_empty() {
        draft.terms.acr = wanted;
        draft.terms.acr_essential = request.acr_essential;
    }
    let expected = request.subjects.into_iter().map(|subjects| Expected {
        sector: sector(client),
        subjects,
    });
    draft.expected.extend(expected);
    Ok(())
}
