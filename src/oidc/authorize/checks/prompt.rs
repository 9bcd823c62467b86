//! Checks of `prompt` and `max_age`: guarantees that `none` stands alone and that `max_age` is a number (OpenID Connect Core 3.1.2.1).

use super::draft::Draft;
use crate::oidc::{
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
};

/// Parses `prompt` word by word. `consent` shows the consent page even at a portal whose consent is implicit.
pub(super) fn prompt(params: &Params, _: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let words = params.get("prompt").unwrap_or_default();
    let mut others = false;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "none" => draft.prompt.none = true,
            "login" | "select_account" => {
                draft.prompt.login = true;
                others = true;
            }
            "consent" => {
                draft.prompt.consent = true;
                others = true;
            }
            _ => return Err(OidcFailure::PromptInvalid.because(word)),
        }
    }
    if draft.prompt.none && others {
        return Err(OidcFailure::PromptInvalid.into());
    }
    Ok(())
}

/// Parses `max_age`. Where the request has none, the client's `default_max_age` applies (OpenID Connect Dynamic Client Registration 1.0
/// §2).
pub(super) fn max_age(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    draft.max_age = client.metadata.default_max_age;
    if let Some(text) = params.get("max_age") {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = text.parse().ok().filter(|_| digits);
        draft.max_age = Some(seconds.ok_or(OidcFailure::MaxAgeInvalid)?);
    }
    Ok(())
}
