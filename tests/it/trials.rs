//! Trials of sign-ins: a real scan and the gate's real decision, after which nobody is signed in and nothing is changed.

mod bounds;
mod passing;
mod passkeys;
mod passwords;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, Page, Portal, id, text},
    console::Colleague,
    fixture::Fixture,
    scenario,
};

/// Makes a trial at this portal.
pub async fn make(fixture: &Fixture, client: &str) -> Value {
    fixture
        .admin()
        .create(&format!("clients/{client}/trials"), json!({}))
        .await
}

/// A trial as it stands.
pub async fn told(fixture: &Fixture, trial: &Value) -> Value {
    fixture.admin().get(&format!("trials/{}", id(trial))).await
}

/// Goes through a trial by a scan; its last page.
pub async fn go_through(fixture: &Fixture, browser: &Browser, trial: &Value, who: As<'_>) -> Page {
    let login = browser.open(text(trial, "url")).await;
    assert_eq!(login.status, 200, "{}", login.body);
    fixture.phone().sign_in_from(browser, &login, who).await
}

/// Nobody was signed in: neither in this browser nor anywhere.
pub async fn nobody_is_signed_in(fixture: &Fixture, portal: &Portal, browser: &Browser) {
    let names: Vec<String> = browser.all_cookies().into_iter().map(|(name, _)| name).collect();
    let ours: Vec<&String> = names.iter().filter(|name| name.starts_with("menjin_")).collect();
    assert!(ours.iter().all(|name| *name == "menjin_journey"), "{ours:?}");
    portal.assert_signed_out(browser).await;
    for list in ["sessions", "grants", "audit-events?kind=signed_in"] {
        assert_eq!(fixture.admin().items(list).await, [] as [Value; 0], "{list}");
    }
}

/// Name and result of each check.
fn results(checks: &Value) -> Vec<(String, Value)> {
    let checks = checks.as_array().unwrap().iter();
    checks
        .map(|check| (text(check, "check").to_owned(), check["passed"].clone()))
        .collect()
}

scenario!(
    a_trial_that_the_gate_permits_signs_nobody_in_and_shows_the_claims,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let trial = make(&fixture, "wiki").await;
        let waiting = told(&fixture, &trial).await;
        assert_eq!(
            (&waiting["state"], &waiting["client_id"]),
            (&json!("waiting"), &json!("wiki"))
        );
        assert!(results(&waiting["checks"]).iter().all(|(_, passed)| passed.is_null()));
        let browser = fixture.browser();
        let login = browser.open(text(&trial, "url")).await;
        assert!(
            login.body.contains("Trial of \u{2068}wiki\u{2069}") && login.body.contains("nobody is signed in"),
            "{}",
            login.body
        );
        assert_eq!(told(&fixture, &trial).await["state"], "opened");
        let shown = browser.open(&login.link("/go/")).await;
        assert_eq!(told(&fixture, &trial).await["state"], "at_wecom");
        let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let page = browser.open(&callback).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for said in [
            "would work",
            "nobody was signed in",
            "李华",
            "WeCom confirms the membership",
        ] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        nobody_is_signed_in(&fixture, &portal, &browser).await;

        let user = fixture.admin().user(sample::NORMAL).await;
        let ended = told(&fixture, &trial).await;
        assert_eq!(ended["state"], "permitted");
        assert_eq!(
            ended["user"],
            json!({ "id": user["id"], "username": sample::NORMAL, "display_name": "李华" })
        );
        assert!(results(&ended["checks"]).iter().all(|(_, passed)| passed == true));
        let named: Vec<String> = results(&ended["checks"]).into_iter().map(|(name, _)| name).collect();
        let path = format!("access-checks?client_id=wiki&user_id={}", id(&user));
        let explained = fixture.admin().get(&path).await;
        let order = results(&explained["people"][0]["ways"][0]["checks"]);
        assert_eq!(named, order.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
        let scope = ended["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|check| check["check"] == "in_visible_scope");
        assert_eq!(scope.unwrap()["saw"]["wecom"], "visible", "WeCom was asked");
        assert_eq!((&ended["failure"], &ended["reference"]), (&Value::Null, &Value::Null));
        let preview = format!("clients/wiki/claims?user_id={}", id(&user));
        assert_eq!(ended["claims"], fixture.admin().get(&preview).await);
        // The secret part of the address is told once.
        let token = text(&trial, "url").rsplit('/').next().unwrap();
        assert!(!ended.to_string().contains(token) && !waiting.to_string().contains(token));
    }
);

scenario!(
    each_refusal_has_the_number_of_a_real_sign_in_and_ends_the_trial,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.admin().disable(sample::BY_PICK).await;
        let limited = json!({ "allowed_users": [fixture.admin().user_id(sample::BY_TAG).await] });
        let narrow = fixture.portal("narrow", limited).await;
        for (portal, who, number, failed) in [
            (&portal, As::Member(sample::OUT_OF_SCOPE), "GT-108", "in_visible_scope"),
            (&portal, As::Member(sample::DISABLED), "GT-109", "status_active"),
            (&portal, As::Member(sample::BY_PICK), "GT-111", "user_active"),
            (&portal, As::Outsider, "GT-106", "is_a_member"),
            (&portal, As::Linked, "GT-107", "of_this_corp"),
            (&narrow, As::Member(sample::NORMAL), "GT-112", "portal_allows_person"),
        ] {
            let real = portal.sign_in(&fixture, &fixture.browser(), who).await;
            assert!(real.body.contains(number), "{number}: {}", real.body);
            let (trial, browser) = (make(&fixture, &portal.id).await, fixture.browser());
            let page = go_through(&fixture, &browser, &trial, who).await;
            assert_eq!(page.status, 403, "{number}: {}", page.body);
            assert!(page.body.contains(number), "{number}: {}", page.body);
            assert!(
                !page.body.contains(">Use another account<"),
                "the trial is over: {}",
                page.body
            );
            nobody_is_signed_in(&fixture, portal, &browser).await;
            let ended = told(&fixture, &trial).await;
            assert_eq!(
                (&ended["state"], &ended["failure"]["number"]),
                (&json!("refused"), &json!(number))
            );
            assert_eq!(
                (&ended["reference"], &ended["claims"]),
                (&json!(page.reference()), &Value::Null)
            );
            let first = ended["checks"]
                .as_array()
                .unwrap()
                .iter()
                .find(|check| check["passed"] == false);
            assert_eq!(first.unwrap()["check"], failed, "{ended}");
            assert_eq!(first.unwrap()["refusal"]["number"], number);
            // It is not among the refusals: nobody was kept out.
            let refused = fixture.admin().items("refusals?limit=200").await;
            assert!(
                refused.iter().all(|refusal| refusal["reference"] != ended["reference"]),
                "{refused:?}"
            );
            // Its trace works as always, with the same chain.
            let trace = fixture.admin().get(&format!("traces/{}", page.reference())).await;
            assert_eq!(results(&trace["checks"]), results(&ended["checks"]), "{number}");
        }
    }
);

scenario!(
    a_corp_id_that_does_not_match_is_found_by_a_trial,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "login_methods": [] })).await;
        let scans = json!({ "login_methods": ["wecom_qr"] });
        fixture
            .admin()
            .change(&format!("data-sources/{}", id(&source)), scans)
            .await;
        let foreign = json!({
            "name": "白石设计", "corp_id": sample::CORP2, "agent_id": sample::AGENT_ID2,
            "app_secret": sample::APP_SECRET2, "data_source_id": source["id"],
        });
        let foreign = fixture.admin().create("auth-sources", foreign).await;
        let portal = fixture.portal("wiki", json!({ "auth_sources": [foreign["id"]] })).await;
        let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
        let page = go_through(&fixture, &browser, &trial, As::Member(sample::NAMESAKE)).await;
        assert!(page.body.contains("GT-104"), "{}", page.body);
        assert_eq!(told(&fixture, &trial).await["failure"]["number"], "GT-104");
        nobody_is_signed_in(&fixture, &portal, &browser).await;
    }
);

scenario!(
    a_trial_inside_wecom_and_one_that_ends_in_another_browser_sign_nobody_in,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let (trial, inside) = (
            make(&fixture, "wiki").await,
            fixture.browser().in_wecom_of(sample::NORMAL),
        );
        let page = inside.open(text(&trial, "url")).await;
        assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
        nobody_is_signed_in(&fixture, &portal, &inside).await;
        assert_eq!(told(&fixture, &trial).await["state"], "permitted");

        let (trial, inside) = (
            make(&fixture, "wiki").await,
            fixture.browser().in_wecom_of(sample::NORMAL),
        );
        let mut next = inside.get(text(&trial, "url")).await.location.unwrap();
        while !next.contains("/wecom/callback") {
            next = inside.get(&next).await.location.unwrap();
        }
        let other = fixture.browser();
        let question = other.open(&next).await;
        assert_eq!(
            told(&fixture, &trial).await["state"],
            "at_wecom",
            "not before the person said yes"
        );
        let page = other.submit(&question.action("/signin/confirm/"), &[]).await;
        assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
        nobody_is_signed_in(&fixture, &portal, &other).await;
        assert_eq!(told(&fixture, &trial).await["state"], "permitted");
    }
);

scenario!(
    a_second_way_through_a_trial_changes_nothing_and_learns_nothing_of_people,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let (trial, late) = (make(&fixture, "wiki").await, fixture.browser());
        let login = late.open(text(&trial, "url")).await;
        let shown = late.open(&login.link("/go/")).await;
        let callback = fixture.phone().scan(&late, &shown, As::Member(sample::BY_TAG)).await;
        go_through(&fixture, &fixture.browser(), &trial, As::Member(sample::NORMAL)).await;
        let before = told(&fixture, &trial).await;
        let page = late.open(&callback).await;
        assert!(page.body.contains("SI-210"), "{}", page.body);
        assert_eq!(told(&fixture, &trial).await, before);
        for browser in [fixture.browser(), late] {
            let over = browser.open(text(&trial, "url")).await;
            assert!(over.status == 200 && over.body.contains("would work"), "{}", over.body);
            assert!(
                !over.body.contains("李华") && !over.body.contains(sample::NORMAL),
                "{}",
                over.body
            );
            assert!(!over.body.contains("/go/"), "{}", over.body);
        }
        // A refusal is told in words and by its number.
        let trial = make(&fixture, "wiki").await;
        go_through(&fixture, &fixture.browser(), &trial, As::Member(sample::OUT_OF_SCOPE)).await;
        let over = fixture.browser().in_chinese().open(text(&trial, "url")).await;
        assert!(
            over.body.contains("GT-108") && over.body.contains("登录会被拒绝"),
            "{}",
            over.body
        );
        assert!(!over.body.contains(sample::OUT_OF_SCOPE), "{}", over.body);
    }
);

scenario!(
    an_admin_s_own_session_stays_as_it_is_and_leads_back_to_the_console,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let colleague = Colleague::hire(&fixture, "admin").await;
        let browser = colleague.browser(&fixture).await;
        let cookie = browser.cookie("menjin_session");
        let before = fixture.admin().items("sessions").await;
        for (who, back) in [
            (sample::NORMAL, "/console/setup?trial="),
            (sample::OUT_OF_SCOPE, "/console/portals"),
        ] {
            let wanted = match back.ends_with('=') {
                true => json!({ "return_to": format!("{back}{{trial}}") }),
                false => json!({ "return_to": back }),
            };
            let trial = fixture.admin().create("clients/wiki/trials", wanted).await;
            let page = go_through(&fixture, &browser, &trial, As::Member(who)).await;
            let led = page.link(back);
            assert!(!back.ends_with('=') || led.ends_with(id(&trial)), "{led}");
            let stranger = fixture.browser().open(text(&trial, "url")).await;
            assert!(!stranger.body.contains("/console"), "{}", stranger.body);
        }
        assert_eq!(browser.cookie("menjin_session"), cookie);
        let after = fixture.admin().items("sessions").await;
        assert_eq!((after.len(), &after[0]["id"]), (before.len(), &before[0]["id"]));
        let page = browser.open(&format!("{}/console", fixture.base)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

scenario!(
    the_audit_log_has_who_made_a_trial_and_what_came_of_it,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let trial = make(&fixture, "wiki").await;
        go_through(&fixture, &fixture.browser(), &trial, As::Member(sample::NORMAL)).await;
        let begun = fixture.admin().items("audit-events?kind=trial.begun").await;
        assert_eq!((begun.len(), &begun[0]["client_id"]), (1, &json!("wiki")));
        let ended = fixture.admin().items("audit-events?kind=trial.ended").await;
        let (ended, detail) = (&ended[0], &ended[0]["detail"]);
        assert_eq!(ended["user_id"], json!(fixture.admin().user_id(sample::NORMAL).await));
        assert_eq!(
            (&detail["trial"], &detail["outcome"]),
            (&trial["id"], &json!("permitted"))
        );
        assert_eq!(detail["made_by"], begun[0]["actor"]);
        let token = text(&trial, "url").rsplit('/').next().unwrap();
        let all = fixture.admin().get("audit-events?limit=200").await;
        assert!(!all.to_string().contains(token));
    }
);
