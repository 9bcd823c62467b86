//! Every failure can be found: the reference that somebody was shown opens exactly one event with number, cause, portal and person; and no
//! page says what only admins can use.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, Page, Portal},
    employee_pages::is_for_people,
    fixture::Fixture,
    scenario,
    signin::state_of,
};

/// A failure that somebody met, and what its event must say.
struct Met {
    number: &'static str,
    page: Page,
    /// `client_id` of the portal, where it is known by then.
    portal: Option<&'static str>,
    /// Part of the actor.
    actor: &'static str,
    /// Part of the cause or the detail.
    why: &'static str,
}

fn met(number: &'static str, page: Page) -> Met {
    Met {
        number,
        page,
        portal: None,
        actor: "",
        why: "",
    }
}

impl Met {
    fn at(self, portal: &'static str) -> Self {
        Self {
            portal: Some(portal),
            ..self
        }
    }

    fn by(self, actor: &'static str) -> Self {
        Self { actor, ..self }
    }

    fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }
}

/// The only event of a reference.
async fn the_event(fixture: &Fixture, reference: &str) -> Value {
    let found = fixture
        .admin()
        .items(&format!("audit-events?reference={reference}"))
        .await;
    assert_eq!(found.len(), 1, "{reference}: {found:?}");
    found[0].clone()
}

async fn is_found(fixture: &Fixture, met: &Met) {
    let Met { number, page, .. } = met;
    assert!(page.status >= 400 && page.location.is_none(), "{number}: {page:?}");
    assert!(
        page.body.contains(number),
        "{number} is not on {}: {}",
        page.url,
        page.body
    );
    is_for_people(number, page);
    let event = the_event(fixture, &page.reference()).await;
    let trace = fixture.admin().get(&format!("traces/{}", page.reference())).await;
    assert!(trace["number"] == *number && trace["complete"] == true, "{trace}");
    assert_eq!(
        (&event["number"], &event["kind"]),
        (&json!(number), &json!("failed")),
        "{event}"
    );
    assert!(
        event["actor"].as_str().unwrap().contains(met.actor),
        "{number}: {event}"
    );
    assert!(!event["remedy"].as_str().unwrap().is_empty(), "{number}: {event}");
    if let Some(portal) = met.portal {
        assert_eq!(event["subject"], format!("client:{portal}"), "{number}");
    }
    let detail = &event["detail"];
    let why = format!("{} {}", detail["cause"], detail["detail"]);
    assert!(why.contains(met.why), "{number}: {event}");
    let path = reqwest::Url::parse(&page.url).unwrap().path().to_owned();
    let recorded = detail["path"].as_str().unwrap();
    let (start, _) = recorded.split_once('…').unwrap_or((recorded, ""));
    assert!(path.starts_with(start), "{number}: {path} is recorded as {recorded}");
    assert_eq!(detail["address"], "127.0.0.1", "{number}: {event}");
    assert!(
        detail["method"].is_string() && detail["status"] == page.status,
        "{number}: {event}"
    );
}

async fn all_are_found(fixture: &Fixture, all: Vec<Met>) {
    for met in &all {
        is_found(fixture, met).await;
    }
}

/// The WeCom callback with the `state` of a QR page, and whatever else, in that page's browser or another.
async fn callback(fixture: &Fixture, portal: &Portal, with: &str, same_browser: bool) -> Page {
    let browser = fixture.browser();
    let shown = portal.to_qr_page(&browser).await;
    let url = format!("{}/wecom/callback?state={}{with}", fixture.base, state_of(&shown.url));
    let other = fixture.browser();
    (if same_browser { browser } else { other }).open(&url).await
}

/// A request whose body is no form, as a browser would show its answer.
async fn with_body(fixture: &Fixture, path: &str, kind: &str, body: String) -> Page {
    let url = format!("{}{path}", fixture.base);
    let request = fixture
        .http
        .post(&url)
        .header("content-type", kind)
        .header("accept", "text/html");
    let answer = request.body(body).send().await.unwrap();
    Page {
        url,
        status: answer.status().as_u16(),
        location: None,
        body: answer.text().await.unwrap(),
    }
}

scenario!(
    every_page_of_a_failed_sign_in_is_found_by_its_reference,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let doorless = fixture.portal("doorless", json!({ "auth_sources": [] })).await;
        let browser = fixture.browser();
        let get = async |path: &str| browser.open(&format!("{}{path}", fixture.base)).await;
        let login = browser.open(&portal.authorize_url(&[])).await;
        let go = login.link("/go/");
        let (go, _) = go.split_once('?').unwrap();
        let elsewhere = format!("{}00000000-0000-7000-8000-000000000000", &go[..go.len() - 36]);
        let token = "q3vJrXk0mXk8p2m1Yy7c9t6w5e4r3t2y1u0i9o8p7a6";
        let all = vec![
            met("SI-101", get("/signin/nobody-began-this").await),
            met(
                "SI-102",
                get(&format!("/wecom/callback?code=x&state={}", "0".repeat(32))).await,
            ),
            met("SI-103", callback(&fixture, &portal, "&code=x", false).await).at("wiki"),
            met("SI-104", callback(&fixture, &portal, "", true).await).at("wiki"),
            met("SI-105", browser.open(&doorless.authorize_url(&[])).await).at("doorless"),
            met("SI-106", browser.open(&elsewhere).await).at("wiki"),
            met(
                "SI-107",
                callback(&fixture, &portal, "&code=x&appid=wwother", true).await,
            )
            .at("wiki"),
            met("SI-108", get("/wecom/callback").await),
            met("SI-203", get(&format!("/password/{token}")).await),
            met("SI-203", get(&format!("/totp/{token}")).await),
            met(
                "WB-101",
                with_body(
                    &fixture,
                    "/password/x",
                    "application/x-www-form-urlencoded",
                    "a=b".into(),
                )
                .await,
            ),
            met("WB-102", get("/wiki").await),
            met("WB-104", browser.post(&format!("{}/account", fixture.base), &[]).await),
        ];
        all_are_found(&fixture, all).await;
    }
);

scenario!(
    every_page_of_a_request_that_is_wrong_is_found_by_its_reference,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let open = async |url: String| browser.open(&url).await;
        let get = async |path: &str| browser.open(&format!("{}{path}", fixture.base)).await;
        let post =
            async |path: &str, form: &[(&str, &str)]| browser.post(&format!("{}{path}", fixture.base), form).await;
        let device = "user_code=BBBB-BBBB";
        let hint = tokens["id_token"].as_str().unwrap();
        let form = "application/x-www-form-urlencoded";
        let id = "00000000-0000-7000-8000-000000000000";
        let all = vec![
            met("OP-101", open(portal.authorize_url(&[("client_id", "nobody")])).await).because("nobody"),
            met("OP-102", open(portal.authorize_url(&[("redirect_uri", "")])).await).at("wiki"),
            met(
                "OP-103",
                open(portal.authorize_url(&[("redirect_uri", "https://else.example/")])).await,
            )
            .at("wiki")
            .because("https://else.example/"),
            met("OP-104", get("/oauth2/authorize/resume?request=gone").await),
            met(
                "OP-105",
                with_body(&fixture, "/oauth2/authorize", "text/plain", "a=b".into()).await,
            ),
            met(
                "OP-106",
                with_body(&fixture, "/oauth2/authorize", form, "a".repeat(70_000)).await,
            ),
            met("OP-170", get("/oauth2/logout?id_token_hint=e30").await),
            met(
                "OP-171",
                get(&format!(
                    "/oauth2/logout?id_token_hint={hint}&post_logout_redirect_uri=https://e"
                ))
                .await,
            )
            .at("wiki"),
            met("OP-172", post("/oauth2/logout", &[("confirm", "x")]).await),
            met("OP-321", get("/oauth2/consent/gone").await),
            met("OP-280", get(&format!("/device?{device}")).await).by("user:"),
            met("AC-102", post(&format!("/account/sessions/{id}/end"), &[]).await).by("user:"),
            met("AC-103", post("/account/sessions/x/end", &[]).await),
            met(
                "AC-101",
                fixture
                    .browser()
                    .post(&format!("{}/account/sessions/{id}/end", fixture.base), &[])
                    .await,
            ),
        ];
        all_are_found(&fixture, all).await;
    }
);

// Each of these was seen by people as "WeCom code 60020 at auth/getuserinfo".
scenario!(
    a_failed_call_to_wecom_is_found_by_its_reference_and_its_code_is_only_there,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let (exchange, look) = ("/cgi-bin/auth/getuserinfo", "/cgi-bin/user/get");
        let table = [
            (exchange, FaultKind::Errcode(60020), "WC-120", "60020"),
            (exchange, FaultKind::Errcode(50001), "WC-121", "50001"),
            (exchange, FaultKind::Errcode(45009), "WC-130", "45009"),
            (exchange, FaultKind::Errcode(48002), "WC-151", "48002"),
            (exchange, FaultKind::Errcode(40029), "WC-160", "40029"),
            (exchange, FaultKind::Errcode(987_654), "WC-190", "987654"),
            (exchange, FaultKind::BadGateway, "WC-140", "auth/getuserinfo"),
            (look, FaultKind::Errcode(60020), "WC-120", "user/get"),
            (look, FaultKind::Errcode(48002), "WC-151", "user/get"),
        ];
        for (path, kind, number, why) in table {
            let browser = fixture.browser();
            let address = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
            fixture.add_fault(Fault::new(path, kind));
            let page = browser.open(&address).await;
            assert!(
                why.parse::<u32>().is_err() || !page.body.contains(why),
                "{why}: {}",
                page.body
            );
            let who = if path == look { sample::NORMAL } else { "" };
            is_found(&fixture, &met(number, page.clone()).at("wiki").by(who).because(why)).await;
            fixture.mend_wecom();
            // A reload is answered with the same page: one failure, one event.
            let again = browser.open(&address).await;
            assert_eq!(again.reference(), page.reference());
            the_event(&fixture, &page.reference()).await;
        }
    }
);

/// The reference at the end of a description: `… [7K3F-9QXA]`.
fn reference_in(description: &str) -> String {
    let (_, rest) = description
        .rsplit_once('[')
        .unwrap_or_else(|| panic!("no reference: {description}"));
    rest.trim_end_matches(']').to_owned()
}

scenario!(
    a_refusal_sent_back_to_the_portal_or_told_to_a_program_is_found_by_its_reference,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let sent_back = browser.get(&portal.authorize_url(&[("response_type", "token")])).await;
        let event = the_event(
            &fixture,
            &reference_in(&sent_back.returned("error_description").unwrap()),
        )
        .await;
        assert_eq!(
            (&event["number"], &event["subject"]),
            (&json!("OP-112"), &json!("client:wiki")),
            "{event}"
        );

        let unknown = portal.redeem("nobody-issued-this").await;
        let event = the_event(&fixture, unknown.body["reference"].as_str().unwrap()).await;
        assert_eq!(
            (&event["number"], &event["subject"]),
            (&json!("OP-144"), &json!("client:wiki")),
            "{event}"
        );

        let reply = fixture
            .admin()
            .call("POST", "api-tokens", Some(json!({ "name": "" })))
            .await;
        let event = the_event(&fixture, reply.body["reference"].as_str().unwrap()).await;
        assert!(event["actor"].as_str().unwrap().starts_with("token:"), "{event}");

        // A refusal of the gate is recorded by the gate, and found by the same reference.
        let doorless = json!({ "auth_sources": [] });
        fixture
            .admin()
            .change(&format!("clients/{}", portal.id), doorless)
            .await;
        let silent = portal.authorize_silently(&browser).await;
        let event = the_event(&fixture, &reference_in(&silent.returned("error_description").unwrap())).await;
        assert!(
            event["kind"] == "refused" && event["detail"]["checks"].is_array(),
            "{event}"
        );

        // What programs ask for in the normal course of things has no reference, and fills nothing.
        let nobody = portal.authorize_silently(&fixture.browser()).await;
        let description = nobody.returned("error_description").unwrap();
        assert!(!description.contains('['), "{description}");
    }
);

scenario!(
    strangers_do_not_fill_the_audit_log_with_failures,
    |fixture: Fixture| async move {
        let attacker = fixture.browser().at_address("198.51.100.7");
        let url = format!("{}/signin/nobody-began-this", fixture.base);
        let mut last = String::new();
        for _ in 0..400 {
            last = attacker.get(&url).await.reference();
        }
        let count = async || {
            let (mut count, mut cursor) = (0, String::new());
            loop {
                let page = fixture
                    .admin()
                    .get(&format!("audit-events?kind=failed&limit=200{cursor}"))
                    .await;
                count += page["items"].as_array().unwrap().len();
                let Some(next) = page["next_cursor"].as_str() else {
                    return count;
                };
                cursor = format!("&cursor={next}");
            }
        };
        assert_eq!(count().await, 300);
        let missing = fixture.admin().items(&format!("audit-events?reference={last}")).await;
        assert!(missing.is_empty(), "only counted: {missing:?}");
        crate::traces::refused_by_the_gate_meanwhile(&fixture).await;
        // Others are recorded as ever, and the next event says how many are missing.
        let other = fixture.browser().at_address("198.51.100.8").get(&url).await;
        let event = the_event(&fixture, &other.reference()).await;
        assert_eq!(event["detail"]["not_recorded_before"], 100, "{event}");
        fixture.advance(Duration::from_secs(60));
        for _ in 0..40 {
            attacker.get(&url).await;
        }
        assert_eq!(count().await, 311, "ten more in a minute");
    }
);
