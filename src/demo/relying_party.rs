//! The relying party of the demo portals: a stock OpenID client (crate `openidconnect`) that knows only the issuer and its credentials.

use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken,
    Scope, TokenResponse,
    core::{CoreClient, CoreIdToken, CoreJsonWebKeySet, CoreResponseType, CoreTokenResponse},
};
use serde_json::{Map, Value};

use super::logout_token::{self, Expected, Logout, Taken};

/// Result with an error text for the demo page.
pub type Result<T> = std::result::Result<T, String>;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// One portal's OpenID client: provider metadata and credentials.
#[derive(Clone)]
pub struct RelyingParty {
    metadata: ProviderMetadataWithLogout,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    home: String,
    http: reqwest::Client,
}

/// What a portal keeps between redirect and callback.
pub struct Pending {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// What a portal keeps of a signed-in person.
#[derive(Clone)]
pub struct SignedIn {
    /// Claims of the ID token.
    pub id_claims: Map<String, Value>,
    /// Claims of userinfo.
    pub userinfo: Map<String, Value>,
    id_token: CoreIdToken,
    refresh_token: Option<RefreshToken>,
}

impl RelyingParty {
    /// Reads the provider's discovery document.
    pub async fn discover(issuer: &str, credentials: (&str, &str), home: &str, http: reqwest::Client) -> Result<Self> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(words)?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &|request| call(&http, request))
            .await
            .map_err(words)?;
        Ok(Self {
            metadata,
            client_id: credentials.0.to_owned(),
            client_secret: credentials.1.to_owned(),
            redirect_uri: format!("{home}/callback"),
            home: home.to_owned(),
            http,
        })
    }

    fn client(&self) -> Result<Client> {
        Ok(CoreClient::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(self.client_id.clone()),
            Some(ClientSecret::new(self.client_secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::new(self.redirect_uri.clone()).map_err(words)?))
    }

    /// The authorization URL for the browser, and what to keep until the callback.
    pub fn authorization_url(&self) -> Result<(String, Pending)> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client()?;
        let (url, state, nonce) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(["profile", "email", "phone"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url.to_string(), Pending { state, nonce, verifier }))
    }

    /// Redeems the code, verifies the ID token, reads userinfo.
    pub async fn exchange_code(&self, code: String, state: &str, pending: Pending) -> Result<SignedIn> {
        if pending.state.secret() != state {
            return Err("the state does not match".to_owned());
        }
        let client = self.client()?;
        let tokens: CoreTokenResponse = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(words)?
            .set_pkce_verifier(pending.verifier)
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        self.verified(&client, &tokens, &pending.nonce).await
    }

    /// Refreshes the tokens.
    pub async fn refresh(&self, signed_in: &SignedIn) -> Result<SignedIn> {
        let token = signed_in.refresh_token.as_ref().ok_or("there is no refresh token")?;
        let client = self.client()?;
        let tokens: CoreTokenResponse = client
            .exchange_refresh_token(token)
            .map_err(words)?
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        // The ID token of a refresh bears no nonce (OpenID Connect Core 1.0 §12.2); without a new one the old one stays.
        let renewed = tokens.id_token().unwrap_or(&signed_in.id_token);
        let verifier = client.id_token_verifier();
        if tokens.id_token().is_some() {
            renewed.claims(&verifier, |_: Option<&Nonce>| Ok(())).map_err(words)?;
        }
        let id_claims = logout_token::payload(&renewed.to_string());
        if id_claims.get("sub") != signed_in.id_claims.get("sub") {
            return Err("the refreshed ID token is somebody else's".to_owned());
        }
        Ok(SignedIn {
            userinfo: self.userinfo(&tokens, &id_claims).await?,
            id_token: renewed.clone(),
            id_claims,
            refresh_token: tokens.refresh_token().cloned(),
        })
    }

    /// Checks a logout token, with the provider's keys as they are now.
    ///
    /// # Errors
    /// A sentence: what is wrong with it.
    pub async fn verify_logout(&self, token: &str, now: i64, taken: &Taken) -> Result<Logout> {
        let keys = CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), &|request| call(&self.http, request))
            .await
            .map_err(words)?;
        let expected = Expected {
            issuer: self.metadata.issuer().as_str(),
            client_id: &self.client_id,
            keys: &keys,
            now,
        };
        logout_token::verify(token, &expected, taken)
    }

    /// The logout URL for the browser (RP-initiated logout).
    pub fn logout_url(&self, signed_in: &SignedIn) -> Result<String> {
        let endpoint = self.metadata.additional_metadata().end_session_endpoint.clone();
        let endpoint = endpoint.ok_or("the provider has no end_session_endpoint")?;
        let home = PostLogoutRedirectUrl::new(format!("{}/", self.home)).map_err(words)?;
        let request = LogoutRequest::from(endpoint)
            .set_id_token_hint(&signed_in.id_token)
            .set_post_logout_redirect_uri(home);
        Ok(request.http_get_url().to_string())
    }

    async fn verified(&self, client: &Client, tokens: &CoreTokenResponse, nonce: &Nonce) -> Result<SignedIn> {
        let id_token = tokens.id_token().ok_or("there is no ID token")?;
        let verifier = client.id_token_verifier();
        let claims = id_token.claims(&verifier, nonce).map_err(words)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(words)?;
            let key = id_token.signing_key(&verifier).map_err(words)?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(words)?;
            if actual != *expected {
                return Err("at_hash does not match the access token".to_owned());
            }
        }
        let id_claims = logout_token::payload(&id_token.to_string());
        Ok(SignedIn {
            userinfo: self.userinfo(tokens, &id_claims).await?,
            id_claims,
            id_token: id_token.clone(),
            refresh_token: tokens.refresh_token().cloned(),
        })
    }

    /// All that userinfo says, if it speaks of the same person (OpenID Connect Core 1.0 §5.3.2).
    async fn userinfo(&self, tokens: &CoreTokenResponse, id_claims: &Map<String, Value>) -> Result<Map<String, Value>> {
        let endpoint = self
            .metadata
            .userinfo_endpoint()
            .ok_or("the provider has no userinfo endpoint")?;
        let request = self
            .http
            .get(endpoint.as_str())
            .bearer_auth(tokens.access_token().secret());
        let answer = request.send().await.map_err(words)?;
        if !answer.status().is_success() {
            return Err(format!("userinfo answered {}", answer.status()));
        }
        let claims: Map<String, Value> = answer.json().await.map_err(words)?;
        if claims.get("sub") != id_claims.get("sub") {
            return Err("userinfo speaks of somebody else".to_owned());
        }
        Ok(claims)
    }
}

/// An error with its causes as text: the crate hides what the provider answered behind `source()`.
fn words(error: impl std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

/// Sends the crate's requests through our HTTP client.
async fn call(http: &reqwest::Client, request: HttpRequest) -> std::result::Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
