//! Check of `acr_values`, the requested authentication context classes: guarantees a short list of known ones (OpenID Connect Core
//! 3.1.2.1). `acr_values` is a preference: unknown values are dropped and never cause an error. The claim `acr` of the parameter `claims`,
//! which may be essential, takes precedence.

use super::draft::Draft;
use crate::{
    oidc::{client::Client, failure::Fault, params::Params},
    signin::acr::SUPPORTED,
};

/// Takes `acr_values` unless the claim `acr` was requested. Where the request has neither, the client's `default_acr_values` apply (OpenID
/// Connect Dynamic Client Registration 1.0 §2).
pub(super) fn acr_values(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    if !draft.terms.acr.is_empty() || draft.terms.acr_essential {
        return Ok(());
    }
    draft.terms.acr = preferred(params, client);
    Ok(())
}

/// The known classes in `acr_values`; those the client registered, where the request has none.
pub fn preferred(params: &Params, client: &Client) -> Vec<String> {
    match params.get("acr_values") {
        Some(text) => known(text.split(' ')),
        None => known(client.metadata.default_acr_values.iter().map(String::as_str)),
    }
}

/// The known ones of these classes, each once, in order.
pub(super) fn known<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for word in words {
        if SUPPORTED.contains(&word) && !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    }
    list
}
