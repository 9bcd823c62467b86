//! What a script can repeat fills no audit log: events that are alike share a row for an hour, found by the reference that was told.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{JWT_BEARER, Keyholder, Page, Portal, Signer},
    fixture::Fixture,
    scenario,
};

const HOUR: Duration = Duration::from_secs(3600);

/// The first reference in a description: the gate's, under which the trace lies.
fn told_reference(description: &str) -> String {
    let words = description.split([' ', '(', ')', '[', ']']);
    let mut codes = words.filter(|word| word.len() == 9 && word.chars().nth(4) == Some('-'));
    codes.next().unwrap_or_else(|| panic!("{description}")).to_owned()
}

async fn rows(fixture: &Fixture, kind: &str, subject: &str) -> Vec<Value> {
    let mut events = fixture
        .admin()
        .items(&format!("audit-events?kind={kind}&limit=200"))
        .await;
    events.retain(|event| subject.is_empty() || event["subject"] == subject);
    events
}

scenario!(
    refused_silent_requests_share_a_row_for_an_hour,
    |fixture: Fixture| async move {
        fixture.connect().await;
        fixture.connect_second(json!({})).await;
        let wiki = fixture.scan_only_portal("wiki", sample::CORP).await;
        let other = fixture.scan_only_portal("other", sample::CORP2).await;
        let browser = fixture.browser();
        wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        let told = |page: &Page| page.returned("error_description").unwrap();
        let first = other.authorize_silently(&browser).await;
        let error = first.returned("error");
        assert_eq!(error.as_deref(), Some("interaction_required"), "{first:?}");
        let mut last = first.clone();
        for _ in 0..29 {
            fixture.advance(Duration::from_secs(60));
            last = other.authorize_silently(&browser).await;
        }
        let event = fixture.admin().trace(&told_reference(&told(&first))).await;
        assert_eq!(event["subject"], "client:other", "at once: {event}");
        assert_eq!(told_reference(&told(&last)), event["reference"].as_str().unwrap());
        fixture.app.tick().await.unwrap();
        let all = rows(&fixture, "refused", "client:other").await;
        assert_eq!(all.len(), 1, "{all:?}");
        let detail = &all[0]["detail"];
        assert_eq!(detail["count"], 30, "{detail}");
        assert_eq!(
            detail["last"].as_i64().unwrap() - detail["first"].as_i64().unwrap(),
            29 * 60_000
        );
        assert!(detail["checks"].is_array(), "{detail}");
        fixture.advance(HOUR);
        other.authorize_silently(&browser).await;
        assert_eq!(rows(&fixture, "refused", "client:other").await.len(), 2);
    }
);

struct Caller<'a> {
    fixture: &'a Fixture,
}

impl Caller<'_> {
    /// One token request with these credentials; answers status and body without what differs each time.
    async fn call(&self, header: Option<(&str, &str)>, form: &[(&str, &str)], address: &str) -> (u16, Value, String) {
        let request = self.fixture.http.post(format!("{}/oauth2/token", self.fixture.base));
        let request = request.header("x-forwarded-for", address).form(form);
        let request = match header {
            Some((client, secret)) => request.basic_auth(client, Some(secret)),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let mut body: Value = answer.json().await.unwrap();
        let reference = body["reference"].as_str().unwrap().to_owned();
        let description = body["error_description"].as_str().unwrap().replace(&reference, "");
        body["reference"] = Value::Null;
        body["error_description"] = json!(description);
        (status, body, reference)
    }
}

async fn trace(fixture: &Fixture, reference: &str) -> Value {
    let event = fixture.admin().trace(reference).await;
    assert_eq!(event["kind"], "client.refused", "{event}");
    event
}

scenario!(
    refused_clients_are_told_apart_inside_and_alike_outside,
    |fixture: Fixture| async move {
        let wiki = fixture.portal("wiki", json!({})).await;
        fixture.portal("app", json!({ "auth_method": "none" })).await;
        let off: Portal = fixture.portal("off", json!({})).await;
        fixture
            .admin()
            .change(&format!("clients/{}", off.id), json!({ "enabled": false }))
            .await;
        let signer = Keyholder::register(&fixture, "signer", "ES256", json!({})).await;
        let forger = Keyholder::of(&fixture, signer.portal.clone(), Signer::new("ES256"));
        let assertion = forger.assertion(json!({}));
        let signed = [
            ("client_id", "signer"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion.as_str()),
        ];
        let caller = Caller { fixture: &fixture };
        let grant = [("grant_type", "client_credentials")];
        let public = [("client_id", "wiki")];
        let from = "198.51.100.7";
        let cases = [
            (
                "unknown_client",
                "unknown",
                caller.call(Some(("nobody", "x")), &grant, from).await,
            ),
            (
                "wrong_secret",
                "wiki",
                caller.call(Some(("wiki", "x")), &grant, from).await,
            ),
            ("wrong_method", "wiki", caller.call(None, &public, from).await),
            (
                "wrong_method",
                "app",
                caller.call(Some(("app", "x")), &grant, from).await,
            ),
            (
                "disabled_client",
                "off",
                caller.call(Some(("off", off.secret.as_str())), &grant, from).await,
            ),
            ("bad_assertion", "signer", caller.call(None, &signed, from).await),
            ("no_credentials", "unknown", caller.call(None, &grant, from).await),
        ];
        for (cause, client, (status, body, reference)) in &cases {
            assert_eq!((*status, body), (401, &cases[0].2.1), "{cause}");
            let event = trace(&fixture, reference).await;
            assert_eq!(event["detail"]["cause"], *cause, "{event}");
            assert_eq!(event["subject"], format!("client:{client}"), "{event}");
            assert_eq!(event["actor"], format!("address:{from}"), "{event}");
            assert!(!event.to_string().contains(wiki.secret.as_str()));
        }
    }
);

scenario!(guessing_at_clients_fills_nothing, |fixture: Fixture| async move {
    fixture.portal("wiki", json!({})).await;
    let caller = Caller { fixture: &fixture };
    let form = [("grant_type", "client_credentials")];
    let mut references = Vec::new();
    for _ in 0..50 {
        let (_, _, reference) = caller.call(Some(("wiki", "guess")), &form, "198.51.100.7").await;
        references.push(reference);
    }
    references.dedup();
    assert_eq!(references.len(), 1);
    fixture.app.tick().await.unwrap();
    assert_eq!(trace(&fixture, &references[0]).await["detail"]["count"], 50);
    for network in 0..300 {
        let name = format!("guess{network}");
        let address = format!("2001:{network:x}::1");
        caller.call(Some((&name, "guess")), &form, &address).await;
    }
    fixture.app.tick().await.unwrap();
    let all = rows(&fixture, "client.refused", "").await;
    assert_eq!(all.len(), 102, "one of the portal, a hundred, and one for all others");
    let counts: i64 = all.iter().map(|event| event["detail"]["count"].as_i64().unwrap()).sum();
    assert_eq!(counts, 350, "and nobody is left out");
});
