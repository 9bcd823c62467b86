//! Rules of grant types: which go together, which need redirect URIs, which need a confidential client.

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{
        client::AuthMethod,
        metadata::GrantType::{AuthorizationCode, ClientCredentials, DeviceCode, RefreshToken},
        registration::settings::Settings,
    },
};

pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    const FIELD: &str = "metadata.grant_types";
    let grants = &settings.metadata.grant_types;
    let twice = grants
        .0
        .iter()
        .enumerate()
        .any(|(index, grant)| grants.0.iter().take(index).any(|earlier| earlier == grant));
    faults.check(
        !grants.0.is_empty() && !twice,
        FIELD,
        "needs at least one grant type, each once",
    );
    let people = grants.allow(AuthorizationCode) || grants.allow(DeviceCode);
    faults.check(
        people || !grants.allow(RefreshToken),
        FIELD,
        "refresh_token goes with authorization_code or the device grant",
    );
    // RFC 6749 §4.4: only confidential clients.
    faults.check(
        settings.auth_method != AuthMethod::None || !grants.allow(ClientCredentials),
        FIELD,
        "client_credentials is not for public clients",
    );
    // RFC 9700 §4.14.2: whoever cannot authenticate needs rotation.
    faults.check(
        settings.metadata.refresh_token_rotation.0 || settings.auth_method != AuthMethod::None,
        "metadata.refresh_token_rotation",
        "can be switched off only for clients that authenticate",
    );
    faults.check(
        !settings.redirect_uris.is_empty() || !grants.allow(AuthorizationCode),
        "redirect_uris",
        "needs at least one address for the grant type authorization_code",
    );
}
