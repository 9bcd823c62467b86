//! Requests that nobody can decide any more are closed, with the reason, and say so.

use serde_json::json;
use simulator::sample;

use super::{applied, apply, asking, decide, link, notices, own_page, standing, tick};
use crate::{actors::id, console::at_work, fixture::Fixture, scenario};

scenario!(
    requests_close_when_their_company_takes_none_any_more,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let path = format!("data-sources/{}", id(&source));
        let operator = at_work(&fixture, "operator").await;
        for (off, because, said) in [
            (
                json!({ "access_requests": false }),
                "requests_off",
                "takes no requests any more",
            ),
            (json!({ "enabled": false }), "source_off", "was switched off"),
        ] {
            let told = notices(&fixture, "access_request_closed").await.len();
            let (_, request) = applied(&fixture, &portal).await;
            let address = link(&fixture).await;
            fixture.admin().change(&path, off).await;
            tick(&fixture).await;
            let over = standing(&fixture, &request).await;
            assert_eq!(
                (&over["state"], &over["closed_because"], &over["decided_by"]),
                (&json!("closed"), &json!(because), &json!("system"))
            );
            assert_eq!(notices(&fixture, "access_request_closed").await.len(), told + 1);
            let on = json!({ "access_requests": true, "enabled": true });
            fixture.admin().change(&path, on).await;
            let late = decide(&fixture, &request, "approve", json!({})).await;
            assert_eq!(late.refusal(), (409, "AR-103"), "closed for good: {}", late.body);
            let own = own_page(&fixture, &portal, &fixture.browser(), sample::NORMAL).await;
            assert!(own.body.contains("closed without a decision"), "{}", own.body);
            for page in [
                operator.open(&address).await,
                operator
                    .open(&format!("{}/console/requests/{}", fixture.base, id(&request)))
                    .await,
            ] {
                assert!(page.status == 200 && page.body.contains(said), "{said}: {}", page.body);
                assert!(!page.body.contains("Nobody decided in time"), "{}", page.body);
            }
        }
        let closed = fixture
            .admin()
            .items("audit-events?kind=access_request.closed&limit=200")
            .await;
        assert_eq!(closed.len(), 2, "{closed:?}");
    }
);

scenario!(
    who_left_did_not_wait_in_vain_for_a_decision,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let address = link(&fixture).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        fixture.sync(id(&source)).await;
        tick(&fixture).await;
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["state"], &over["closed_because"]),
            (&json!("closed"), &json!("person_left"))
        );
        let page = at_work(&fixture, "operator").await.open(&address).await;
        assert!(page.body.contains("The person left"), "{}", page.body);
        assert!(!page.body.contains("Nobody decided in time"), "{}", page.body);
        let expired = fixture.admin().items("audit-events?kind=access_request.expired").await;
        assert!(expired.is_empty(), "{expired:?}");
    }
);

scenario!(
    what_waits_when_a_company_is_removed_is_on_record_as_closed,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        apply(&fixture, &portal, &fixture.browser(), sample::NORMAL, "").await;
        let request = fixture.admin().items("access-requests").await.remove(0);
        let path = format!("data-sources/{}", id(&source));
        let gone = fixture.admin().call("DELETE", &path, None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        let closed = fixture.admin().items("audit-events?kind=access_request.closed").await;
        assert_eq!(closed.len(), 1, "{closed:?}");
        assert_eq!(closed[0]["subject"], format!("access_request:{}", id(&request)));
        assert_eq!(closed[0]["detail"]["cause"], "source_removed");
    }
);
