//! The console: connecting by clicks in both ways, what appears by itself, and disconnecting.

use serde_json::json;
use simulator::{Delivery, sample};

use super::{Scanner, agree, connected, install_by_phone, only, scan_at, suite, tick};
use crate::{
    actors::id,
    console::{at_work, in_both_languages, sent, shown},
    fixture::Fixture,
    scenario, suites,
};

/// The address that a page leads to by itself.
pub fn leads_to(body: &str) -> String {
    let refresh = body
        .split("content=\"0;url=")
        .nth(1)
        .unwrap_or_else(|| panic!("{body}"));
    refresh
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

scenario!(
    an_admin_connects_a_company_by_clicks_in_the_browser,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        suites::ticket(&fixture).await;
        in_both_languages(&fixture, &browser, "/console/installations").await;
        in_both_languages(&fixture, &browser, "/console/installations/new").await;
        let form = [("suite", id(&suite)), ("way", "browser"), ("import", "all")];
        let left = sent(&fixture, &browser, "/console/installations/new", &form).await;
        let back = agree(&fixture, &leads_to(&left.body), sample::CORP).await;
        let done = browser.open(&back).await;
        assert!(
            done.url.contains("/console/installations/invited/") && !done.url.contains("auth_code"),
            "{}",
            done.url
        );
        assert!(done.body.contains("青云科技"), "{}", done.body);
        tick(&fixture).await;
        let one = format!("/console/installations/{}", id(&only(&fixture).await));
        let [english, chinese] = in_both_languages(&fixture, &browser, &one).await;
        assert!(english.body.contains("authorised employees") && chinese.body.contains("名授权员工"));
        // Somebody else's return leads nowhere.
        let stranger = at_work(&fixture, "owner").await;
        let refused = stranger.open(&back).await;
        assert!(
            refused.status == 403 && refused.body.contains("IN-104"),
            "{}",
            refused.body
        );
    }
);

scenario!(
    an_install_by_phone_appears_by_itself_and_a_scan_connects_it,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let browser = at_work(&fixture, "admin").await;
        suites::ticket(&fixture).await;
        let form = [("suite", id(&suite)), ("way", "phone"), ("import", "chosen")];
        let page = sent(&fixture, &browser, "/console/installations/new", &form).await;
        assert!(page.body.contains("data:image/svg+xml;base64,"), "{}", page.body);
        assert!(page.url.contains("/console/installations/invited/"), "{}", page.url);
        let live = page
            .body
            .split("data-poll=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let own = live.strip_suffix("/live").unwrap().to_owned();
        assert!(!shown(&fixture, &browser, &live).await.body.contains("青云科技"));
        install_by_phone(&fixture).await;
        assert!(
            shown(&fixture, &browser, &live).await.body.contains("青云科技"),
            "for the script"
        );
        let [english, chinese] = in_both_languages(&fixture, &browser, &own).await;
        assert!(
            english
                .body
                .contains(&format!("http-equiv=\"refresh\" content=\"5;url={own}\"")),
            "without one"
        );
        assert!(chinese.body.contains("青云科技") && chinese.body.contains("我已安装"));
        let left = sent(&fixture, &browser, &format!("{own}/scan"), &[]).await;
        let back = scan_at(
            &fixture,
            &browser,
            &leads_to(&left.body),
            Scanner::Member(sample::CORP, sample::NORMAL),
        )
        .await;
        let done = browser.open(&back).await;
        assert!(
            done.url.contains(&own) && done.body.contains("青云科技"),
            "{}",
            done.body
        );
        assert_eq!(only(&fixture).await["status"], "bound");
    }
);

scenario!(
    the_page_of_disconnecting_waits_for_wecom_and_says_so,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let browser = at_work(&fixture, "operator").await;
        let page = format!("/console/installations/{}/disconnect", id(&bound));
        let live = format!("/console/installations/{}/live", id(&bound));
        let [english, chinese] = in_both_languages(&fixture, &browser, &page).await;
        assert!(english.body.contains("http-equiv=\"refresh\" content=\"5\""));
        assert!(chinese.body.contains("work.weixin.qq.com"));
        assert!(!shown(&fixture, &browser, &live).await.body.contains("class=\"answer\""));
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        assert!(
            shown(&fixture, &browser, &live).await.body.contains("class=\"answer\""),
            "for the script"
        );
        let [english, _] = in_both_languages(&fixture, &browser, &page).await;
        assert!(english.body.contains("Disconnected.") && !english.body.contains("http-equiv"));
        in_both_languages(&fixture, &browser, "/console/installations?status=cancelled").await;
    }
);

scenario!(whoever_may_only_read_connects_nothing, |fixture: Fixture| async move {
    let suite = suite(&fixture).await;
    let bound = connected(&fixture, &suite).await;
    let browser = at_work(&fixture, "auditor").await;
    let [page, _] = in_both_languages(&fixture, &browser, "/console/installations").await;
    assert!(!page.body.contains("/console/installations/new"));
    in_both_languages(&fixture, &browser, &format!("/console/installations/{}", id(&bound))).await;
    let form = [("suite", id(&suite)), ("way", "phone")];
    let refused = sent(&fixture, &browser, "/console/installations/new", &form).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let auditor = fixture.admin_with_role("auditor").await;
    let path = format!("installations/{}/check", id(&bound));
    assert_eq!(auditor.call("POST", &path, Some(json!({}))).await.refusal().0, 403);
});
