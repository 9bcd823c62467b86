//! Checks of the request's form: guarantees one plain value per parameter, the code flow, a known response mode, no unresolved request object,
//! and bounded lengths of `nonce` and `ui_locales`. The length of `state` decides earlier, where the answer goes.

use super::draft::Draft;
use crate::oidc::{
    authorize::destination::ResponseMode,
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
};

/// Longest `nonce`, characters: it is kept with the code and returned in the ID token.
const LONGEST_NONCE: usize = 512;
/// Longest `ui_locales`, bytes: it is kept while an anonymous client is at the login page.
const LONGEST_LOCALES: usize = 256;

pub(super) fn well_formed(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    params.unique()
}

pub(super) fn response_type(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    match params.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OidcFailure::ResponseTypeUnsupported.into()),
        None => Err(OidcFailure::ResponseTypeMissing.into()),
    }
}

pub(super) fn response_mode(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    let known = params
        .get("response_mode")
        .is_none_or(|word| ResponseMode::of(word).is_some());
    if known {
        Ok(())
    } else {
        Err(OidcFailure::ResponseModeUnsupported.into())
    }
}

/// Refuses request objects and request URIs that were not resolved before, and `registration`. Never ignored: a portal that signs its
/// request must not be answered as if the signature had been checked.
pub(super) fn no_request_object(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    let refused = [
        ("request", OidcFailure::RequestNotSupported),
        ("request_uri", OidcFailure::RequestUriNotSupported),
        ("registration", OidcFailure::RegistrationNotSupported),
    ];
    let sent = refused.into_iter().find(|(name, _)| params.get(name).is_some());
    sent.map_or(Ok(()), |(_, kind)| Err(kind.into()))
}

pub(super) fn nonce(params: &Params, _: &Client, draft: &mut Draft) -> Result<(), Fault> {
    draft.nonce = params.owned("nonce");
    let long = draft
        .nonce
        .as_ref()
        .is_some_and(|nonce| nonce.chars().count() > LONGEST_NONCE);
    if long {
        Err(OidcFailure::ParameterTooLong.into())
    } else {
        Ok(())
    }
}

pub(super) fn ui_locales(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    if params
        .get("ui_locales")
        .is_some_and(|value| value.len() > LONGEST_LOCALES)
    {
        Err(OidcFailure::ParameterTooLong.into())
    } else {
        Ok(())
    }
}
