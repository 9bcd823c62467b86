//! What an admin sees before people cannot sign in any more: a refused secret, WeCom's announcements about an app, callbacks that fail.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Event, ForcedExpiry, Owner, Tamper, sample};

use crate::{
    actors::{As, id, text},
    callbacks::{connect_callback, deliver},
    fixture::{Fixture, START},
    scenario,
};

/// The problems of a resource.
async fn problems(fixture: &Fixture, path: &str) -> Vec<Value> {
    fixture.admin().get(path).await["problems"].as_array().unwrap().clone()
}

/// Their numbers.
async fn numbers(fixture: &Fixture, path: &str) -> Vec<String> {
    let problems = problems(fixture, path).await;
    problems
        .iter()
        .map(|problem| text(problem, "number").to_owned())
        .collect()
}

/// Switches the app off or on in WeCom; its tokens die.
fn switch(fixture: &Fixture, closed: bool) {
    fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().closed = closed);
    fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
}

// reference 17.3: 40001 also means that the app is switched off; that heals without a new secret.
scenario!(
    an_app_that_was_switched_off_is_a_problem_at_once_and_heals_by_itself,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let source = format!("data-sources/{}", id(&source));
        let auth_source = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        assert!(problems(&fixture, &source).await.is_empty());
        switch(&fixture, true);
        fixture.advance(Duration::from_secs(100));
        fixture.admin().sync(source.trim_start_matches("data-sources/")).await;
        for path in [&source, &auth_source] {
            let shown = problems(&fixture, path).await;
            let [problem] = &shown[..] else {
                panic!("{path}: {shown:?}")
            };
            assert_eq!(problem["number"], "WC-110", "{problem}");
            assert_eq!(problem["since"], (START + 100) * 1000, "{problem}");
            assert_eq!(problem["next_try_at"], (START + 160) * 1000, "{problem}");
            assert!(text(problem, "detail").contains("40001"), "{problem}");
            assert!(!problem.to_string().contains(sample::APP_SECRET), "{problem}");
        }
        // Still off an hour later: tried again a few times, however often somebody looks.
        let before = fixture.wecom.calls("gettoken");
        for _ in 0..60 {
            fixture.advance(Duration::from_secs(60));
            fixture.app.tick().await.unwrap();
        }
        let probes = fixture.wecom.calls("gettoken") - before;
        assert!((2..=5).contains(&probes), "{probes}");
        assert_eq!(numbers(&fixture, &source).await, ["WC-110"]);
        switch(&fixture, false);
        fixture.advance(Duration::from_secs(3600));
        fixture.app.tick().await.unwrap();
        for path in [&source, &auth_source] {
            assert!(problems(&fixture, path).await.is_empty());
        }
        let browser = fixture.browser();
        let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

// product.md §6: a breaker that opens for a month and tells nobody.
scenario!(
    a_refusal_that_lasts_a_month_is_told_each_day_and_over_within_the_hour,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let path = format!("data-sources/{}", id(&source));
        switch(&fixture, true);
        fixture.admin().sync(id(&source)).await;
        for day in 0..31 {
            fixture.advance(Duration::from_secs(24 * 3600));
            let before = fixture.wecom.calls("gettoken");
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
            assert!(
                fixture.wecom.calls("gettoken") > before,
                "day {day}: WeCom is not asked again"
            );
            let told = problems(&fixture, &path).await;
            let refused = told.iter().find(|problem| problem["number"] == "WC-110");
            let refused = refused.unwrap_or_else(|| panic!("day {day}: nobody is told: {told:?}"));
            assert_eq!(refused["since"], START * 1000, "day {day}: {refused}");
        }
        switch(&fixture, false);
        fixture.advance(Duration::from_secs(3600));
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        assert!(!numbers(&fixture, &path).await.contains(&"WC-110".to_owned()));
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

// The contacts-sync secret was reset in WeCom's console, and nobody told Menjin.
scenario!(
    a_contacts_secret_that_wecom_refuses_is_a_problem_of_its_data_source_until_it_is_mended,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect().await;
        let path = format!("data-sources/{}", id(&source));
        fixture.edit_corp(|corp| corp.contacts_secret = Some("reset".to_owned()));
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        fixture.admin().sync(id(&source)).await;
        let shown = problems(&fixture, &path).await;
        let [problem] = &shown[..] else { panic!("{shown:?}") };
        assert_eq!(problem["number"], "WC-110", "{problem}");
        assert!(text(problem, "detail").contains("contacts secret"), "{problem}");
        let auth_source = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        assert!(problems(&fixture, &auth_source).await.is_empty(), "its app works");
        fixture
            .admin()
            .change(&path, json!({ "contacts_secret": "reset" }))
            .await;
        let run = fixture.admin().sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(problems(&fixture, &path).await.is_empty());
    }
);

scenario!(
    saving_the_secret_again_asks_wecom_at_once,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect().await;
        let path = format!("data-sources/{}", id(&source));
        switch(&fixture, true);
        fixture.admin().sync(id(&source)).await;
        assert_eq!(numbers(&fixture, &path).await, ["WC-110"]);
        switch(&fixture, false);
        let same = json!({ "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET } });
        fixture.admin().change(&path, same).await;
        assert!(problems(&fixture, &path).await.is_empty());
        assert_eq!(fixture.admin().sync(id(&source)).await["state"], "succeeded");
    }
);

/// Has WeCom tell something of the use of its app, at this moment by its clock; answers the status of the reply.
async fn announce(fixture: &Fixture, issued: &Value, (event, at, effect): (&str, i64, Option<i64>)) -> u16 {
    let effect = effect.map_or(String::new(), |effect| format!("<EffectTime>{effect}</EffectTime>"));
    let message = format!(
        "<xml><ToUserName>{corp}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{at}</CreateTime>\
         <MsgType>event</MsgType><Event><![CDATA[{event}]]></Event><AgentID>{agent}</AgentID>{effect}</xml>",
        corp = sample::CORP,
        agent = sample::AGENT_ID,
    );
    let now = fixture.clock.now().secs();
    deliver(fixture, (text(issued, "url"), issued), now, &message).await
}

// reference 17.1
scenario!(
    what_wecom_announces_about_an_app_is_a_problem_with_its_date_until_it_is_taken_back,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let (path, issued) = connect_callback(&fixture).await;
        let source = path.trim_end_matches("/callbacks").to_owned();
        let auth_source = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        let effect = START + 7 * 24 * 3600;
        for (number, (event, taken_back)) in [
            ("DI-221", ("inactive_alert", "reopen_inactive_agent")),
            ("DI-222", ("close_inactive_agent", "reopen_inactive_agent")),
            ("DI-223", ("low_active_alert", "active_restored")),
            ("DI-224", ("low_active", "active_restored")),
            ("DI-221", ("inactive_alert", "active_restored")),
        ] {
            fixture.advance(Duration::from_secs(60));
            let now = fixture.clock.now().secs();
            assert_eq!(announce(&fixture, &issued, (event, now, Some(effect))).await, 200);
            for path in [&source, &auth_source] {
                let shown = problems(&fixture, path).await;
                let [problem] = &shown[..] else {
                    panic!("{event}: {shown:?}")
                };
                assert_eq!(problem["number"], number, "{problem}");
                assert_eq!(problem["since"], now * 1000, "{problem}");
                assert_eq!(problem["effective_at"], effect * 1000, "{problem}");
            }
            // What was said before, and arrives only now, takes nothing back; nor does it come back later.
            assert_eq!(announce(&fixture, &issued, (taken_back, now - 30, None)).await, 200);
            assert_eq!(numbers(&fixture, &source).await, [number]);
            assert_eq!(announce(&fixture, &issued, (taken_back, now, None)).await, 200);
            assert!(problems(&fixture, &source).await.is_empty(), "{event}");
            assert_eq!(announce(&fixture, &issued, (event, now - 30, None)).await, 200);
            assert!(problems(&fixture, &source).await.is_empty(), "{event}");
        }
        let now = fixture.clock.now().secs();
        assert_eq!(announce(&fixture, &issued, ("unlicensed_notify", now, None)).await, 200);
        assert_eq!(numbers(&fixture, &source).await, ["DI-225"]);
        fixture.advance(Duration::from_secs(7 * 24 * 3600));
        assert!(problems(&fixture, &source).await.is_empty());
    }
);

scenario!(
    why_callbacks_fail_is_shown_at_the_callback_and_strangers_write_no_rows,
    |fixture: Fixture| async move {
        let (path, _) = connect_callback(&fixture).await;
        let shown = async || fixture.admin().get(&path).await["items"][0].clone();
        assert_eq!(shown().await["refused"], json!([]));
        for (tamper, number) in [
            (Tamper::Signature, "WC-181"),
            (Tamper::Key, "WC-182"),
            (Tamper::ReceiveId, "WC-183"),
            (Tamper::Stale, "CB-102"),
        ] {
            fixture.advance(Duration::from_secs(60));
            let delivery = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            let event = Event::UpdateParty { id: 1 };
            fixture.wecom.emit(sample::CORP, Owner::Contacts, event, delivery).await;
            let callback = shown().await;
            let last = &callback["refused"][0];
            assert_eq!(last["number"], number, "{callback}");
            assert_eq!(last["last_at"], fixture.clock.now().millis(), "{callback}");
            assert!(!text(last, "title").is_empty() && !text(last, "remedy").is_empty());
        }
        // A stranger's junk: one write a minute, and it hides nothing.
        fixture.advance(Duration::from_secs(60));
        let url = text(&shown().await, "url").to_owned();
        let first = fixture.clock.now().millis();
        for _ in 0..50 {
            fixture.advance(Duration::from_secs(1));
            let answer = fixture.http.post(&url).body("<xml>").send().await.unwrap();
            assert_eq!(answer.status(), 400);
        }
        let callback = shown().await;
        assert_eq!(callback["refused"].as_array().unwrap().len(), 5, "{callback}");
        assert_eq!(
            (&callback["refused"][0]["number"], &callback["refused"][0]["last_at"]),
            (&json!("WC-184"), &json!(first + 1000)),
            "{callback}"
        );
        let unknown = format!("{}/wecom/events/00000000-0000-7000-8000-000000000000", fixture.base);
        assert_eq!(
            fixture.http.post(&unknown).body("<xml>").send().await.unwrap().status(),
            404
        );
    }
);
