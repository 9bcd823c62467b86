//! Everybody who must stay outside, each through a browser: the page in both languages, the reference code, the audit entry, no tokens.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Page, Portal, id},
    fixture::Fixture,
    scenario,
    signin::state_of,
};

/// The page must refuse with this number, and the trace behind its code must name the check that failed.
async fn is_refused(fixture: &Fixture, page: &Page, number: &str, check: &str) {
    assert!(
        (400..600).contains(&page.status),
        "let in: {} {:?}",
        page.url,
        page.location
    );
    assert!(page.location.is_none(), "redirected to {:?}", page.location);
    assert!(page.body.contains(number), "{number} is not on the page: {}", page.body);
    let event = fixture.admin().trace(&page.reference()).await;
    assert_eq!(event["number"], number, "{event}");
    let failed = event["detail"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["passed"] == false);
    assert_eq!(failed.unwrap()["check"], check, "{event}");
}

/// Whoever scans like this is refused, in either language, and has no session.
pub async fn refused_when_scanning(fixture: &Fixture, portal: &Portal, who: As<'_>, number: &str, check: &str) {
    for browser in [fixture.browser(), fixture.browser().in_chinese()] {
        let page = portal.sign_in(fixture, &browser, who).await;
        is_refused(fixture, &page, number, check).await;
        assert!(
            browser.cookie("menjin_session").is_none(),
            "a refused person has a session"
        );
    }
}

/// The same at the portal `wiki` of the sample corp, which it answers.
async fn refused_at_wiki(fixture: &Fixture, who: As<'_>, number: &str, check: &str) -> Portal {
    let portal = fixture.connected_portal().await;
    refused_when_scanning(fixture, &portal, who, number, check).await;
    portal
}

/// Someone who is let in, so that a refusal is not just a broken fixture.
async fn lets_in(fixture: &Fixture, portal: &Portal) {
    let page = portal
        .sign_in(fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    assert!(page.returned("code").is_some(), "{}", page.body);
}

scenario!(
    a_refusal_page_speaks_the_browsers_language,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let english = portal.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        assert!(
            english.body.contains("You are not a member of this company in WeCom."),
            "{}",
            english.body
        );
        assert!(english.body.contains("lang=\"en\""));
        let chinese = portal
            .sign_in(&fixture, &fixture.browser().in_chinese(), As::Outsider)
            .await;
        assert!(
            chinese.body.contains("您不是该企业的企业微信成员。"),
            "{}",
            chinese.body
        );
        assert!(chinese.body.contains("lang=\"zh-CN\""));
    }
);

// product.md §6: falling back to `openid` when `userid` is missing made outsiders users.
scenario!(
    an_outsider_with_an_openid_is_never_a_user,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let before = fixture.admin().items("users?limit=200").await.len();
        refused_when_scanning(&fixture, &portal, As::Outsider, "GT-106", "is_a_member").await;
        assert_eq!(fixture.admin().items("users?limit=200").await.len(), before);
        lets_in(&fixture, &portal).await;
    }
);

scenario!(a_member_of_a_linked_corp_is_refused, |fixture: Fixture| async move {
    refused_at_wiki(&fixture, As::Linked, "GT-107", "of_this_corp").await;
});

scenario!(
    a_member_outside_the_visible_scope_is_refused_though_wecom_returns_their_userid,
    |fixture: Fixture| async move {
        let who = As::Member(sample::OUT_OF_SCOPE);
        let portal = refused_at_wiki(&fixture, who, "GT-108", "in_visible_scope").await;
        lets_in(&fixture, &portal).await;
    }
);

scenario!(
    a_member_visible_only_by_tag_or_by_pick_is_let_in,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for userid in [sample::BY_TAG, sample::BY_PICK] {
            let page = portal.sign_in(&fixture, &fixture.browser(), As::Member(userid)).await;
            assert!(page.returned("code").is_some(), "{userid}: {}", page.body);
        }
    }
);

scenario!(a_disabled_member_is_refused, |fixture: Fixture| async move {
    refused_at_wiki(&fixture, As::Member(sample::DISABLED), "GT-109", "status_active").await;
});

scenario!(
    a_member_who_is_not_activated_is_refused,
    |fixture: Fixture| async move {
        refused_at_wiki(&fixture, As::Member(sample::INACTIVE), "GT-109", "status_active").await;
    }
);

scenario!(
    a_status_that_wecom_does_not_document_is_refused_and_not_called_disabled,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 3);
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-120", "status_known").await;
    }
);

scenario!(
    a_member_disabled_since_the_last_sync_is_refused_because_the_look_is_live,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-109", "status_active").await;
    }
);

scenario!(
    a_corp_id_that_differs_from_the_data_source_is_refused_and_both_sides_say_why,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "login_methods": [] })).await;
        let source_path = format!("data-sources/{}", id(&source));
        let scans = json!({ "login_methods": ["wecom_qr"] });
        fixture.admin().change(&source_path, scans).await;
        let foreign = json!({
            "name": "白石设计",
            "corp_id": sample::CORP2,
            "agent_id": sample::AGENT_ID2,
            "app_secret": sample::APP_SECRET2,
            "data_source_id": source["id"],
        });
        let foreign = fixture.admin().create("auth-sources", foreign).await;
        let only = json!({ "auth_sources": [foreign["id"]] });
        let portal = fixture.portal("wiki", only).await;
        let who = As::Member(sample::NAMESAKE);
        refused_when_scanning(&fixture, &portal, who, "GT-104", "corp_id_matches").await;
        for path in [format!("auth-sources/{}", id(&foreign)), source_path] {
            let shown = fixture.admin().get(&path).await;
            let problems = shown["problems"].as_array().unwrap();
            assert!(!problems.is_empty(), "{path} does not say why: {shown}");
        }
    }
);

scenario!(
    a_member_not_imported_under_skip_is_refused,
    |fixture: Fixture| async move {
        let local = json!({ "username": sample::NORMAL, "display_name": "Somebody else" });
        let local = fixture.admin().create("users", local).await;
        fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let portal = fixture.portal("wiki", json!({})).await;
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-110", "imported").await;
        let after = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(after["display_name"], "Somebody else");
    }
);

scenario!(
    a_portal_that_does_not_accept_the_auth_source_does_not_offer_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "auth_sources": [] })).await;
        let page = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("SI-105"), "{}", page.body);
    }
);

scenario!(
    a_portal_limited_to_a_department_refuses_the_others,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let departments = fixture.admin().items("departments?limit=200").await;
        let members = fixture.edit_corp(|corp| corp.member(sample::NORMAL).unwrap().departments.clone());
        let own: Vec<u32> = members.iter().map(|place| place.department).collect();
        let path = |item: &Value| item["path"].as_str().unwrap().to_owned();
        let inside: Vec<&Value> = departments
            .iter()
            .filter(|item| own.iter().any(|id| item["wecom_id"] == *id))
            .collect();
        let elsewhere = |item: &&Value| !inside.iter().any(|mine| path(mine).starts_with(&path(item)));
        let leaf = departments.iter().find(elsewhere).unwrap();
        let inside = inside[0];
        let open = fixture
            .portal("open", json!({ "allowed_departments": [inside["id"]] }))
            .await;
        lets_in(&fixture, &open).await;
        let closed = fixture
            .portal("closed", json!({ "allowed_departments": [leaf["id"]] }))
            .await;
        refused_when_scanning(
            &fixture,
            &closed,
            As::Member(sample::NORMAL),
            "GT-112",
            "portal_allows_person",
        )
        .await;
    }
);

scenario!(a_disabled_user_is_refused, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    fixture.admin().disable(sample::NORMAL).await;
    refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-111", "user_active").await;
});

scenario!(
    a_disabled_auth_source_data_source_or_portal_refuses,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let auth_source = format!("auth-sources/{}", id(&auth_source));
        let source = format!("data-sources/{}", id(&source));
        let portal = fixture.portal("wiki", json!({})).await;
        let client = format!("clients/{}", portal.id);
        let enabled = |on: bool| json!({ "enabled": on });
        // Switched off while the person stands at the QR page.
        for (resource, off, on, number, check) in [
            (
                &auth_source,
                enabled(false),
                enabled(true),
                "GT-102",
                "auth_source_enabled",
            ),
            (&source, enabled(false), enabled(true), "GT-105", "wecom_login_on"),
            (&client, enabled(false), enabled(true), "GT-101", "portal_enabled"),
            (
                &client,
                json!({ "auth_sources": [] }),
                json!({ "auth_sources": null }),
                "GT-103",
                "portal_accepts_auth_source",
            ),
        ] {
            let browser = fixture.browser();
            let shown = portal.to_qr_page(&browser).await;
            fixture.admin().change(resource, off).await;
            let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
            let page = browser.open(&callback).await;
            is_refused(&fixture, &page, number, check).await;
            fixture.admin().change(resource, on).await;
        }
        lets_in(&fixture, &portal).await;
    }
);

scenario!(while_wecom_is_down_nobody_new_gets_in, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
    fixture.break_wecom("/cgi-bin/user/get");
    let page = browser.open(&callback).await;
    is_refused(&fixture, &page, "GT-113", "membership_confirmed").await;
});

scenario!(
    who_declines_at_wecom_reads_a_plain_page,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let shown = portal.to_qr_page(&browser).await;
        let state = state_of(&shown.url);
        // The legacy page returns with the state alone when the person declines (reference 2.1).
        let page = browser
            .open(&format!("{}/wecom/callback?state={state}", fixture.base))
            .await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains("SI-104"), "{}", page.body);
    }
);
