//! Which fields of a client the people who run the portal may change by themselves: where it is reached and its keys. Who may sign in, what
//! it is told of them, and what it is trusted with stay an admin's. Pure.

use super::input::ClientChange;

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
