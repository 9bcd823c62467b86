//! Which fields a self-registered client may set, and which an admin has decided. Pure.

use super::settings::Settings;
use crate::oidc::metadata::Metadata;

/// Members of a registration request that are the same in our metadata document.
pub(in crate::oidc) const COPIED_FIELDS: [&str; 22] = [
    "jwks",
    "jwks_uri",
    "token_endpoint_auth_signing_alg",
    "require_pushed_authorization_requests",
    "dpop_bound_access_tokens",
    "require_signed_request_object",
    "request_object_signing_alg",
    "userinfo_signed_response_alg",
    "subject_type",
    "sector_identifier_uri",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "initiate_login_uri",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
];

/// Whether a client may set this field for itself.
pub fn is_askable(field: &str) -> bool {
    COPIED_FIELDS.contains(&field) || MAPPED_FIELDS.iter().any(|(name, _)| *name == field)
}

/// Records that an admin has set these fields of a client that registered itself; its own requests do not change them any more.
pub fn mark_admin_decided<'a>(metadata: &mut Metadata, fields: impl Iterator<Item = &'a str>) {
    for field in fields.filter(|field| is_askable(field)) {
        if !metadata.decided.iter().any(|known| known == field) {
            metadata.decided.push(field.to_owned());
        }
    }
}

/// Copies one field from the settings as they are.
type Keep = fn(&mut Settings, &Settings);

/// The other fields that a client may set: fields of our settings that are mapped one by one, each with how it is kept.
const MAPPED_FIELDS: [(&str, Keep); 8] = [
    ("name", |asked, ours| asked.name.clone_from(&ours.name)),
    ("auth_method", |asked, ours| asked.auth_method = ours.auth_method),
    ("redirect_uris", |asked, ours| {
        asked.redirect_uris.clone_from(&ours.redirect_uris)
    }),
    ("post_logout_redirect_uris", |asked, ours| {
        asked
            .post_logout_redirect_uris
            .clone_from(&ours.post_logout_redirect_uris);
    }),
    ("scopes", |asked, ours| asked.scopes.clone_from(&ours.scopes)),
    ("id_token_alg", |asked, ours| asked.id_token_alg = ours.id_token_alg),
    ("grant_types", |asked, ours| {
        asked.metadata.grant_types.clone_from(&ours.metadata.grant_types);
    }),
    ("contacts", |asked, ours| {
        asked.metadata.contacts.clone_from(&ours.metadata.contacts)
    }),
];

/// Undoes what a client asks for wherever an admin has set a field that is mapped; those in [`COPIED_FIELDS`] are kept where they are copied.
pub(in crate::oidc) fn keep_admin_decided(asked: &mut Settings, ours: &Settings) {
    for (name, keep) in MAPPED_FIELDS {
        if ours.metadata.decided.iter().any(|field| field == name) {
            keep(asked, ours);
        }
    }
}
