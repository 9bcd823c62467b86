//! Private fields by consent (docs/claims.md): inside WeCom somebody who lacks what a portal requires is offered to let WeCom give it, and
//! gets in whatever comes of that.

mod faults;
mod values;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{sample, world::ConsentRefusal};

use crate::{
    actors::{As, Browser, Page, Portal},
    claims::userinfo,
    fixture::Fixture,
    scenario,
};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

pub const BIZ_MAIL: &str = "hua@biz.example";
pub const MOBILE: &str = "13800001111";

/// 李华 has an address and a number in WeCom, of which no sync is shown anything.
pub fn has_values(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        let member = corp.member_mut(sample::NORMAL).unwrap();
        BIZ_MAIL.clone_into(&mut member.sensitive.biz_mail);
        MOBILE.clone_into(&mut member.sensitive.mobile);
    });
}

/// A portal `wiki` that requires these fields, and the corp connected. Answers the data source's row id as well.
pub async fn requiring(fixture: &Fixture, fields: &[&str]) -> (Portal, String) {
    has_values(fixture);
    let source = fixture.connect().await;
    let portal = fixture
        .portal("wiki", json!({ "metadata": { "required_fields": fields } }))
        .await;
    (portal, source["id"].as_str().unwrap().to_owned())
}

pub fn inside(fixture: &Fixture) -> Browser {
    fixture.browser().in_wecom_of(sample::NORMAL)
}

pub async fn begin(portal: &Portal, browser: &Browser) -> Page {
    let scope = [("scope", "openid profile email phone")];
    browser.open(&portal.authorize_url(&scope)).await
}

/// Whether this page offers to ask WeCom.
pub fn offers(page: &Page) -> bool {
    page.find_link("/signin/private-fields/").is_some()
}

/// Goes to WeCom's consent page and answers there; ends where the browser ends.
pub async fn answer_at_wecom(browser: &Browser, offer: &Page, answer: &str, fields: &[&str]) -> Page {
    assert!(offers(offer), "{} {}", offer.url, offer.body);
    let consent = browser.submit(&offer.link("/go"), &[]).await;
    let ticket = consent.field("ticket");
    let mut form = vec![("ticket", ticket.as_str()), ("answer", answer)];
    form.extend(fields.iter().map(|field| (*field, "on")));
    browser.submit(&consent.link("/connect/oauth2/consent"), &form).await
}

/// Signs in and agrees to these fields; the tokens.
pub async fn agree(portal: &Portal, browser: &Browser, fields: &[&str]) -> Value {
    let offer = begin(portal, browser).await;
    let page = answer_at_wecom(browser, &offer, "allow", fields).await;
    portal.tokens_from(&page).await
}

pub async fn user(fixture: &Fixture) -> Value {
    fixture.admin().user(sample::NORMAL).await
}

scenario!(
    what_a_person_agrees_to_is_told_to_the_portal_and_stays_through_emptier_syncs,
    |fixture: Fixture| async move {
        let (portal, source) = requiring(&fixture, &["email"]).await;
        assert!(user(&fixture).await["email"].is_null());
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        assert!(offer.body.contains("e-mail address"), "{}", offer.body);
        assert!(!offer.body.contains("mobile number"), "only what is needed");
        let page = answer_at_wecom(&browser, &offer, "allow", &["biz_mail", "mobile"]).await;
        let tokens = portal.tokens_from(&page).await;
        assert_eq!(userinfo(&portal, &tokens).await["email"], BIZ_MAIL);
        let known = user(&fixture).await;
        assert_eq!(known["email_verified"], false);
        assert!(known["phone_number"].is_null(), "what nobody asked for is not kept");
        let told = known["sources"]["email"].clone();
        assert_eq!(
            (&told["from"], &told["data_source_id"], &told["pinned"]),
            (&json!("consent"), &json!(source), &json!(false))
        );
        assert!(told["at"].is_i64(), "{told}");
        for _ in 0..2 {
            fixture.sync(&source).await;
            let after = user(&fixture).await;
            assert_eq!((&after["email"], &after["sources"]["email"]), (&json!(BIZ_MAIL), &told));
        }
        let again = begin(&portal, &browser).await;
        assert!(
            again.returned("code").is_some(),
            "nothing is missing any more: {}",
            again.body
        );
        let said = fixture.admin().items("audit-events?kind=consent_given").await;
        assert_eq!(said[0]["detail"], json!({ "private_fields": ["email"] }));
        assert!(!said[0].to_string().contains(BIZ_MAIL), "no value in the audit log");
    }
);

scenario!(
    who_declines_gets_in_and_is_not_asked_again_unless_they_want_to,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        // Somebody who reads first.
        fixture.advance(Duration::from_secs(20 * 60));
        let page = browser.submit(&offer.url, &[]).await;
        let tokens = portal.tokens_from(&page).await;
        assert!(userinfo(&portal, &tokens).await.get("email").is_none());
        for browser in [&browser, &inside(&fixture)] {
            let page = begin(&portal, browser).await;
            assert!(page.returned("code").is_some(), "asked again: {}", page.body);
        }
        let other = fixture
            .portal(
                "crm",
                json!({ "metadata": { "required_fields": ["email", "phone_number"] } }),
            )
            .await;
        let offer = begin(&other, &browser).await;
        assert!(
            offer.body.contains("mobile number") && !offer.body.contains("e-mail address"),
            "{}",
            offer.body
        );
        let page = answer_at_wecom(&browser, &offer, "deny", &[]).await;
        assert!(page.returned("code").is_some(), "declined at WeCom: {}", page.body);
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        assert!(account.body.contains("You declined"), "{}", account.body);
        let confirm = account.field("confirm");
        let form = [("confirm", confirm.as_str())];
        browser
            .submit(&account.link("/account/private-fields/ask-again"), &form)
            .await;
        let offer = begin(&other, &browser).await;
        assert!(
            offer.body.contains("mobile number") && offer.body.contains("e-mail address"),
            "{}",
            offer.body
        );
    }
);

scenario!(
    nobody_is_asked_outside_wecom_or_without_a_page,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        let outside = fixture.browser();
        let page = portal.sign_in(&fixture, &outside, As::Member(sample::NORMAL)).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let wechat = fixture.browser().in_wechat_of(sample::NORMAL);
        let page = begin(&portal, &wechat).await;
        assert!(page.returned("code").is_some(), "WeChat is not WeCom: {}", page.body);
        // Signed in, but stopped at the offer.
        let browser = inside(&fixture);
        assert!(offers(&begin(&portal, &browser).await));
        let silent = portal.authorize_silently(&browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
        let free = fixture.portal("free", json!({})).await;
        let page = begin(&free, &browser).await;
        assert!(page.returned("code").is_some(), "it requires nothing: {}", page.body);
    }
);

scenario!(
    an_offer_and_its_answer_count_once_and_only_in_the_browser_of_the_session,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        let stranger = fixture.browser();
        let go = offer.link("/go");
        for page in [
            stranger.get(&offer.url).await,
            stranger.post(&offer.url, &[]).await,
            stranger.post(&go, &[]).await,
        ] {
            let to = page.location.clone().unwrap_or_default();
            assert!(to.contains("/oauth2/authorize/resume"), "no dead end: {page:?}");
        }
        assert_eq!(browser.get(&go).await.status, 405, "nothing is noted for a mere look");
        assert!(offers(&browser.get(&offer.url).await), "the stranger declined nothing");
        let consent = browser.submit(&go, &[]).await;
        let ticket = consent.field("ticket");
        let form = [("ticket", ticket.as_str()), ("answer", "allow"), ("biz_mail", "on")];
        let back = browser.post(&consent.link("/connect/oauth2/consent"), &form).await;
        let callback = back.location.unwrap();
        assert!(callback.contains("/wecom/private-fields?"), "{callback}");
        let foreign = stranger.get(&callback).await;
        assert!(user(&fixture).await["email"].is_null(), "{foreign:?}");
        let before = fixture.wecom.calls("auth/getuserinfo");
        let tries = futures_util::future::join_all((0..100).map(|_| browser.get(&callback))).await;
        assert_eq!(fixture.wecom.calls("auth/getuserinfo") - before, 1, "exchanged once");
        for page in &tries {
            let resumed = page
                .location
                .as_deref()
                .is_some_and(|to| to.contains("/oauth2/authorize/resume"));
            let working = page.status == 200 && page.body.contains("One moment");
            assert!(resumed || working, "{page:?}");
        }
        assert_eq!(user(&fixture).await["email"], BIZ_MAIL);
        let page = browser.open(&callback).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let unknown = format!("{}/wecom/private-fields?code=x&state={}", fixture.base, "0".repeat(32));
        assert_eq!(browser.get(&unknown).await.status, 400);
    }
);

scenario!(
    a_degraded_scope_is_remembered_and_keeps_nobody_out,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        fixture
            .wecom
            .edit(|world| world.switches.private_info.refusal = ConsentRefusal::CodeWithoutTicket);
        let browser = inside(&fixture);
        let offer = begin(&portal, &browser).await;
        let page = answer_at_wecom(&browser, &offer, "deny", &[]).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let page = begin(&portal, &browser).await;
        assert!(page.returned("code").is_some(), "asked again: {}", page.body);
        let account = browser.open(&format!("{}/account", fixture.base)).await;
        assert!(account.body.contains("WeCom did not pass it on"), "{}", account.body);
        fixture.advance(MONTH - Duration::from_secs(60));
        assert!(!offers(&begin(&portal, &inside(&fixture)).await));
        fixture.advance(Duration::from_secs(61));
        let page = begin(&portal, &inside(&fixture)).await;
        assert!(offers(&page), "the corp may have ticked it since: {}", page.body);
    }
);

scenario!(
    who_never_comes_back_from_wecom_is_asked_after_a_day_and_then_after_a_month,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email"]).await;
        fixture
            .wecom
            .edit(|world| world.switches.private_info.refusal = ConsentRefusal::Stays);
        let day = Duration::from_secs(24 * 3600 + 1);
        for (time, last) in [(day, false), (MONTH, true)] {
            let browser = inside(&fixture);
            let offer = begin(&portal, &browser).await;
            assert!(
                offer
                    .body
                    .contains("If WeCom shows an error, open the application again"),
                "{}",
                offer.body
            );
            let stays = answer_at_wecom(&browser, &offer, "deny", &[]).await;
            assert!(
                stays.location.is_none() && stays.body.contains("Denied"),
                "{}",
                stays.body
            );
            let page = begin(&portal, &browser).await;
            assert!(page.returned("code").is_some(), "opened again: {}", page.body);
            if last {
                fixture.advance(day);
                let page = begin(&portal, &inside(&fixture)).await;
                assert!(page.returned("code").is_some(), "not every day: {}", page.body);
            }
            fixture.advance(time);
        }
        assert!(offers(&begin(&portal, &inside(&fixture)).await));
    }
);

scenario!(
    nobody_is_asked_for_what_the_request_would_not_tell_the_portal,
    |fixture: Fixture| async move {
        let (portal, _) = requiring(&fixture, &["email", "phone_number"]).await;
        let browser = inside(&fixture);
        let url = portal.authorize_url(&[("scope", "openid profile")]);
        let page = browser.open(&url).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let url = portal.authorize_url(&[("scope", "openid phone")]);
        let page = browser.open(&url).await;
        assert!(
            page.body.contains("mobile number") && !page.body.contains("e-mail address"),
            "{}",
            page.body
        );
        assert!(
            page.body.contains("other applications that may see it"),
            "{}",
            page.body
        );
    }
);

scenario!(
    what_a_portal_requires_is_a_field_that_wecom_fills,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        fixture.portal("wiki", json!({})).await;
        let shown = admin.get("clients/wiki").await;
        assert!(shown["metadata"].get("required_fields").is_none(), "none by default");
        for wrong in [
            json!(["locale"]),
            json!(["email", "email"]),
            json!(["mail"]),
            json!("email"),
        ] {
            let change = json!({ "metadata": { "required_fields": wrong } });
            let refused = admin.call("PATCH", "clients/wiki", Some(change)).await;
            assert!(matches!(refused.status, 400 | 422), "{wrong} {}", refused.body);
        }
        let fields = json!(["email", "profile.gender"]);
        let change = json!({ "metadata": { "required_fields": fields } });
        let shown = admin.change("clients/wiki", change).await;
        assert_eq!(shown["metadata"]["required_fields"], fields);
    }
);
