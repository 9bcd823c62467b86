//! A portal: a relying party at https://portal.example that speaks plain OAuth over HTTP, so that tests can also speak it wrongly.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{As, Browser, Page};
use crate::fixture::{Fixture, lay_over};

/// RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its S256 challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A portal.
#[derive(Clone)]
pub struct Portal {
    http: reqwest::Client,
    base: String,
    /// Row id.
    pub id: String,
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub secret: String,
    /// `redirect_uri`.
    pub redirect_uri: String,
}

/// Status and body of the token endpoint's reply.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Value,
}

impl Redemption {
    /// What a request is answered, which must be JSON.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        Self {
            status: answer.status().as_u16(),
            body: answer.json().await.unwrap(),
        }
    }

    /// Status and error code.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }
}

impl Portal {
    /// Registers itself by the admin's hand.
    pub async fn register(fixture: &Fixture, client_id: &str, extra: Value) -> Self {
        let redirect_uri = format!("https://{client_id}.portal.example/callback");
        let mut body = json!({
            "client_id": client_id,
            "name": client_id,
            "auth_method": "client_secret_basic",
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": [format!("https://{client_id}.portal.example/bye")],
        });
        lay_over(&mut body, extra);
        let client = fixture.admin().create("clients", body).await;
        Self {
            http: fixture.http.clone(),
            base: fixture.base.clone(),
            id: client["id"].as_str().unwrap().to_owned(),
            client_id: client_id.to_owned(),
            secret: client["client_secret"].as_str().unwrap_or_default().to_owned(),
            redirect_uri,
        }
    }

    /// A portal that registered itself with this answer.
    pub fn registered(fixture: &Fixture, document: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            http: fixture.http.clone(),
            base: fixture.base.clone(),
            id: text(&document["client_id"]),
            client_id: text(&document["client_id"]),
            secret: text(&document["client_secret"]),
            redirect_uri: text(&document["redirect_uris"][0]),
        }
    }

    /// The same portal, talking to another replica.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// An authorization request with PKCE, state and nonce; `extra` parameters replace or are added, empty values remove.
    pub fn authorize_url(&self, extra: &[(&str, &str)]) -> String {
        self.url(&self.parameters(extra))
    }

    /// The authorization endpoint with these parameters and no others.
    pub fn url(&self, parameters: &[(&str, &str)]) -> String {
        reqwest::Url::parse_with_params(&format!("{}/oauth2/authorize", self.base), parameters)
            .unwrap()
            .to_string()
    }

    /// The parameters of [`Portal::authorize_url`].
    pub fn parameters<'a>(&'a self, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("scope", "openid profile email phone"),
            ("state", "af0ifjsldkj-._~"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in extra {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        parameters
    }

    /// The whole way: authorize, pick the corp, scan as `who`, come back. The last page, redirecting to the portal if let in.
    pub async fn sign_in(&self, fixture: &Fixture, browser: &Browser, who: As<'_>) -> Page {
        self.sign_in_at(fixture, browser, who, &self.authorize_url(&[])).await
    }

    /// As [`Portal::sign_in`], beginning at this address.
    pub async fn sign_in_at(&self, fixture: &Fixture, browser: &Browser, who: As<'_>, address: &str) -> Page {
        let login = browser.open(address).await;
        assert_eq!(login.status, 200, "{}", login.body);
        fixture.phone().sign_in_from(browser, &login, who).await
    }

    /// Authorize and pick the first auth source: WeCom's QR page.
    pub async fn to_qr_page(&self, browser: &Browser) -> Page {
        let login = browser.open(&self.authorize_url(&[])).await;
        assert_eq!(login.status, 200, "{}", login.body);
        browser.open(&login.link("/go/")).await
    }

    /// Authorize, pick the first auth source, scan as `who`: the address the browser is sent back to, not yet opened.
    pub async fn to_callback(&self, fixture: &Fixture, browser: &Browser, who: As<'_>) -> String {
        let shown = self.to_qr_page(browser).await;
        fixture.phone().scan(browser, &shown, who).await
    }

    /// As [`Portal::sign_in`], which must succeed; answers the code.
    pub async fn code(&self, fixture: &Fixture, browser: &Browser, userid: &str) -> String {
        let page = self.sign_in(fixture, browser, As::Member(userid)).await;
        page.returned("code")
            .unwrap_or_else(|| panic!("{userid} was not let in: {} {}", page.url, page.body))
    }

    /// Signs in and redeems, which must succeed.
    pub async fn tokens(&self, fixture: &Fixture, browser: &Browser, userid: &str) -> Value {
        self.tokens_with(fixture, browser, userid, &[]).await
    }

    /// As [`Portal::tokens`], with `extra` as for [`Portal::authorize_url`].
    pub async fn tokens_with(
        &self,
        fixture: &Fixture,
        browser: &Browser,
        userid: &str,
        extra: &[(&str, &str)],
    ) -> Value {
        let address = self.authorize_url(extra);
        let page = self.sign_in_at(fixture, browser, As::Member(userid), &address).await;
        self.tokens_from(&page).await
    }

    /// Where an authorization request without any page (`prompt=none`) ends.
    pub async fn authorize_silently(&self, browser: &Browser) -> Page {
        browser.get(&self.authorize_url(&[("prompt", "none")])).await
    }

    /// Nobody is signed in in this browser.
    pub async fn assert_signed_out(&self, browser: &Browser) {
        let page = self.authorize_silently(browser).await;
        let error = page.returned("error");
        assert_eq!(error.as_deref(), Some("login_required"), "{:?}", page.location);
    }

    /// Tokens for who is signed in, without a page, which must succeed; `extra` as for [`Portal::authorize_url`].
    pub async fn tokens_silently(&self, browser: &Browser, extra: &[(&str, &str)]) -> Value {
        let page = browser.get(&self.authorize_url(extra)).await;
        self.tokens_from(&page).await
    }

    /// Redeems the code that this page leads back with, which must succeed.
    pub async fn tokens_from(&self, page: &Page) -> Value {
        let code = page.returned("code");
        let code = code.unwrap_or_else(|| panic!("not let in: {} {:?} {}", page.url, page.location, page.body));
        let redemption = self.redeem(&code).await;
        assert_eq!(redemption.status, 200, "{}", redemption.body);
        redemption.body
    }

    /// The form that redeems a code.
    pub fn redemption<'a>(&'a self, code: &'a str) -> [(&'a str, &'a str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ]
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str) -> Redemption {
        self.token(&self.redemption(code)).await
    }

    /// Renews tokens.
    pub async fn refresh(&self, refresh_token: &str) -> Redemption {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
            .await
    }

    /// Any request to the token endpoint, with this portal's credentials.
    pub async fn token(&self, form: &[(&str, &str)]) -> Redemption {
        self.post("token", form).await
    }

    /// Any form for an endpoint below `/oauth2/`, with this portal's credentials.
    pub async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Redemption {
        let request = self.http.post(format!("{}/oauth2/{endpoint}", self.base)).form(form);
        Redemption::of(request.basic_auth(&self.client_id, Some(&self.secret))).await
    }

    /// What introspection tells of a token.
    pub async fn introspect(&self, token: &str) -> Value {
        let told = self.post("introspect", &[("token", token)]).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.body
    }

    /// Revokes a token; the status.
    pub async fn revoke(&self, token: &str) -> u16 {
        let request = self.http.post(format!("{}/oauth2/revoke", self.base));
        let request = request.form(&[("token", token)]);
        let answer = request.basic_auth(&self.client_id, Some(&self.secret)).send().await;
        answer.unwrap().status().as_u16()
    }

    /// Asks userinfo.
    pub async fn userinfo(&self, access_token: &str) -> Redemption {
        let request = self
            .http
            .get(format!("{}/oauth2/userinfo", self.base))
            .bearer_auth(access_token);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        Redemption {
            status,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        }
    }

    /// Neither the access token nor the refresh token among these works any more.
    pub async fn assert_ended(&self, tokens: &Value) {
        let access = self.userinfo(text(tokens, "access_token")).await;
        assert_eq!(access.status, 401, "the access token still works: {}", access.body);
        let refresh = self.refresh(text(tokens, "refresh_token")).await;
        assert_eq!(refresh.status, 400, "the refresh token still works: {}", refresh.body);
    }
}

/// A member of a JSON object that is a text.
pub fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap()
}

/// The id of a resource.
pub fn id(resource: &Value) -> &str {
    text(resource, "id")
}

/// The claims of the ID token among these tokens, unverified.
pub fn id_claims(tokens: &Value) -> Value {
    claims(text(tokens, "id_token"))
}

/// The claims of a JWT, unverified.
pub fn claims(jwt: &str) -> Value {
    part(jwt, 1)
}

/// The header of a JWT.
pub fn header(jwt: &str) -> Value {
    part(jwt, 0)
}

fn part(jwt: &str, index: usize) -> Value {
    let part = jwt.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
