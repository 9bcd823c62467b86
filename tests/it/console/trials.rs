//! A sign-in tried out from the console: the button, the page that waits, and what it shows in the end.

use serde_json::{Value, json};
use simulator::sample;

use super::{Colleague, at_work, in_both_languages, send};
use crate::{
    actors::{As, Page},
    fixture::Fixture,
    scenario,
};

/// Presses the button; the page that waits.
async fn tried(fixture: &Fixture, browser: &crate::actors::Browser) -> Page {
    let claims = browser
        .open(&format!("{}/console/portals/wiki/claims", fixture.base))
        .await;
    let confirm = claims.field("confirm");
    let page = browser
        .submit(&claims.link("/trials"), &[("confirm", confirm.as_str())])
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

fn path_of(fixture: &Fixture, page: &Page) -> String {
    page.url.strip_prefix(&fixture.base).unwrap().to_owned()
}

scenario!(
    a_trial_is_begun_and_watched_in_pages_without_script,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let browser = Colleague::hire(&fixture, "admin").await.browser(&fixture).await;
        let page = tried(&fixture, &browser).await;
        let address = page.link("/signin/trial/");
        assert!(address.starts_with(&fixture.base), "{address}");
        assert!(page.body.contains("Nobody has opened the address yet"), "{}", page.body);
        let token = address.rsplit('/').next().unwrap();
        let calls: Vec<&str> = page.body.split("curl -sS").skip(1).collect();
        assert!(!calls.is_empty());
        for call in calls {
            let call = call.split("</").next().unwrap();
            assert!(!call.contains(token), "the calls that were made hold no secret: {call}");
        }
        assert!(!page.url.contains(token), "{}", page.url);
        let watch = page.link("/trials/");
        for page in in_both_languages(&fixture, &browser, watch.strip_prefix(&fixture.base).unwrap()).await {
            assert!(page.body.contains("http-equiv=\"refresh\""), "{}", page.body);
            assert!(!page.body.contains(token), "it is shown once: {}", page.body);
        }

        let cookie = browser.cookie("menjin_session");
        let login = browser.open(&address).await;
        let last = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        assert_eq!(browser.cookie("menjin_session"), cookie);
        let shown = browser.open(&last.link("/console/portals/")).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        for said in [
            "The sign-in would work",
            "李华",
            "preferred_username",
            "WeCom confirms the membership",
        ] {
            assert!(shown.body.contains(said), "{said}: {}", shown.body);
        }
        assert!(!shown.body.contains("http-equiv=\"refresh\"") && !shown.body.contains("/signin/trial/"));
        assert_eq!(shown.body.matches("class=\"passed\"").count(), 22, "{}", shown.body);
        for page in in_both_languages(&fixture, &browser, &path_of(&fixture, &shown)).await {
            assert!(!page.body.contains(token), "{}", page.body);
        }
    }
);

scenario!(
    a_refused_trial_leads_to_its_trace_and_can_be_made_again,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let page = tried(&fixture, &browser).await;
        let elsewhere = fixture.browser();
        let login = elsewhere.open(&page.link("/signin/trial/")).await;
        let refused = fixture
            .phone()
            .sign_in_from(&elsewhere, &login, As::Member(sample::OUT_OF_SCOPE))
            .await;
        let shown = browser.open(&page.link("/trials/")).await;
        assert!(
            shown.body.contains("GT-108") && shown.body.contains("The sign-in would be refused"),
            "{}",
            shown.body
        );
        assert!(
            !shown.body.contains("/signin/trial/"),
            "of no use any more: {}",
            shown.body
        );
        let trace = browser.open(&shown.link("/console/refusals/")).await;
        assert!(trace.body.contains(&refused.reference()), "{}", trace.body);
        // The form stands behind the links to this page in the other language.
        let form = shown.body.rsplit("action=\"").next().unwrap();
        let action = format!("{}{}", fixture.base, form.split('"').next().unwrap());
        let again = [("confirm", shown.field("confirm"))];
        let again: Vec<(&str, &str)> = again.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let next = browser.submit(&action, &again).await;
        assert!(
            next.status == 200 && next.link("/trials/") != shown.url,
            "{}",
            next.body
        );
    }
);

scenario!(
    only_who_may_edit_a_portal_is_offered_a_trial,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({})).await;
        for role in ["auditor", "operator"] {
            let browser = at_work(&fixture, role).await;
            let page = browser
                .open(&format!("{}/console/portals/wiki/claims", fixture.base))
                .await;
            assert!(page.status == 200 && !page.body.contains("/trials"), "{}", page.body);
            let forced = send(&fixture, &browser, "/console/portals/wiki/trials", &[]).await;
            assert!(
                forced.status == 403 && forced.body.contains("CO-107"),
                "{}",
                forced.body
            );
        }
        assert_eq!(
            fixture.admin().items("audit-events?kind=trial.begun").await,
            [] as [Value; 0]
        );
        let admin = at_work(&fixture, "admin").await;
        let unknown = format!(
            "{}/console/portals/wiki/trials/0190aaaa-0000-7000-8000-00000000dead",
            fixture.base
        );
        let page = admin.open(&unknown).await;
        assert!(page.status == 404 && page.body.contains("AD-140"), "{}", page.body);
    }
);
