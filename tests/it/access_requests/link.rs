//! The approver's link: opening it decides nothing and uses nothing up; it needs an approver's session; after a day it says so, and what is still
//! possible.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{applied, asking, decide, imported, link, name_approver, notices, standing};
use crate::{
    actors::{As, Browser, Page, id},
    console::at_work,
    fixture::Fixture,
    scenario,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A browser in which this member signed in from the page of the link on, and the page it came back to.
pub async fn signed_in_from(fixture: &Fixture, address: &str, userid: &str) -> (Browser, Page) {
    let browser = fixture.browser();
    let page = browser.open(address).await;
    let login = browser.open(&page.link("/enter")).await;
    assert_eq!(login.status, 200, "{}", login.body);
    let back = fixture.phone().sign_in_from(&browser, &login, As::Member(userid)).await;
    (browser, back)
}

scenario!(
    a_link_opened_fifty_times_by_a_scanner_shows_nobody_and_uses_nothing_up,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        for number in 0..50 {
            let path = if number % 3 == 0 {
                format!("{address}/enter")
            } else {
                address.clone()
            };
            let page = fixture.browser().get(&path).await;
            assert!(page.status < 400, "{}", page.body);
            for secret in ["李华", sample::NORMAL, "维基"] {
                assert!(!page.body.contains(secret), "{secret}: {}", page.body);
            }
        }
        for act in ["approve", "refuse", "renew"] {
            let blind = fixture
                .browser()
                .post(&format!("{address}/{act}"), &[("confirm", "")])
                .await;
            assert!(
                blind.status == 200 && blind.body.contains("has decided nothing"),
                "{}",
                blind.body
            );
        }
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let (browser, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        assert!(page.status == 200 && page.body.contains("李华"), "{}", page.body);
        let unconfirmed = browser.submit(&format!("{address}/approve"), &[("confirm", "x")]).await;
        assert!(unconfirmed.body.contains("AR-114"), "{}", unconfirmed.body);
        let form = [
            ("confirm", page.field("confirm")),
            ("username", page.field("username")),
            ("portal", "wiki".to_owned()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let done = browser.submit(&format!("{address}/approve"), &form).await;
        assert!(done.status == 200 && done.body.contains("Approved by"), "{}", done.body);
        // Back, and once more: it is over.
        let again = browser.submit(&format!("{address}/approve"), &form).await;
        assert!(again.status == 409 && again.body.contains("AR-103"), "{}", again.body);
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["state"], &over["decided_by"]),
            (&json!("approved"), &json!(format!("user:{}", id(&approver))))
        );
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let stranger = fixture.browser().open(&address).await;
        assert!(stranger.body.contains("This request is over"), "{}", stranger.body);
    }
);

scenario!(
    only_named_approvers_and_operators_go_on_from_a_link,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        imported(&fixture, sample::BY_PICK).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let refused = |page: &Page| page.status == 403 && page.body.contains("AR-109") && !page.body.contains("李华");
        let auditor = at_work(&fixture, "auditor").await;
        let page = auditor.open(&address).await;
        assert!(refused(&page), "an auditor: {}", page.body);
        let page = auditor.submit(&format!("{address}/approve"), &[("confirm", "")]).await;
        assert!(refused(&page), "{}", page.body);
        name_approver(&fixture, &source, &approver).await;
        let (browser, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
        assert!(
            page.status == 200 && page.body.contains("李华"),
            "the approver: {}",
            page.body
        );
        // Who is not named does not even get a session by it, and names stay unknown to them.
        let (_, page) = signed_in_from(&fixture, &address, sample::BY_PICK).await;
        assert!(page.status == 403 && !page.body.contains("李华"), "{}", page.body);
        // A named approver has no powers at the console.
        let console = browser.open(&format!("{}/console", fixture.base)).await;
        assert_eq!(console.status, 403, "{}", console.body);
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": [] })).await;
        let page = browser.open(&address).await;
        assert!(refused(&page), "not any more: {}", page.body);
        assert_eq!(standing(&fixture, &request).await["state"], "open");
    }
);

scenario!(an_approver_who_is_out_decides_nothing, |fixture: Fixture| async move {
    let (source, portal) = asking(&fixture).await;
    let approver = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &approver).await;
    let (_, request) = applied(&fixture, &portal).await;
    let address = link(&fixture).await;
    let (browser, page) = signed_in_from(&fixture, &address, sample::ADMIN).await;
    let confirm = page.field("confirm");
    fixture.admin().disable(sample::ADMIN).await;
    let form = [("confirm", confirm.as_str()), ("username", sample::NORMAL)];
    browser.submit(&format!("{address}/approve"), &form).await;
    assert_eq!(standing(&fixture, &request).await["state"], "open");
});

scenario!(
    after_a_day_a_link_says_so_and_an_approver_makes_it_work_again,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        fixture.advance(DAY);
        let stranger = fixture.browser().open(&address).await;
        assert!(stranger.body.contains("This link has expired"), "{}", stranger.body);
        let approver = at_work(&fixture, "operator").await;
        let page = approver.open(&address).await;
        assert!(
            page.status == 200 && page.body.contains("The request itself still waits"),
            "{}",
            page.body
        );
        assert!(page.find_link("/console/requests/").is_some(), "{}", page.body);
        let confirm = page.field("confirm");
        let form = [("confirm", confirm.as_str()), ("username", sample::NORMAL)];
        let late = approver.submit(&format!("{address}/approve"), &form).await;
        assert!(late.status == 410 && late.body.contains("AR-105"), "{}", late.body);
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let page = approver
            .submit(&format!("{address}/renew"), &[("confirm", &confirm)])
            .await;
        assert!(page.body.contains("Let them in"), "{}", page.body);
        // Renewed once: a link that works stays as it is.
        approver
            .submit(&format!("{address}/renew"), &[("confirm", &confirm)])
            .await;
        let renewed = fixture.admin().items("audit-events?limit=200").await;
        let renewed = renewed
            .iter()
            .filter(|event| event["detail"]["action"] == "link renewed");
        assert_eq!(renewed.count(), 1);
        let done = approver
            .submit(&format!("{address}/refuse"), &[("confirm", &confirm)])
            .await;
        assert!(done.status == 200 && done.body.contains("Refused by"), "{}", done.body);
        assert_eq!(notices(&fixture, "access_refused").await.len(), 1);
    }
);

scenario!(
    what_an_approver_enters_wrongly_stands_on_the_page_again,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        let approver = at_work(&fixture, "operator").await;
        let confirm = approver.open(&address).await.field("confirm");
        for (username, until, number) in [
            ("li hua", "", "DI-101"),
            ("lihua", "2020-01-01", "AR-107"),
            ("lihua", "tomorrow", "AR-107"),
        ] {
            let form = [("confirm", confirm.as_str()), ("username", username), ("until", until)];
            let page = approver.submit(&format!("{address}/approve"), &form).await;
            assert!(
                page.status == 422 && page.body.contains(number),
                "{number}: {}",
                page.body
            );
            assert_eq!(page.field("username"), username, "nothing typed is lost");
        }
        let unknown = approver
            .open(&format!("{}/access-requests/{}", fixture.base, "x".repeat(43)))
            .await;
        assert!(
            unknown.status == 404 && unknown.body.contains("AR-104"),
            "{}",
            unknown.body
        );
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        // The same over the API where the link is lost.
        assert_eq!(decide(&fixture, &request, "refuse", json!({})).await.status, 200);
    }
);
