//! Signatures of pages: for sessions to which names may be shown, for pages of the console, by a ticket that is got rarely (reference 11, 12).

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{begun, got, proved};
use crate::{
    actors::Browser,
    console::at_work,
    fixture::Fixture,
    scenario,
    suite_sign_in::{company, templates},
};

const TICKET: &str = "ticket/get";

/// What the script is told, for a page that this browser has open.
async fn signed(fixture: &Fixture, browser: &Browser, (source, page): (&str, &str), more: &str) -> (u16, String) {
    let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    let path = format!("/console/names/{source}/signature?url={page}{more}");
    let reply = got(fixture, browser, &path).await;
    (reply.status, reply.body)
}

/// Whether the component takes it.
async fn taken(fixture: &Fixture, told: &Value, page: &str) -> i64 {
    taken_of(fixture, (told, "app"), page).await
}

/// Whether it takes it as made by this kind of ticket.
async fn taken_of(fixture: &Fixture, (told, kind): (&Value, &str), page: &str) -> i64 {
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    let query = [
        ("corpid", text("corp_id")),
        ("agentid", told["agent_id"].to_string()),
        ("timestamp", told["timestamp"].to_string()),
        ("noncestr", text("nonce")),
        ("signature", text("signature")),
        ("url", page.to_owned()),
        ("ticket", kind.to_owned()),
    ];
    let url = format!("{}/open-data/config", fixture.wecom.base_url());
    let url = reqwest::Url::parse_with_params(&url, query).unwrap();
    let answer: Value = fixture.http.get(url).send().await.unwrap().json().await.unwrap();
    answer["errcode"].as_i64().unwrap()
}

scenario!(
    the_component_takes_the_signature_of_the_very_page_and_of_no_other,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        let page = format!("{}/console/people?q=%E6%9D%8E&page=2", fixture.base);
        let (status, body) = signed(&fixture, &browser, (&company.source, &page), "").await;
        assert!(status == 403 && body.contains("NP-111"), "{body}");
        proved(&fixture, &browser, &company.source).await;
        let (status, body) = signed(&fixture, &browser, (&company.source, &page), "").await;
        assert_eq!(status, 200, "{body}");
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(taken(&fixture, &told, &page).await, 0, "{told}");
        assert_eq!(taken(&fixture, &told, &format!("{page}1")).await, 40093, "{told}");
        let (_, body) = signed(&fixture, &browser, (&company.source, &page), "&ticket=corp").await;
        let corp: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            taken(&fixture, &corp, &page).await,
            42012,
            "the corp's ticket is another one"
        );
        for foreign in [
            "https://evil.example/console",
            "http://127.0.0.1/console",
            &format!("{page}#x"),
        ] {
            let (status, body) = signed(&fixture, &browser, (&company.source, foreign), "").await;
            assert!(status == 422 && body.contains("NP-112"), "{foreign}: {body}");
        }
        let other = at_work(&fixture, "owner").await;
        let (status, body) = signed(&fixture, &other, (&company.source, &page), "").await;
        assert!(status == 403 && body.contains("NP-111"), "{body}");
        assert!(!body.contains("signature\""), "{body}");
    }
);

scenario!(
    a_ticket_is_got_once_for_all_pages_and_again_only_when_it_is_refused_or_old,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        let page = format!("{}/console/people", fixture.base);
        let ask = |more: String| {
            let (fixture, browser, source, page) = (&fixture, &browser, &company.source, &page);
            async move {
                let (status, body) = signed(fixture, browser, (source, page), &more).await;
                assert_eq!(status, 200, "{body}");
                serde_json::from_str::<Value>(&body).unwrap()
            }
        };
        join_all((0..30).map(|_| ask(String::new()))).await;
        assert_eq!(fixture.wecom.calls(TICKET), 1, "shared");
        let told = ask(String::new()).await;
        let refused = format!("&refused={}", told["ticket"].as_str().unwrap());
        for _ in 0..5 {
            ask("&refused=made-up".to_owned()).await;
            ask(refused.clone()).await;
        }
        assert_eq!(
            fixture.wecom.calls(TICKET),
            2,
            "once a minute at most, and only the very one"
        );
        fixture.advance(Duration::from_secs(61));
        ask(refused).await;
        assert_eq!(fixture.wecom.calls(TICKET), 3);
        fixture.advance(Duration::from_secs(2 * 3600));
        crate::suites::ticket(&fixture).await;
        let told = ask(String::new()).await;
        assert_eq!(fixture.wecom.calls(TICKET), 4, "over");
        assert_eq!(taken(&fixture, &told, &page).await, 0, "{told}");
    }
);

scenario!(
    a_dead_ticket_of_the_corp_is_replaced_too_whatever_became_of_the_apps,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        let page = format!("{}/console/people", fixture.base);
        for kind in ["app", "corp"] {
            let path = if kind == "app" { TICKET } else { "get_jsapi_ticket" };
            let ask = async |more: &str| {
                let more = format!("&ticket={kind}{more}");
                let (status, body) = signed(&fixture, &browser, (&company.source, &page), &more).await;
                assert_eq!(status, 200, "{body}");
                serde_json::from_str::<Value>(&body).unwrap()
            };
            let before = ask("").await;
            assert_eq!(taken_of(&fixture, (&before, kind), &page).await, 0, "{before}");
            fixture.wecom.expire_js_tickets();
            assert_eq!(taken_of(&fixture, (&before, kind), &page).await, 40093, "{before}");
            let after = ask(&format!("&refused={}", before["ticket"].as_str().unwrap())).await;
            assert_eq!(fixture.wecom.calls(path), 2, "{kind}");
            assert_eq!(taken_of(&fixture, (&after, kind), &page).await, 0, "{after}");
        }
    }
);

scenario!(
    what_wecom_refuses_is_told_and_not_asked_again_for_each_page,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        proved(&fixture, &browser, &company.source).await;
        let page = format!("{}/console/people", fixture.base);
        fixture.add_fault(Fault::new("/cgi-bin/ticket/get", FaultKind::Errcode(45009)));
        for _ in 0..10 {
            let (status, body) = signed(&fixture, &browser, (&company.source, &page), "").await;
            assert!(status >= 400 && body.contains("WC-130"), "{body}");
        }
        assert_eq!(fixture.wecom.calls(TICKET), 1, "a limit is not run against");
        fixture.mend_wecom();
        fixture.advance(Duration::from_secs(61));
        let (status, body) = signed(&fixture, &browser, (&company.source, &page), "").await;
        assert_eq!(status, 200, "{body}");
    }
);

scenario!(
    pages_are_signed_by_the_app_of_a_template_too,
    |fixture: Fixture| async move {
        let company = templates::developed(&fixture, false).await;
        let browser = at_work(&fixture, "admin").await;
        let login = begun(&fixture, &browser, &company.source, "/console/people").await;
        let shown = browser.open(&login).await;
        let back = fixture
            .phone()
            .scan(&browser, &shown, crate::actors::As::Member(sample::NORMAL))
            .await;
        browser.open(&back).await;
        let page = format!("{}/console/people", fixture.base);
        let (_, body) = signed(&fixture, &browser, (&company.source, &page), "").await;
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(taken(&fixture, &told, &page).await, 0, "{told}");
    }
);
