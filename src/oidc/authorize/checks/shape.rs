//! The shape of the request: guarantees one value per parameter, the code flow, a known response mode, no request object, a nonce of
//! bearable length.

use super::draft::Draft;
use crate::oidc::{
    authorize::destination::ResponseMode,
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
};

/// The nonce is kept with the code and returned in the ID token.
const LONGEST_NONCE: usize = 512;
/// What else is kept, while somebody who may be nobody is at the login page: name and bytes.
const LONGEST: [(&str, usize); 2] = [("state", 2048), ("ui_locales", 256)];

pub(super) fn no_duplicates(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
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

/// Signed and pushed requests were resolved before; what is still there is not ours. Never ignored: a portal that signs its request must not be answered as if the signature had been checked.
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

pub(super) fn lengths(params: &Params, _: &Client, _: &mut Draft) -> Result<(), Fault> {
    let long = LONGEST
        .iter()
        .any(|(name, most)| params.get(name).is_some_and(|value| value.len() > *most));
    if long {
        Err(OidcFailure::ParameterTooLong.into())
    } else {
        Ok(())
    }
}
