//! Security profiles (FAPI 2.0): the rules a client is held to beyond those for all clients. Pure; one table per profile.

use std::time::Duration;

use super::{
    client::{AuthMethod, Client},
    client_keys::jwt::ClientAlg,
    metadata::SecurityProfile,
};

/// Which `aud` a client assertion may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The issuer or endpoints' addresses, and nobody else's.
    IssuerOrEndpoint,
    /// The issuer only, as a single string.
    Issuer,
}

/// The rules of a profile.
#[derive(Debug)]
pub struct Rules {
    /// Client authentication methods allowed.
    pub methods: &'static [AuthMethod],
    /// Algorithms allowed for whatever the client signs; asked by [`permits`] and [`allows`] alone.
    algorithms: &'static [ClientAlg],
    /// Which `aud` client assertions may have.
    pub audience: Audience,
    /// Whether authorization requests must come through PAR.
    pub pushed: bool,
    /// Whether PKCE is required without exception.
    pub pkce: bool,
    /// Whether tokens must be bound to a key of the client (DPoP).
    pub dpop: bool,
    /// Whether refresh tokens may rotate: each use replaces them.
    pub rotation: bool,
    /// Longest lifetime of an authorization code.
    pub longest_code: Duration,
    /// Request objects must have `nbf` and `exp`, at most this far apart and this old; `None`: they need not.
    pub longest_object: Option<Duration>,
}

const STANDARD: Rules = Rules {
    methods: &[
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
        AuthMethod::ClientSecretJwt,
        AuthMethod::PrivateKeyJwt,
        AuthMethod::None,
    ],
    algorithms: &ClientAlg::ALL,
    audience: Audience::IssuerOrEndpoint,
    pushed: false,
    pkce: false,
    dpop: false,
    rotation: true,
    longest_code: Duration::MAX,
    longest_object: None,
};

/// FAPI 2.0 Security Profile §5.3.2 (rotation: §5.3.2.1) and §5.4; request objects as in FAPI 2.0 Message Signing §5.3. `iss` in every
/// answer, registered redirect URIs and the code flow alone hold for all clients here.
const FAPI2: Rules = Rules {
    methods: &[AuthMethod::PrivateKeyJwt],
    algorithms: &[ClientAlg::Ps256, ClientAlg::Es256, ClientAlg::EdDsa],
    audience: Audience::Issuer,
    pushed: true,
    pkce: true,
    dpop: true,
    rotation: false,
    longest_code: Duration::from_secs(60),
    longest_object: Some(Duration::from_secs(60 * 60)),
};

/// The rules of this profile.
const fn rules(profile: SecurityProfile) -> &'static Rules {
    match profile {
        SecurityProfile::Standard => &STANDARD,
        SecurityProfile::Fapi2 => &FAPI2,
    }
}

/// The rules this client is held to by its profile.
pub const fn of(client: &Client) -> &'static Rules {
    rules(client.metadata.security_profile)
}

/// Whether a profile allows an algorithm, by its JOSE name, for what a client signs or is sent.
pub fn allows(profile: SecurityProfile, word: &str) -> bool {
    rules(profile).algorithms.iter().any(|alg| alg.word() == word)
}

/// What a client signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientSignature {
    /// A client assertion (RFC 7523).
    ClientAssertion,
    /// A request object (RFC 9101).
    RequestObject,
    /// A DPoP proof (RFC 9449).
    DpopProof,
}

/// Whether this client may sign this with this algorithm: its profile, its registration, and, but for client assertions, only with a private
/// key. Everything that verifies a JWT of a client asks here.
pub fn permits(client: &Client, signature: ClientSignature, alg: ClientAlg) -> bool {
    let metadata = &client.metadata;
    let (registered, with_secret) = match signature {
        ClientSignature::ClientAssertion => (&metadata.token_endpoint_auth_signing_alg, true),
        ClientSignature::RequestObject => (&metadata.request_object_signing_alg, false),
        ClientSignature::DpopProof => (&None, false),
    };
    of(client).algorithms.contains(&alg)
        && (with_secret || alg.is_asymmetric())
        && registered.as_deref().is_none_or(|word| word == alg.word())
}

/// Whether refresh tokens rotate: unless the profile forbids it, or an admin switched it off for a client that authenticates.
pub fn rotates(client: &Client) -> bool {
    let wanted = client.metadata.refresh_token_rotation.0 || client.method == AuthMethod::None;
    of(client).rotation && wanted
}

/// Whether authorization requests must come through PAR (RFC 9126 §6).
pub const fn requires_pushed(client: &Client) -> bool {
    of(client).pushed || client.metadata.require_pushed_authorization_requests
}

/// Whether a request without PKCE is refused: always for public clients and FAPI clients, whatever their row says.
pub fn requires_pkce(client: &Client) -> bool {
    client.require_pkce || client.method == AuthMethod::None || of(client).pkce
}

/// Whether tokens must be bound to a key by DPoP (RFC 9449 §5.2).
pub const fn requires_dpop(client: &Client) -> bool {
    of(client).dpop || client.metadata.dpop_bound_access_tokens
}

#[cfg(test)]
mod tests {
    use super::{ClientSignature, of, permits, requires_dpop, requires_pkce, requires_pushed};
    use crate::oidc::{client::AuthMethod, client_keys::jwt::ClientAlg, metadata::SecurityProfile, tests::samples};

    #[test]
    fn a_standard_client_chooses_its_strictness() {
        let mut client = samples::client("https://p/cb");
        assert!(!requires_pushed(&client) && !requires_dpop(&client) && !requires_pkce(&client));
        client.metadata.require_pushed_authorization_requests = true;
        client.metadata.dpop_bound_access_tokens = true;
        assert!(requires_pushed(&client) && requires_dpop(&client));
    }

    #[test]
    fn a_fapi_client_does_not() {
        let mut client = samples::client("https://p/cb");
        client.metadata.security_profile = SecurityProfile::Fapi2;
        assert!(requires_pushed(&client) && requires_dpop(&client) && requires_pkce(&client));
        assert_eq!(of(&client).methods, [AuthMethod::PrivateKeyJwt]);
        for signature in [
            ClientSignature::ClientAssertion,
            ClientSignature::RequestObject,
            ClientSignature::DpopProof,
        ] {
            let allowed = ClientAlg::ALL
                .into_iter()
                .filter(|alg| permits(&client, signature, *alg));
            let allowed: Vec<ClientAlg> = allowed.collect();
            assert_eq!(
                allowed,
                [ClientAlg::Ps256, ClientAlg::Es256, ClientAlg::EdDsa],
                "{signature:?}"
            );
        }
        assert_eq!(of(&client).longest_code.as_secs(), 60);
    }
}
