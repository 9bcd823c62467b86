//! Authentication context classes asked for: guarantees a short list of classes we know (OpenID Connect Core 3.1.2.1). `acr_values` is a wish:
//! what is unknown in it is dropped and never errs. The claim `acr` of the parameter `claims`, which may be essential, comes first.

use super::draft::Draft;
use crate::{
    oidc::{client::Client, failure::Fault, params::Params},
    signin::acr::SUPPORTED,
};

/// Where the request has neither, the client's `default_acr_values` apply (OpenID Connect Dynamic Client Registration 1.0 §2).
pub(super) fn acr_values(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    if !draft.terms.acr.is_empty() || draft.terms.acr_essential {
        return Ok(());
    }
    draft.terms.acr = preferred(params, client);
    Ok(())
}

/// The classes we know that a request prefers; its client's, where it says nothing.
pub fn preferred(params: &Params, client: &Client) -> Vec<String> {
    match params.get("acr_values") {
        Some(text) => known(text.split(' ')),
        None => known(client.metadata.default_acr_values.iter().map(String::as_str)),
    }
}

/// Those we know, each once, in order.
pub(super) fn known<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for word in words {
        if SUPPORTED.contains(&word) && !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    }
    list
}
