//! Tokens bound to a key (RFC 9449), tokens for resource servers (RFC 8707) and for clients without a user (RFC 6749 section 4.4).

mod alone;
mod binding;
mod proofs;
mod targets;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Portal, Prover},
    fixture::Fixture,
};

/// Status, headers and body of an answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null);
        Self { status, headers, body }
    }

    /// Status and error code.
    fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self, name: &str) -> &str {
        self.body[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name}: {}", self.body))
    }
}

/// A request to the token endpoint with these proofs.
async fn token(fixture: &Fixture, portal: &Portal, form: &[(&str, &str)], proofs: &[&str]) -> Answer {
    let mut form = form.to_vec();
    let mut request = fixture.http.post(format!("{}/oauth2/token", fixture.base));
    if portal.secret.is_empty() {
        form.push(("client_id", &portal.client_id));
    } else {
        request = request.basic_auth(&portal.client_id, Some(&portal.secret));
    }
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    Answer::of(request.form(&form)).await
}

/// `client_credentials` with these further parameters.
async fn alone(fixture: &Fixture, portal: &Portal, more: &[(&str, &str)], proofs: &[&str]) -> Answer {
    let form: Vec<_> = [("grant_type", "client_credentials")]
        .iter()
        .chain(more)
        .copied()
        .collect();
    token(fixture, portal, &form, proofs).await
}

/// Redeems a code with these further parameters.
async fn redeem(fixture: &Fixture, portal: &Portal, code: &str, more: &[(&str, &str)], proofs: &[&str]) -> Answer {
    let form = [&portal.redemption(code)[..], more].concat();
    token(fixture, portal, &form, proofs).await
}

/// Tokens for who is signed in, bound to no key, after an authorization request with these further parameters.
async fn unbound_tokens(fixture: &Fixture, portal: &Portal, browser: &Browser, more: &str) -> Answer {
    let fresh = code(portal, browser, more).await;
    redeem(fixture, portal, &fresh, &[], &[]).await
}

/// Tokens for who is signed in, bound to this key.
async fn bound_tokens(fixture: &Fixture, portal: &Portal, browser: &Browser, prover: &Prover) -> Answer {
    let fresh = code(portal, browser, "").await;
    redeem(fixture, portal, &fresh, &[], &[&prover.for_token(fixture)]).await
}

async fn refresh(
    fixture: &Fixture,
    portal: &Portal,
    tokens: &Answer,
    more: &[(&str, &str)],
    proofs: &[&str],
) -> Answer {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
    ];
    form.extend(more);
    token(fixture, portal, &form, proofs).await
}

/// Userinfo under this scheme.
async fn userinfo(fixture: &Fixture, scheme: &str, access_token: &str, proofs: &[&str]) -> Answer {
    let request = fixture.http.get(format!("{}/oauth2/userinfo", fixture.base));
    let mut request = request.header("authorization", format!("{scheme} {access_token}"));
    for proof in proofs {
        request = request.header("dpop", *proof);
    }
    Answer::of(request).await
}

/// Where an authorization request with these further parameters ends, for somebody who is signed in.
async fn authorize(portal: &Portal, browser: &Browser, more: &str) -> crate::actors::Page {
    browser.get(&format!("{}{more}", portal.authorize_url(&[]))).await
}

async fn code(portal: &Portal, browser: &Browser, more: &str) -> String {
    let page = authorize(portal, browser, more).await;
    page.returned("code")
        .unwrap_or_else(|| panic!("{more}: {:?} {}", page.location, page.body))
}

/// A portal with this metadata and a browser somebody is signed in with.
async fn signed_in(fixture: &Fixture, extra: Value) -> (Portal, Browser) {
    fixture.connect().await;
    let portal = fixture.portal("wiki", extra).await;
    let browser = fixture.browser();
    portal.code(fixture, &browser, sample::NORMAL).await;
    (portal, browser)
}

/// A portal that may act for itself.
async fn machine(fixture: &Fixture, more: Value) -> Portal {
    let mut metadata = json!({ "grant_types": ["client_credentials"], "api_scopes": ["orders:read", "orders:write"] });
    crate::fixture::lay_over(&mut metadata, more);
    fixture.portal("machine", json!({ "metadata": metadata })).await
}
