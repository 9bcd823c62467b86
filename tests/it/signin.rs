//! The way in: SSO, in-app, the browser switch, login CSRF, duplicates, languages, expiry.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{As, Portal, id_claims},
    fixture::Fixture,
    scenario,
};

/// The `state` among the parameters of an address.
pub fn state_of(url: &str) -> String {
    url.split("state=")
        .nth(1)
        .unwrap()
        .split(['&', '#'])
        .next()
        .unwrap()
        .to_owned()
}

scenario!(
    a_member_scans_and_lands_in_the_portal_with_tokens,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~", "state unchanged");
        assert_eq!(page.returned("iss").unwrap(), fixture.base, "RFC 9207");
        let tokens = portal.tokens_from(&page).await;
        let id = id_claims(&tokens);
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(id["sub"], user["id"], "sub is our own id, never a userid");
        assert_eq!(id["nonce"], "n-0S6_WzA2Mj");
        let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.status, 200);
        assert_eq!(userinfo.body["preferred_username"], sample::NORMAL);
        assert_eq!(userinfo.body["name"], "李华");
    }
);

scenario!(a_second_portal_needs_no_second_scan, |fixture: Fixture| async move {
    let (_, browser, first) = fixture.signed_in().await;
    let tickets = fixture.portal("tickets", json!({})).await;
    let second = browser.open(&tickets.authorize_url(&[])).await;
    let second = tickets.tokens_from(&second).await;
    let (first, second) = (id_claims(&first), id_claims(&second));
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(first["sid"], second["sid"]);
    assert_eq!(first["auth_time"], second["auth_time"]);
});

// product.md S2.3: opening the portal inside WeCom signs in silently; no page, no QR.
scenario!(inside_wecom_no_page_is_shown_at_all, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser().in_wecom_of(sample::NORMAL);
    let page = browser.open(&portal.authorize_url(&[])).await;
    let tokens = portal.tokens_from(&page).await;
    let amr = id_claims(&tokens)["amr"].clone();
    assert!(amr.as_array().unwrap().contains(&json!("wecom_in_app")), "{amr}");
});

// Reference 2 and 2.5: members sign in through the WeCom plugin of WeChat as inside WeCom.
scenario!(
    inside_wechat_the_plugin_signs_in_without_a_code_to_scan,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser().in_wechat_of(sample::NORMAL);
        let page = browser.open(&portal.authorize_url(&[])).await;
        let amr = id_claims(&portal.tokens_from(&page).await)["amr"].clone();
        assert!(amr.as_array().unwrap().contains(&json!("wecom_in_app")), "{amr}");
    }
);

/// The in-app callback as WeCom would open it, not yet visited.
pub async fn in_app_callback(fixture: &Fixture, portal: &Portal) -> String {
    let inside = fixture.browser().in_wecom_of(sample::NORMAL);
    let mut page = inside.get(&portal.authorize_url(&[])).await;
    loop {
        let next = page
            .location
            .clone()
            .unwrap_or_else(|| panic!("stopped at {}: {}", page.url, page.body));
        if next.contains("/wecom/callback") {
            return next;
        }
        page = inside.get(&next).await;
    }
}

// product.md §6: `state` dropped because the WeCom desktop client switched browsers.
scenario!(
    a_browser_switched_by_the_desktop_client_goes_on_after_confirming,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let callback = in_app_callback(&fixture, &portal).await;
        let other = fixture.browser();
        let question = other.open(&callback).await;
        assert_eq!(question.status, 200, "{}", question.body);
        assert!(
            question.body.contains(sample::NORMAL),
            "it says as whom: {}",
            question.body
        );
        assert!(
            other.cookie("menjin_session").is_none(),
            "signed in before the person said yes"
        );
        let page = other.submit(&question.action("/signin/confirm/"), &[]).await;
        assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
    }
);

scenario!(
    a_confirmation_counts_only_in_the_browser_that_was_asked_and_once,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let callback = in_app_callback(&fixture, &portal).await;
        let asked = fixture.browser();
        let question = asked.open(&callback).await;
        let action = question.action("/signin/confirm/");
        let thief = fixture.browser();
        let page = thief.submit(&action, &[]).await;
        assert!(page.body.contains("SI-103"), "{}", page.body);
        assert!(asked.submit(&action, &[]).await.returned("code").is_some());
        let again = asked.submit(&action, &[]).await;
        assert!(again.body.contains("SI-101"), "{}", again.body);
    }
);

// The starter of an in-app sign-in must not harvest the answer given to whoever finished it.
scenario!(
    a_duplicate_callback_from_another_browser_gets_nobodys_session,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        // The attacker starts inside WeCom and stops before WeCom answers; the victim is sent on with the attacker's state.
        let attacker = fixture.browser().in_wecom();
        let login = attacker.get(&portal.authorize_url(&[])).await;
        let auth_sources = attacker.get(&login.location.unwrap()).await;
        let to_wecom = auth_sources.location.unwrap();
        let victim = fixture.browser().in_wecom_of(sample::ADMIN);
        let callback = victim.get(&to_wecom).await.location.unwrap();
        let question = victim.open(&callback).await;
        assert!(question.body.contains(sample::ADMIN), "{}", question.body);
        for thief in [attacker, fixture.browser()] {
            let page = thief.open(&callback).await;
            assert!(page.body.contains("SI-102"), "{}: {}", page.url, page.body);
            assert!(thief.cookie("menjin_session").is_none());
        }
    }
);

scenario!(
    a_browser_with_an_earlier_sign_in_of_its_own_is_asked_as_well,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let callback = in_app_callback(&fixture, &portal).await;
        let other = fixture.browser();
        portal.to_qr_page(&other).await;
        let question = other.open(&callback).await;
        let page = other.submit(&question.action("/signin/confirm/"), &[]).await;
        assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
    }
);

// product.md §6: `state` compared with itself (JumpServer): a finished callback signs a victim in as the attacker.
scenario!(
    login_csrf_a_callback_of_another_browser_is_refused,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let attacker = fixture.browser();
        let callback = portal.to_callback(&fixture, &attacker, As::Member(sample::ADMIN)).await;
        let victim = fixture.browser();
        let page = victim.open(&callback).await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("SI-103"), "{}", page.body);
        assert!(victim.cookie("menjin_session").is_none());
        // A victim who is in the middle of an own sign-in has a cookie of their own: refused as well.
        portal.to_qr_page(&victim).await;
        let page = victim.open(&callback).await;
        assert!(page.body.contains("SI-103"), "{}", page.body);
        // The attempt was not used up by others.
        assert!(attacker.open(&callback).await.returned("code").is_some());
    }
);

scenario!(
    a_duplicate_callback_is_answered_from_memory,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
        let first = browser.get(&callback).await;
        let exchanges = fixture.wecom.calls("auth/getuserinfo");
        let second = browser.get(&callback).await;
        assert_eq!(first.location, second.location);
        assert_eq!(
            fixture.wecom.calls("auth/getuserinfo"),
            exchanges,
            "the code was exchanged twice"
        );
        fixture.advance(Duration::from_secs(61));
        let late = browser.get(&callback).await;
        assert!(late.body.contains("SI-102"), "{}", late.body);
    }
);

scenario!(
    an_unknown_or_malformed_state_is_refused,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = fixture.browser();
        for (query, number) in [
            ("", "SI-108"),
            ("code=x", "SI-108"),
            ("state=short&code=x", "SI-108"),
            ("state=%00%00&code=x", "SI-108"),
            ("state=0123456789abcdef0123456789abcdef&code=x", "SI-102"),
        ] {
            let page = browser.open(&format!("{}/wecom/callback?{query}", fixture.base)).await;
            assert_eq!(page.status, 400, "{query}");
            assert!(page.body.contains(number), "{query}: {}", page.body);
        }
    }
);

scenario!(a_state_dies_after_ten_minutes, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let shown = portal.to_qr_page(&browser).await;
    let state = state_of(&shown.url);
    fixture.clock.advance(Duration::from_secs(601));
    let page = browser
        .open(&format!("{}/wecom/callback?state={state}&code=x", fixture.base))
        .await;
    assert!(page.body.contains("SI-102"), "{}", page.body);
});

scenario!(a_callback_for_another_corp_is_refused, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let shown = portal.to_qr_page(&browser).await;
    let state = state_of(&shown.url);
    let page = browser
        .open(&format!(
            "{}/wecom/callback?state={state}&code=x&appid=wwforeign",
            fixture.base
        ))
        .await;
    assert!(page.body.contains("SI-107"), "{}", page.body);
});

scenario!(
    the_login_page_speaks_both_languages_and_lists_each_corp,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let second = json!({
            "name": "白石设计", "corp_id": sample::CORP2,
            "agent_id": sample::AGENT_ID2, "app_secret": sample::APP_SECRET2,
        });
        fixture.admin().create("auth-sources", second).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let english = fixture
            .browser()
            .in_chinese()
            .open(&portal.authorize_url(&[("ui_locales", "en")]))
            .await;
        assert!(
            english.body.contains("Sign in to \u{2068}wiki\u{2069}"),
            "{}",
            english.body
        );
        let chinese = fixture.browser().in_chinese().open(&portal.authorize_url(&[])).await;
        assert!(chinese.body.contains("登录 \u{2068}wiki\u{2069}"), "{}", chinese.body);
        assert!(chinese.body.contains("白石设计"));
        let switched = fixture.browser().open(&chinese.link("ui_locales=en")).await;
        assert!(switched.body.contains("Sign in to \u{2068}wiki\u{2069}"));
    }
);

// product.md §6: users keyed by provider type + userid (Casdoor): two corps collide; one token cache shared by all providers (TopIAM).
scenario!(
    equal_userids_of_two_corps_are_two_people,
    |fixture: Fixture| async move {
        fixture.connect().await;
        fixture.connect_second(json!({})).await;
        let one = fixture.scan_only_portal("one", sample::CORP).await;
        let two = fixture.scan_only_portal("two", sample::CORP2).await;
        let first = one.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let second = two.tokens(&fixture, &fixture.browser(), sample::NAMESAKE).await;
        let (first, second) = (id_claims(&first), id_claims(&second));
        assert_ne!(first["sub"], second["sub"]);
    }
);

// product.md §6: `gettoken` at every login leads to 45009.
scenario!(gettoken_is_not_called_at_every_login, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let before = fixture.wecom.calls("gettoken");
    for _ in 0..5 {
        portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
    assert_eq!(fixture.wecom.calls("gettoken"), before);
});

scenario!(
    tokens_wecom_expired_early_are_renewed_within_the_same_sign_in,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for forced in [simulator::ForcedExpiry::Code40014, simulator::ForcedExpiry::Code42001] {
            fixture.wecom.expire_tokens(forced);
            portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        }
    }
);

// product.md §6: requiring an e-mail: apps created since 2022-06-20 get none.
scenario!(
    a_member_without_an_email_signs_in_and_no_empty_claim_is_sent,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await.body;
        assert!(userinfo.get("email").is_none(), "{userinfo}");
        for (claim, value) in userinfo.as_object().unwrap() {
            assert!(!value.is_null() && value != "" && value != "null", "{claim} is empty");
        }
    }
);
