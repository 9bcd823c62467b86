//! A portal written with the `openidconnect` crate: sign-in, userinfo, refresh, introspection, device flow, revocation, sign-out.
//!
//! Run by `tests/interop/run` as `portal ISSUER PYTHON COOKIES`, inside `tests/interop`; the person and the registration are the Python programs there.
//! It shares no code with Menjin or with the demo's portals. Anything wrong ends it with a sentence and exit code 1.

use std::{process::ExitCode, str::FromStr, time::Duration};

use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode, ClientId, CsrfToken,
    DeviceAuthorizationUrl, EndSessionUrl, EndpointMaybeSet, EndpointSet, IntrospectionUrl, IssuerUrl, LogoutRequest,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata,
    RedirectUrl, RevocationUrl, Scope, SubjectIdentifier, TokenIntrospectionResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreDeviceAuthorizationResponse, CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreRevocableToken, CoreSubjectIdentifierType, CoreTokenResponse, CoreUserInfoClaims,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

mod outside;

use outside::{Outside, Result, call, part, words};

/// The endpoints the crate does not read from discovery by itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Endpoints {
    device_authorization_endpoint: DeviceAuthorizationUrl,
    introspection_endpoint: IntrospectionUrl,
    revocation_endpoint: RevocationUrl,
    end_session_endpoint: EndSessionUrl,
}

impl AdditionalProviderMetadata for Endpoints {}

type Metadata = ProviderMetadata<
    Endpoints,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<EndpointSet, EndpointSet, EndpointSet, EndpointSet, EndpointMaybeSet, EndpointMaybeSet>;

const REDIRECT: &str = "http://127.0.0.1:9/callback";
const BYE: &str = "http://127.0.0.1:9/bye";

struct Portal {
    outside: Outside,
    http: reqwest::Client,
    client: Client,
    end_session: EndSessionUrl,
}

/// What came back to the redirect URI, and what was kept until then.
struct Arrival {
    answer: Url,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

fn check(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

impl Portal {
    /// Registers a portal with this way to prove itself, and discovers the provider.
    async fn new(issuer: &str, outside: Outside, method: (&str, AuthType)) -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(words)?;
        let client_id = format!("openidconnect-{}", method.0);
        let secret = outside.register(&client_id, method.0)?;
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(words)?;
        let metadata = Metadata::discover_async(issuer, &|request| call(&http, request))
            .await
            .map_err(words)?;
        let more = metadata.additional_metadata().clone();
        let revoke = RevocationUrl::new(more.revocation_endpoint.as_str().replacen("http:", "https:", 1));
        let client = CoreClient::from_provider_metadata(metadata, ClientId::new(client_id), Some(secret))
            .set_auth_type(method.1)
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).map_err(words)?)
            .set_device_authorization_url(more.device_authorization_endpoint)
            .set_introspection_url(more.introspection_endpoint)
            .set_revocation_url(revoke.map_err(words)?);
        let end_session = more.end_session_endpoint;
        Ok(Self {
            outside,
            http,
            client,
            end_session,
        })
    }

    /// Sends the person to the provider and waits for them at the redirect URI.
    fn depart(&self, prompt: Option<CoreAuthPrompt>) -> Result<Arrival> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = self
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge);
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        let (url, state, nonce) = request.url();
        let answer = self.outside.person("open", &[url.as_str(), REDIRECT])?;
        check(answer.as_str().starts_with(REDIRECT), answer.as_str())?;
        Ok(Arrival {
            answer,
            state,
            nonce,
            verifier,
        })
    }

    async fn redeem(&self, arrival: Arrival) -> Result<(CoreTokenResponse, CoreIdTokenClaims)> {
        let state = part(&arrival.answer, "state");
        check(
            state.as_ref() == Some(arrival.state.secret()),
            "the state is not the one sent",
        )?;
        let code = part(&arrival.answer, "code").ok_or_else(|| format!("no code in {}", arrival.answer))?;
        let tokens: CoreTokenResponse = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(words)?
            .set_pkce_verifier(arrival.verifier)
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        let claims = self.claims(&tokens, &arrival.nonce)?;
        self.refuses_forgeries(&tokens, &arrival.nonce)?;
        Ok((tokens, claims))
    }

    /// The verified claims of the ID token, with `at_hash` held against the access token.
    fn claims(&self, tokens: &CoreTokenResponse, nonce: &Nonce) -> Result<CoreIdTokenClaims> {
        let id_token = tokens.id_token().ok_or("there is no ID token")?;
        let verifier = self.client.id_token_verifier();
        let claims = id_token.claims(&verifier, nonce).map_err(words)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(words)?;
            let key = id_token.signing_key(&verifier).map_err(words)?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(words)?;
            check(actual == *expected, "at_hash does not fit the access token")?;
        }
        Ok(claims.clone())
    }

    /// The library really verifies: another nonce and another payload are refused.
    fn refuses_forgeries(&self, tokens: &CoreTokenResponse, nonce: &Nonce) -> Result<()> {
        let id_token = tokens.id_token().ok_or("there is no ID token")?;
        let verifier = self.client.id_token_verifier();
        let other = Nonce::new_random();
        check(
            id_token.claims(&verifier, &other).is_err(),
            "another nonce was accepted",
        )?;
        let mut pieces: Vec<String> = id_token.to_string().split('.').map(str::to_owned).collect();
        if let Some(signature) = pieces.last_mut() {
            *signature = signature.chars().rev().collect();
        }
        let forged = CoreIdToken::from_str(&pieces.join(".")).map_err(words)?;
        check(
            forged.claims(&verifier, nonce).is_err(),
            "another signature was accepted",
        )
    }

    async fn knows_name(&self, tokens: &CoreTokenResponse, subject: &SubjectIdentifier) -> Result<()> {
        let told: CoreUserInfoClaims = self
            .client
            .user_info(tokens.access_token().clone(), Some(subject.clone()))
            .map_err(words)?
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        check(told.name().is_some(), "userinfo holds no name")
    }

    async fn refresh(&self, tokens: &CoreTokenResponse) -> Result<CoreTokenResponse> {
        let token = tokens.refresh_token().ok_or("there is no refresh token")?;
        let renewed: CoreTokenResponse = self
            .client
            .exchange_refresh_token(token)
            .map_err(words)?
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        let next = renewed.refresh_token().ok_or("refreshing gave no refresh token")?;
        check(next.secret() != token.secret(), "the refresh token was not rotated")?;
        Ok(renewed)
    }

    /// Whose token it is; nobody's if it is not active.
    async fn introspect(&self, tokens: &CoreTokenResponse) -> Result<Option<String>> {
        let answer = self
            .client
            .introspect(tokens.access_token())
            .set_token_type_hint("access_token")
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        Ok(answer.sub().filter(|_| answer.active()).map(str::to_owned))
    }

    /// The library asks first, is told to wait, and while it waits the person says yes.
    async fn device(&self) -> Result<CoreTokenResponse> {
        let device: CoreDeviceAuthorizationResponse = self
            .client
            .exchange_device_code()
            .add_scope(Scope::new("profile".to_owned()))
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)?;
        let page = device
            .verification_uri_complete()
            .ok_or("no verification_uri_complete")?;
        let approved = std::sync::Mutex::new(None);
        let approve = async |pause: Duration| {
            if let Ok(mut approved) = approved.lock() {
                approved.get_or_insert_with(|| {
                    let steps = [page.secret(), "decision=allow", REDIRECT];
                    self.outside.person("press", &steps.map(|step| step as &str))
                });
            }
            tokio::time::sleep(pause).await;
        };
        let tokens = self
            .client
            .exchange_device_access_token(&device)
            .map_err(words)?
            .request_async(
                &|request| call(&self.http, request),
                approve,
                Some(Duration::from_secs(60)),
            )
            .await
            .map_err(words)?;
        let approved = approved.into_inner().map_err(words)?;
        approved.ok_or("the device got tokens before anybody said yes")??;
        Ok(tokens)
    }

    async fn revoke(&self, tokens: &CoreTokenResponse) -> Result<()> {
        self.client
            .revoke_token(CoreRevocableToken::from(tokens.access_token()))
            .map_err(words)?
            .request_async(&|request| call(&self.http, request))
            .await
            .map_err(words)
    }

    fn leave(&self, tokens: &CoreTokenResponse) -> Result<()> {
        let state = CsrfToken::new_random();
        let url = LogoutRequest::from(self.end_session.clone())
            .set_id_token_hint(tokens.id_token().ok_or("refreshing gave no ID token")?)
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(BYE.to_owned()).map_err(words)?)
            .set_state(state.clone())
            .http_get_url();
        let end = self.outside.person("open", &[url.as_str(), BYE])?;
        check(end.as_str() == format!("{BYE}?state={}", state.secret()), end.as_str())
    }
}

/// One portal's whole life; each step depends on the one before.
async fn tour(portal: &Portal) -> Result<()> {
    let (tokens, claims) = portal.redeem(portal.depart(None)?).await?;
    let subject = claims.subject();
    portal.knows_name(&tokens, subject).await?;
    let renewed = portal.refresh(&tokens).await?;
    check(
        portal.introspect(&renewed).await?.as_ref() == Some(subject),
        "introspection names another person",
    )?;

    let device = portal.device().await?;
    let owner = portal.introspect(&device).await?;
    check(
        owner.as_ref() == Some(subject),
        "the device was let in as another person",
    )?;
    portal.revoke(&device).await?;
    check(
        portal.introspect(&device).await?.is_none(),
        "a revoked token is still active",
    )?;

    let silent = portal.depart(Some(CoreAuthPrompt::None))?;
    check(
        part(&silent.answer, "code").is_some(),
        "prompt=none gave no code during the session",
    )?;
    let mut mixed = portal.depart(Some(CoreAuthPrompt::None))?;
    mixed.verifier = silent.verifier;
    check(
        portal.redeem(mixed).await.is_err(),
        "another PKCE verifier was accepted",
    )?;

    portal.leave(&renewed)?;
    check(
        portal.introspect(&renewed).await?.is_none(),
        "a token outlived the sign-out",
    )?;
    let error = part(&portal.depart(Some(CoreAuthPrompt::None))?.answer, "error");
    check(
        error.as_deref() == Some("login_required"),
        "prompt=none after the sign-out is not login_required",
    )
}

#[tokio::main]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a script")]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (Some(issuer), Some(python), Some(cookies)) = (words.next(), words.next(), words.next()) else {
        eprintln!("portal ISSUER PYTHON COOKIES");
        return ExitCode::FAILURE;
    };
    let methods = [
        ("client_secret_basic", AuthType::BasicAuth),
        ("client_secret_post", AuthType::RequestBody),
    ];
    for (method, auth_type) in methods {
        let outside = Outside {
            python: python.clone(),
            cookies: cookies.clone(),
        };
        let done = match Portal::new(&issuer, outside, (method, auth_type)).await {
            Ok(portal) => tour(&portal).await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = done {
            eprintln!("openidconnect ({method}): {problem}");
            return ExitCode::FAILURE;
        }
        println!(
            "openidconnect ({method}): sign-in, userinfo, refresh, introspection, device flow, revocation, sign-out"
        );
    }
    ExitCode::SUCCESS
}
