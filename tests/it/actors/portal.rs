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
        let shown = browser.open(&login.link("/go/")).await;
        let callback = fixture.phone().scan(browser, &shown, who).await;
        browser.open(&callback).await
    }

    /// Authorize and pick the first auth source: WeCom's QR page.
    pub async fn to_qr_page(&self, browser: &Browser) -> Page {
        let login = browser.open(&self.authorize_url(&[])).await;
        assert_eq!(login.status, 200, "{}", login.body);
        browser.open(&login.link("/go/")).await
    }

    /// As [`Portal::sign_in`], which must succeed; answers the code.
    pub async fn code(&self, fixture: &Fixture, browser: &Browser, userid: &str) -> String {
        let page = self.sign_in(fixture, browser, As::Member(userid)).await;
        page.returned("code")
            .unwrap_or_else(|| panic!("{userid} was not let in: {} {}", page.url, page.body))
    }

    /// Signs in and redeems, which must succeed.
    pub async fn tokens(&self, fixture: &Fixture, browser: &Browser, userid: &str) -> Value {
        let code = self.code(fixture, browser, userid).await;
        let redemption = self.redeem(&code).await;
        assert_eq!(redemption.status, 200, "{}", redemption.body);
        redemption.body
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str) -> Redemption {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Renews tokens.
    pub async fn refresh(&self, refresh_token: &str) -> Redemption {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
            .await
    }

    /// Any request to the token endpoint, with this portal's credentials.
    pub async fn token(&self, form: &[(&str, &str)]) -> Redemption {
        let request = self.http.post(format!("{}/oauth2/token", self.base)).form(form);
        let answer = request
            .basic_auth(&self.client_id, Some(&self.secret))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        Redemption {
            status,
            body: answer.json().await.unwrap(),
        }
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
