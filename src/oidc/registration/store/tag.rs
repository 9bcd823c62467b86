//! The entity tag of a client.

use entity::client;

use crate::{crypto::digest::entity_tag, kernel::entity_tag::EntityTag};

/// The entity tag of a client: it changes with whatever can be edited, the secret included, and with nothing else.
pub(super) fn tag_of(row: &client::Model) -> EntityTag {
    // Every column is named, so that a new one cannot be forgotten.
    let client::Model {
        id: _,
        client_id: _,
        name,
        auth_method,
        secret_digest,
        secret_sealed,
        metadata,
        redirect_uris,
        post_logout_redirect_uris,
        scopes,
        require_pkce,
        id_token_alg,
        auth_sources,
        allowed_departments,
        allowed_groups,
        allowed_users,
        membership_max_age,
        membership_grace,
        access_token_lifetime,
        id_token_lifetime,
        refresh_token_lifetime,
        enabled,
        created_at: _,
        updated_at: _,
    } = row;
    let authentication = (auth_method, secret_digest, secret_sealed, require_pkce, id_token_alg);
    let addresses = (redirect_uris, post_logout_redirect_uris, scopes);
    let people = (
        auth_sources,
        allowed_departments,
        allowed_groups,
        allowed_users,
        membership_max_age,
        membership_grace,
    );
    let lifetimes = (access_token_lifetime, id_token_lifetime, refresh_token_lifetime);
    entity_tag(&(name, enabled, authentication, addresses, people, lifetimes, metadata))
}
