//! The age of a membership: how long WeCom's last confirmation counts at a portal, and for how long besides while WeCom does not answer.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{Portal, id, text},
    fixture::Fixture,
    scenario,
};

fn looks(fixture: &Fixture) -> usize {
    fixture.wecom.calls("user/get")
}

/// Refreshes with the newest token, which must succeed; answers the next.
async fn refreshed(portal: &Portal, token: &str) -> String {
    let reply = portal.refresh(token).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    text(&reply.body, "refresh_token").to_owned()
}

scenario!(
    a_portal_of_which_nothing_is_said_asks_wecom_again_after_a_quarter_of_an_hour,
    |fixture: Fixture| async move {
        fixture.connect().await;
        // It is the scan that confirms them, not the sync.
        fixture.advance(Duration::from_secs(1));
        let portal = fixture.portal("wiki", json!({})).await;
        let shown = fixture.admin().get("clients/wiki").await;
        assert_eq!(
            (&shown["membership_max_age"], &shown["membership_grace"]),
            (&json!(900), &json!(14_400))
        );
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let before = looks(&fixture);
        fixture.advance(Duration::from_secs(900));
        let token = refreshed(&portal, text(&tokens, "refresh_token")).await;
        assert_eq!(looks(&fixture), before, "asked too early");
        fixture.advance(Duration::from_secs(1));
        let token = refreshed(&portal, &token).await;
        assert_eq!(looks(&fixture), before + 1);
        refreshed(&portal, &token).await;
        assert_eq!(looks(&fixture), before + 1, "asked again at once");
    }
);

scenario!(
    a_sync_confirms_everybody_it_saw_but_whom_wecom_does_not_show,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let user = fixture.admin().user_id(sample::NORMAL).await;
        let checked_at =
            async || fixture.admin().get(&format!("users/{user}")).await["members"][0]["checked_at"].clone();
        let scanned = checked_at().await;
        fixture.advance(Duration::from_secs(800));
        let run = fixture.admin().sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let synced = scanned.as_i64().unwrap() + 800_000;
        assert_eq!(checked_at().await, synced);
        let before = looks(&fixture);
        fixture.advance(Duration::from_secs(700));
        let token = refreshed(&portal, text(&tokens, "refresh_token")).await;
        assert_eq!(looks(&fixture), before, "the sync has seen them");
        // Out of the scope of the app now, as a look tells that comes before the next sync.
        let everybody =
            fixture.edit_corp(|corp| std::mem::take(&mut corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope));
        fixture.advance(Duration::from_secs(201));
        let refused = portal.refresh(&token).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert_eq!(checked_at().await, 0, "what a sync saw before counts no more");
        fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = everybody);
        fixture.admin().sync(id(&source)).await;
        assert_eq!(checked_at().await, synced + 901_000, "shown again");
    }
);

scenario!(
    while_wecom_is_down_the_last_confirmation_counts_for_the_stated_grace_and_then_no_more,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let bounds = json!({ "membership_max_age": 600, "membership_grace": 3600 });
        let portal = fixture.portal("wiki", bounds).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.break_wecom("/cgi-bin/user/get");
        fixture.advance(Duration::from_secs(4200));
        let token = refreshed(&portal, text(&tokens, "refresh_token")).await;
        let silent = portal.authorize_silently(&browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
        fixture.advance(Duration::from_secs(1));
        let over = portal.refresh(&token).await;
        assert_eq!(over.refusal(), (503, "temporarily_unavailable"), "{}", over.body);
        let silent = portal.authorize_silently(&browser).await;
        assert_eq!(silent.returned("error").as_deref(), Some("temporarily_unavailable"));
        let traces = fixture.admin().items("audit-events?kind=refused").await;
        assert_eq!(traces[0]["number"], "GT-118", "{}", traces[0]);
        // Nothing was used up, and nobody signed out.
        fixture.mend_wecom();
        refreshed(&portal, &token).await;
    }
);

// A changed egress address or a secret that was reset must not lock a company out within a quarter of an hour.
scenario!(
    the_grace_covers_what_an_admin_must_mend_as_well,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(901));
        let mut token = text(&tokens, "refresh_token").to_owned();
        for code in [60020, 48006, 50003] {
            fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Errcode(code)));
            token = refreshed(&portal, &token).await;
            fixture.mend_wecom();
            fixture.advance(Duration::from_secs(11));
        }
    }
);

// While WeCom hangs, each call would keep a portal waiting until the time limit.
scenario!(
    whom_the_grace_covers_does_not_wait_for_a_wecom_that_did_not_answer_a_moment_ago,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.break_wecom("/cgi-bin/user/get");
        fixture.advance(Duration::from_secs(901));
        let mut token = refreshed(&portal, text(&tokens, "refresh_token")).await;
        let before = looks(&fixture);
        for _ in 0..5 {
            token = refreshed(&portal, &token).await;
        }
        assert_eq!(looks(&fixture), before);
        fixture.advance(Duration::from_secs(10));
        fixture.mend_wecom();
        refreshed(&portal, &token).await;
        assert!(looks(&fixture) > before, "WeCom is not asked any more");
    }
);

// One person without a licence, or one app that may not ask, is no reason to ask about nobody.
scenario!(
    what_keeps_wecom_from_confirming_one_member_keeps_nobody_else_in,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let first = portal.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
        let second = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let mut refusal = Fault::new("/cgi-bin/user/get", FaultKind::Errcode(48006));
        refusal.about = Some(sample::ADMIN.to_owned());
        fixture.add_fault(refusal);
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        fixture.advance(Duration::from_secs(901));
        refreshed(&portal, text(&first, "refresh_token")).await;
        let refused = portal.refresh(text(&second, "refresh_token")).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"), "{}", refused.body);
    }
);

scenario!(
    an_app_that_wecom_does_not_answer_keeps_nobody_in_whom_another_app_can_ask_about,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let old = json!({
            "name": "旧应用", "corp_id": sample::CORP,
            "agent_id": sample::OLD_AGENT_ID, "app_secret": sample::OLD_APP_SECRET,
        });
        let first = fixture.auth_source(sample::CORP).await;
        let other = fixture.admin().create("auth-sources", old).await;
        let by = |source: &serde_json::Value| json!({ "auth_sources": [id(source)] });
        let (wiki, crm) = (
            fixture.portal("wiki", by(&first)).await,
            fixture.portal("crm", by(&other)).await,
        );
        let there = crm.tokens(&fixture, &fixture.browser(), sample::ADMIN).await;
        let here = wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let mut broken = Fault::new("/cgi-bin/user/get", FaultKind::BadGateway);
        broken.about = Some(sample::ADMIN.to_owned());
        fixture.add_fault(broken);
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        fixture.advance(Duration::from_secs(901));
        refreshed(&crm, text(&there, "refresh_token")).await;
        let refused = wiki.refresh(text(&here, "refresh_token")).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"), "{}", refused.body);
    }
);

// Else all of a company would be asked about in the same minute.
scenario!(
    whom_a_sync_confirmed_in_one_moment_wecom_is_asked_about_each_at_a_moment_of_their_own,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let mut browsers = Vec::new();
        for userid in [
            sample::NORMAL,
            sample::ADMIN,
            "zhaoliu",
            "yanxi",
            "taoran",
            "zhouba",
            "wujiu",
            "huangxin",
        ] {
            let browser = fixture.browser();
            portal.tokens(&fixture, &browser, userid).await;
            browsers.push(browser);
        }
        fixture.advance(Duration::from_secs(1));
        fixture.admin().sync(id(&source)).await;
        let before = looks(&fixture);
        let mut asked = Vec::new();
        for wait in [719, 30, 30, 30, 30, 30, 32] {
            fixture.advance(Duration::from_secs(wait));
            let before = looks(&fixture);
            for browser in &browsers {
                let silent = portal.authorize_silently(browser).await;
                assert!(silent.returned("code").is_some(), "{:?}", silent.location);
            }
            asked.push(looks(&fixture) - before);
        }
        assert_eq!(asked[0], 0, "asked too early: {asked:?}");
        assert_eq!(
            looks(&fixture) - before,
            browsers.len(),
            "each once, and nobody too late: {asked:?}"
        );
        assert!(
            asked.iter().all(|asked| *asked < browsers.len()),
            "all at once: {asked:?}"
        );
    }
);

// A scan proves who somebody is, and not that they may come in: that only WeCom's answer does, grace or not.
scenario!(
    the_grace_covers_no_new_sign_in_and_nobody_whom_wecom_had_outside,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        fixture.advance(Duration::from_secs(901));
        portal.authorize_silently(&browser).await;
        fixture.break_wecom("/cgi-bin/user/get");
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 1);
        let silent = portal.authorize_silently(&browser).await;
        assert_eq!(silent.returned("error").as_deref(), Some("login_required"));
        let page = portal
            .sign_in(&fixture, &fixture.browser(), crate::actors::As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-113"), "{}", page.body);
    }
);

/// Refresh tokens of 李华 at so many portals, all in one session.
async fn at_many_portals(fixture: &Fixture, many: usize) -> Vec<(Portal, String)> {
    let browser = fixture.browser();
    let mut held = Vec::new();
    for number in 0..many {
        let portal = fixture.portal(&format!("portal{number}"), json!({})).await;
        let tokens = match number {
            0 => portal.tokens(fixture, &browser, sample::NORMAL).await,
            _ => portal.tokens_silently(&browser, &[]).await,
        };
        held.push((portal, text(&tokens, "refresh_token").to_owned()));
    }
    held
}

/// All refresh at the same moment; answers the statuses, and how often WeCom was asked.
async fn storm(fixture: &Fixture, held: &[(Portal, String)]) -> (Vec<u16>, usize) {
    let before = looks(fixture);
    let answers = join_all(held.iter().map(|(portal, token)| portal.refresh(token))).await;
    let statuses = answers.iter().map(|answer| answer.status).collect();
    (statuses, looks(fixture) - before)
}

// All portals of a company refresh in the same second of the morning.
scenario!(
    portals_that_refresh_at_once_share_the_calls_and_none_an_answer_older_than_its_question,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let held = at_many_portals(&fixture, 50).await;
        fixture.advance(Duration::from_secs(901));
        // Slow enough that all have asked before the first answer comes.
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(1500)));
        let (statuses, calls) = storm(&fixture, &held).await;
        assert_eq!(statuses, vec![200; 50]);
        assert!((1..=2).contains(&calls), "{calls} calls");
    }
);

// Who asks while a call is under way waits for the next: what happened in between counts.
scenario!(
    whoever_asks_after_somebody_was_removed_is_not_answered_from_before,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let held = at_many_portals(&fixture, 2).await;
        fixture.advance(Duration::from_secs(901));
        let before = looks(&fixture);
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Slow(1500)).times(1));
        let (early, late) = (&held[0], &held[1]);
        let second = async {
            while looks(&fixture) == before {
                tokio::task::yield_now().await;
            }
            fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
            late.0.refresh(&late.1).await
        };
        let (_, second) = tokio::join!(early.0.refresh(&early.1), second);
        assert_eq!(second.refusal(), (400, "invalid_grant"), "{}", second.body);
        assert_eq!(looks(&fixture) - before, 2);
    }
);
