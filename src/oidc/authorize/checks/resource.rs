//! Check of `resource` (resource indicators): guarantees that each is registered for the client (RFC 8707 §2.1).

use super::draft::Draft;
use crate::oidc::{client::Client, failure::Fault, params::Params, resource};

pub(super) fn resources(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    draft.terms.resources = resource::asked(params, client)?;
    Ok(())
}
