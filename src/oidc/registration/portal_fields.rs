//! Which fields of a client the people who run the portal may change by themselves: where it is reached and its keys. Who may sign in, what
//! it is told of them, and what it is trusted with stay an admin's. Pure.

use std::collections::HashSet;

use super::{input::ClientChange, settings::Settings};
use crate::{
    kernel::failure::{Failure, Result},
    oidc::{metadata::SubjectType, subject_derivation::host_of_sector},
};

/// Fields of the client.
const OWN_FIELDS: [&str; 4] = [
    "auth_method",
    "id_token_alg",
    "post_logout_redirect_uris",
    "redirect_uris",
];

/// Members of its metadata.
const OWN_METADATA: [&str; 10] = [
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "initiate_login_uri",
    "jwks",
    "jwks_uri",
    "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
    "userinfo_signed_response_alg",
];

/// The fields of a change that are not theirs, members of the metadata as `metadata.…`.
pub fn not_own(change: &ClientChange) -> Vec<String> {
    let fields = change.fields().into_iter();
    let fields = fields.filter(|field| *field != "metadata" && !OWN_FIELDS.contains(field));
    let members = change.metadata.iter().flat_map(|patch| patch.keys());
    let members = members.filter(|member| !OWN_METADATA.contains(&member.as_str()));
    fields
        .map(str::to_owned)
        .chain(members.map(|member| format!("metadata.{member}")))
        .collect()
}

/// Who changes a client: an admin, or the people who run the portal.
#[derive(Clone, Copy)]
pub struct Changer<'a> {
    /// For the audit event.
    pub actor: &'a str,
    /// How these people are refused a field that is not theirs; `None`: an admin.
    pub refusal: Option<fn(&str) -> Failure>,
}

impl Changer<'_> {
    /// Whether what they set is an admin's decision.
    pub const fn is_admin(&self) -> bool {
        self.refusal.is_none()
    }

    /// Refuses what only the state before tells to be an admin's: redirect URIs that make another sector, in which the portal would learn the
    /// names that others know people by.
    ///
    /// # Errors
    /// The [refusal](Changer::refusal).
    pub fn check(&self, before: &Settings, after: &Settings) -> Result<()> {
        match self.refusal.filter(|_| moves_sector(before, after)) {
            Some(refusal) => Err(refusal("redirect_uris")),
            None => Ok(()),
        }
    }
}

/// Whether the hosts change that stand for the sector of a pairwise client, as they do where no document names it.
fn moves_sector(before: &Settings, after: &Settings) -> bool {
    let by_hosts = |settings: &Settings| {
        let metadata = &settings.metadata;
        metadata.subject_type == SubjectType::Pairwise && metadata.sector_identifier_uri.is_none()
    };
    (by_hosts(before) || by_hosts(after)) && hosts(before) != hosts(after)
}

fn hosts(settings: &Settings) -> HashSet<String> {
    let addresses = settings.redirect_uris.iter();
    addresses.filter_map(|address| host_of_sector(address)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_listed_is_an_admins() {
        let change = |body: serde_json::Value| serde_json::from_value::<ClientChange>(body).unwrap();
        let own = change(json!({ "redirect_uris": ["https://a.example/"], "metadata": { "jwks_uri": null } }));
        assert!(not_own(&own).is_empty());
        let mixed = change(json!({
            "redirect_uris": [], "auth_sources": null, "metadata": { "consent": "implicit", "jwks": {}, "new": 1 },
        }));
        assert_eq!(not_own(&mixed), ["auth_sources", "metadata.consent", "metadata.new"]);
    }
}
