//! Rules of client authentication and signature algorithms: client assertions, request objects, signed userinfo; FAPI 2.0.

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{
        client::AuthMethod,
        keys::alg::Alg,
        metadata::{GrantType, Metadata, SecurityProfile},
        registration::settings::Settings,
        security_profile::allows,
    },
};

/// Algorithms a client may sign with by keys of its own.
const ITS_OWN: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];
/// Algorithms it may sign with by its secret: a secret has 256 bits (RFC 7518 §3.2).
const WITH_SECRET: [&str; 1] = ["HS256"];

pub(super) fn note(faults: &mut ValidationErrors, settings: &Settings) {
    let metadata = &settings.metadata;
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    faults.check(
        has_keys || settings.auth_method != AuthMethod::PrivateKeyJwt,
        "auth_method",
        "private_key_jwt needs jwks or jwks_uri",
    );
    let signs = metadata.require_signed_request_object || metadata.request_object_signing_alg.is_some();
    faults.check(
        has_keys || !signs,
        "metadata.request_object_signing_alg",
        "signed request objects need jwks or jwks_uri",
    );
    note_algorithms(faults, settings.auth_method, metadata);
    if metadata.security_profile == SecurityProfile::Fapi2 {
        note_fapi2(faults, settings);
    }
}

fn note_algorithms(faults: &mut ValidationErrors, method: AuthMethod, metadata: &Metadata) {
    let fitting: &[&str] = match method {
        AuthMethod::PrivateKeyJwt => &ITS_OWN,
        AuthMethod::ClientSecretJwt => &WITH_SECRET,
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost | AuthMethod::None => &[],
    };
    let field = "metadata.token_endpoint_auth_signing_alg";
    match &metadata.token_endpoint_auth_signing_alg {
        Some(_) if fitting.is_empty() => faults.add(field, "goes with private_key_jwt and client_secret_jwt only"),
        alg => known(faults, field, alg.as_deref(), fitting),
    }
    let alg = metadata.request_object_signing_alg.as_deref();
    known(faults, "metadata.request_object_signing_alg", alg, &ITS_OWN);
    let ours = Alg::ALL.map(Alg::word);
    let alg = metadata.userinfo_signed_response_alg.as_deref();
    known(faults, "metadata.userinfo_signed_response_alg", alg, &ours);
}

fn known(faults: &mut ValidationErrors, field: &str, alg: Option<&str>, among: &[&str]) {
    faults.check(
        alg.is_none_or(|alg| among.contains(&alg)),
        field,
        format_args!("needs one of {}", among.join(", ")),
    );
}

/// Rules of the FAPI 2.0 Security Profile (§5.3.2.1 and §5.4.1); what can be enforced without an error, `Settings::consistent` enforces.
fn note_fapi2(faults: &mut ValidationErrors, settings: &Settings) {
    let metadata = &settings.metadata;
    faults.check(
        settings.auth_method == AuthMethod::PrivateKeyJwt,
        "auth_method",
        "the security profile fapi2 needs private_key_jwt",
    );
    // The device flow is not bound to a browser: whoever shows a person a user code decides which device is signed in as that person.
    faults.check(
        !metadata.grant_types.allow(GrantType::DeviceCode),
        "metadata.grant_types",
        "cannot have the device flow under the security profile fapi2",
    );
    for (name, alg) in [
        (
            "token_endpoint_auth_signing_alg",
            &metadata.token_endpoint_auth_signing_alg,
        ),
        ("request_object_signing_alg", &metadata.request_object_signing_alg),
        ("userinfo_signed_response_alg", &metadata.userinfo_signed_response_alg),
        (
            "access_token_signed_response_alg",
            &metadata.access_token_signed_response_alg,
        ),
    ] {
        faults.check(
            alg.as_deref().is_none_or(|word| allows(SecurityProfile::Fapi2, word)),
            &format!("metadata.{name}"),
            "cannot be RS256 or HS256 under the security profile fapi2",
        );
    }
}
