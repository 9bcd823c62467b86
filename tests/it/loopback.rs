//! Native and command-line apps: redirect URIs on a loopback address, whose port is not known before (RFC 8252 §7.3).

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Keyholder, Portal},
    fixture::Fixture,
    scenario,
};

fn registration() -> Value {
    json!({
        "auth_method": "none",
        "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost:8000/callback", "https://cli.portal.example/callback"],
        "post_logout_redirect_uris": ["http://127.0.0.1/bye", "http://localhost:8000/bye"],
    })
}

/// The same portal, listening here.
fn listening(portal: &Portal, redirect_uri: &str) -> Portal {
    let mut here = portal.clone();
    redirect_uri.clone_into(&mut here.redirect_uri);
    here
}

fn redemption<'a>(portal: &'a Portal, code: &'a str, redirect_uri: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = portal.redemption(code).to_vec();
    form.retain(|(name, _)| *name != "redirect_uri");
    form.extend([("redirect_uri", redirect_uri), ("client_id", &portal.client_id)]);
    form
}

scenario!(
    a_command_line_app_signs_in_at_any_port_of_a_registered_loopback_address,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let cli = fixture.portal("cli", registration()).await;
        let browser = fixture.browser();
        // Signed in first, so that what follows is one redirect.
        let entrance = fixture.portal("entrance", json!({})).await;
        entrance.tokens(&fixture, &browser, sample::NORMAL).await;
        let url = format!("{}/oauth2/token", fixture.base);
        for address in [
            "http://127.0.0.1:51004/callback",
            "http://127.0.0.1/callback",
            "http://[::1]:1/callback",
            "http://[::1]:65535/callback",
        ] {
            let here = listening(&cli, address);
            let page = browser.get(&here.authorize_url(&[])).await;
            let to = page.location.as_deref().unwrap_or_default();
            assert!(to.starts_with(&format!("{address}?")), "{address}: {to} {}", page.body);
            let code = page.returned("code").unwrap();
            let elsewhere = redemption(&here, &code, "http://127.0.0.1:9/callback");
            let elsewhere = crate::actors::post(&fixture.http, &url, &elsewhere).await;
            assert_eq!(elsewhere.refusal(), (400, "invalid_grant"), "RFC 6749 section 4.1.3");
            let redeemed = redemption(&here, &code, address);
            let redeemed = crate::actors::post(&fixture.http, &url, &redeemed).await;
            assert_eq!(redeemed.status, 200, "{address}: {}", redeemed.body);
        }
        for address in [
            "http://localhost:8001/callback",
            "http://localhost/callback",
            "http://127.0.0.2:5/callback",
            "http://127.0.0.1:5/other",
            "http://127.0.0.1:5/callback/",
            "http://127.0.0.1:5/callback?x=1",
            "http://127.0.0.1:5@evil.example/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1:0/callback",
            "http://127.0.0.1:65536/callback",
            "http://127.0.0.1:/callback",
            "https://127.0.0.1:5/callback",
            "http://[0:0:0:0:0:0:0:1]:5/callback",
            "https://cli.portal.example:443/callback",
        ] {
            let page = browser.get(&listening(&cli, address).authorize_url(&[])).await;
            assert_eq!((page.status, page.location), (400, None), "{address}");
            assert!(page.body.contains("OP-103"), "{address}: {}", page.body);
        }
    }
);

scenario!(
    a_loopback_port_is_free_also_where_requests_are_pushed_signed_or_kept,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let mut client = Keyholder::register(&fixture, "cli", "ES256", json!({})).await;
        let path = format!("clients/{}", client.portal.id);
        let addresses = json!({ "redirect_uris": registration()["redirect_uris"] });
        fixture.admin().change(&path, addresses).await;
        for (address, fits) in [
            ("http://127.0.0.1:4711/callback", true),
            ("http://localhost:4711/callback", false),
        ] {
            client.portal = listening(&client.portal, address);
            let pushed = client.post("/oauth2/par", &client.portal.parameters(&[])).await;
            let object = client.request_object(json!({}));
            let signed = client.post("/oauth2/par", &[("request", &object)]).await;
            for answer in [&pushed, &signed] {
                assert_eq!(
                    answer.status,
                    if fits { 201 } else { 400 },
                    "{address}: {}",
                    answer.body
                );
            }
            if !fits {
                continue;
            }
            for pushed in [pushed, signed] {
                // Kept while the person signs in, and matched again afterwards.
                let begin = client.pushed_url(pushed.body["request_uri"].as_str().unwrap());
                let browser = fixture.browser();
                let login = browser.open(&begin).await;
                let shown = browser.open(&login.link("/go/")).await;
                let mut page = browser
                    .get(&fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await)
                    .await;
                while page.returned("code").is_none() {
                    page = browser.get(&page.location.clone().unwrap()).await;
                }
                assert!(
                    page.location.as_deref().unwrap().starts_with(address),
                    "{:?}",
                    page.location
                );
                let tokens = client.redeem(&page.returned("code").unwrap()).await;
                assert_eq!(tokens.status, 200, "{}", tokens.body);
            }
        }
    }
);

scenario!(
    a_logout_leads_back_to_any_port_of_a_registered_loopback_address,
    |fixture: Fixture| async move {
        fixture.portal("cli", registration()).await;
        let go = async |address: &str| {
            let parameters = [("client_id", "cli"), ("post_logout_redirect_uri", address)];
            let url = reqwest::Url::parse_with_params(&format!("{}/oauth2/logout", fixture.base), parameters).unwrap();
            fixture.browser().get(url.as_str()).await
        };
        for (address, fits) in [
            ("http://127.0.0.1:4711/bye", true),
            ("http://localhost:8000/bye", true),
            ("http://localhost:8001/bye", false),
            ("http://127.0.0.1:4711/good", false),
        ] {
            let page = go(address).await;
            assert_eq!(page.status == 200, fits, "{address}: {} {}", page.status, page.body);
            assert_eq!(page.body.contains("OP-171"), !fits, "{address}: {}", page.body);
        }
    }
);
