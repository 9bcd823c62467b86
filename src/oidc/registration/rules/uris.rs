//! Rules of the addresses of a client's pages and endpoints, besides redirect URIs, and of its logout.

use url::Url;

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{
        client::AuthMethod,
        registration::{addresses, settings::Settings},
    },
};

pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    let metadata = &settings.metadata;
    for (name, address) in [
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
        ("initiate_login_uri", &metadata.initiate_login_uri),
        ("logo_uri", &metadata.logo_uri),
        ("client_uri", &metadata.client_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ] {
        if let Some(address) = address {
            addresses::check_server(faults, &format!("metadata.{name}"), address);
        }
    }
    // OpenID Connect Core section 4: https without exception.
    let login = metadata.initiate_login_uri.as_deref();
    faults.check(
        login
            .and_then(|login| Url::parse(login).ok())
            .is_none_or(|login| login.scheme() == "https"),
        "metadata.initiate_login_uri",
        "must be https",
    );
    faults.check(
        !metadata.server_initiated_logout || settings.auth_method != AuthMethod::None,
        "metadata.server_initiated_logout",
        "is for confidential clients only",
    );
    note_frontchannel(faults, settings);
}

/// Checks the front-channel logout address (OpenID Connect Front-Channel Logout 1.0 §2): scheme, host and port are those of a redirect
/// URI. An app with nothing but a private scheme has no such address; then any will do.
fn note_frontchannel(faults: &mut ValidationErrors, settings: &Settings) {
    let address = settings.metadata.frontchannel_logout_uri.as_deref();
    let Some(address) = address.and_then(|address| Url::parse(address).ok()) else {
        return;
    };
    let mut homes = settings
        .redirect_uris
        .iter()
        .filter_map(|address| Url::parse(address).ok())
        .filter(|home| matches!(home.scheme(), "http" | "https"))
        .map(|home| home.origin())
        .peekable();
    let fits = homes.peek().is_none() || homes.any(|home| home == address.origin());
    faults.check(
        fits,
        "metadata.frontchannel_logout_uri",
        "needs the scheme, host and port of a redirect URI",
    );
}
