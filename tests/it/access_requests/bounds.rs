//! Bounds against floods, and what ends by itself.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{applied, apply, asking, decide, imported, notices, own_page, path, send, standing, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

scenario!(
    a_member_asks_three_times_in_a_day_and_no_more,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        for round in 0..3 {
            let (_, request) = applied(&fixture, &portal).await;
            let refused = decide(&fixture, &request, "refuse", json!({})).await;
            assert_eq!(refused.status, 200, "{round}: {}", refused.body);
        }
        let browser = fixture.browser();
        let form = own_page(&fixture, &portal, &browser, sample::NORMAL).await;
        let fourth = send(&browser, &form, "please").await;
        assert!(
            fourth.status == 429 && fourth.body.contains("AR-112"),
            "{}",
            fourth.body
        );
        assert!(
            fourth.body.contains(">please</textarea>"),
            "nothing typed is lost: {}",
            fourth.body
        );
        assert_eq!(fixture.admin().items("access-requests?state=open").await.len(), 0);
        // Somebody else may.
        apply(&fixture, &portal, &fixture.browser(), sample::ADMIN, "").await;
        fixture.advance(DAY);
        apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "").await;
    }
);

scenario!(
    a_request_that_nobody_decides_is_over_after_a_week,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        fixture.advance(7 * DAY - Duration::from_secs(1));
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["state"], &over["decided_by"]),
            (&json!("expired"), &json!("system"))
        );
        tick(&fixture).await;
        let told = notices(&fixture, "access_request_expired").await;
        assert_eq!(told.len(), 1, "told once: {told:?}");
        let late = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(late.refusal(), (409, "AR-103"), "{}", late.body);
        let page = own_page(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
        assert!(page.body.contains("Nobody decided in time"), "{}", page.body);
        applied(&fixture, &portal).await;
        // What is over is kept for ninety days.
        fixture.advance(90 * DAY);
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "expired");
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        let gone = fixture.admin().call("GET", &path(&request, ""), None).await;
        assert_eq!(gone.status, 404, "{}", gone.body);
    }
);

scenario!(
    a_request_is_overtaken_by_an_import_and_its_member_is_told,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let user = imported(&fixture, sample::NORMAL).await;
        let late = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(late.refusal(), (409, "AR-106"), "{}", late.body);
        tick(&fixture).await;
        let over = standing(&fixture, &request).await;
        assert_eq!((&over["state"], &over["user_id"]), (&json!("overtaken"), &user["id"]));
        assert_eq!(notices(&fixture, "access_overtaken").await.len(), 1);
        assert_eq!(
            notices(&fixture, "access_approved").await.len(),
            0,
            "nobody approved anything"
        );
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    access_that_was_given_until_a_date_ends_by_that_date,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let past = json!({ "access_until": fixture.clock.now().millis() });
        let refused = decide(&fixture, &request, "approve", past).await;
        assert_eq!(refused.refusal(), (422, "AR-107"), "{}", refused.body);
        let until = fixture.clock.now().millis() + 30 * 24 * 3_600_000;
        let approved = decide(&fixture, &request, "approve", json!({ "access_until": until })).await;
        assert_eq!(
            (approved.status, &approved.body["access_until"]),
            (200, &json!(until)),
            "{}",
            approved.body
        );
        let told = notices(&fixture, "access_approved").await.remove(0);
        assert_eq!(told.facts["until"], "2026-02-04 16:00 (UTC+8)");
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.advance(30 * DAY);
        let info = portal.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(info.status, 401, "at the date, before any job: {}", info.body);
        tick(&fixture).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            (&user["status"], &user["disabled_reason"]),
            (&json!("disabled"), &json!("access_ended"))
        );
        let reports = fixture.admin().items("offboardings").await;
        assert_eq!((reports.len(), &reports[0]["reason"]), (1, &json!("access_ended")));
    }
);

scenario!(
    a_request_goes_with_its_company_and_a_portal_that_goes_leaves_it,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let gone = fixture.admin().call("DELETE", "clients/wiki", None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        assert_eq!(standing(&fixture, &request).await["client_id"], json!(null));
        let path = format!("data-sources/{}", id(&source));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(fixture.admin().items("access-requests").await.len(), 0);
    }
);
