//! Ways to a request and from it: after a browser switch, to the portal that was opened, out of the list of conflicts; and several portals at once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::{sample, world::Member};

use super::{applied, apply, asking, decide, imported, notices, send, standing};
use crate::{actors::id, fixture::Fixture, scenario, signin::in_app_callback};

// The WeCom desktop client hands the sign-in to another browser: there the person can ask, once they said that it is them.
scenario!(
    whoever_is_refused_after_a_browser_switch_asks_in_the_browser_they_ended_in,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let callback = in_app_callback(&fixture, &portal).await;
        let other = fixture.browser();
        let question = other.open(&callback).await;
        assert!(
            question.status == 200 && question.body.contains(sample::NORMAL),
            "{}",
            question.body
        );
        assert!(question.find_link("/access-request/").is_none(), "{}", question.body);
        let refused = other.submit(&question.action("/signin/confirm/"), &[]).await;
        assert!(
            refused.status == 403 && refused.body.contains("GT-110"),
            "{}",
            refused.body
        );
        let own = refused.link("/access-request/");
        let stranger = fixture.browser().open(&own).await;
        assert!(stranger.body.contains("AR-101"), "{}", stranger.body);
        let form = other.open(&own).await;
        let page = send(&other, &form, "").await;
        assert!(page.body.contains("waiting for a decision"), "{}", page.body);
        let open = fixture.admin().items("access-requests?state=open").await;
        assert_eq!(
            (open.len(), &open[0]["userid"], &open[0]["mode"]),
            (1, &json!(sample::NORMAL), &json!("in_app"))
        );
        // Where nobody may ask, the refusal comes at once.
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "access_requests": false })).await;
        let callback = in_app_callback(&fixture, &portal).await;
        let page = fixture.browser().open(&callback).await;
        assert!(page.status == 403 && page.body.contains("GT-110"), "{}", page.body);
        assert!(page.find_link("/access-request/").is_none(), "{}", page.body);
    }
);

scenario!(
    the_word_of_an_approval_leads_to_the_portal_that_was_opened_and_to_no_other,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let other = json!({ "metadata": { "client_uri": "https://vault.example/home" } });
        let other = fixture.portal("vault", other).await;
        let (_, request) = applied(&fixture, &portal).await;
        let enter = async |name: &str| {
            let at = format!("{}/access-request/enter/{name}", fixture.base);
            let page = fixture.browser().get(&at).await;
            assert_eq!(page.status, 303, "{}", page.body);
            page.location.unwrap()
        };
        let vault = fixture.admin().get("clients/vault").await;
        let start = enter("x").await;
        for name in [id(&vault), id(&request), "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(enter(name).await, start, "{name} opens nothing");
        }
        let portals = json!({ "portals": ["vault"] });
        let approved = decide(&fixture, &request, "approve", portals).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        let told = notices(&fixture, "access_approved").await.pop().unwrap();
        let path = told.path.unwrap();
        assert_eq!(path, format!("/access-request/enter/{}", id(&request)));
        assert_eq!(enter(id(&request)).await, "https://vault.example/home");
        assert_eq!(enter(id(&vault)).await, start);
        other.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);

scenario!(
    who_was_approved_is_no_conflict_and_keeps_the_name_through_syncs,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let named = json!({ "username": "li.hua" });
        let approved = decide(&fixture, &request, "approve", named).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        for decision in ["renamed", "open"] {
            let listed = fixture.admin().items(&format!("conflicts?decision={decision}")).await;
            assert!(listed.is_empty(), "{decision}: {listed:?}");
        }
        fixture.sync(id(&source)).await;
        assert_eq!(fixture.admin().user("li.hua").await["id"], approved.body["user_id"]);
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let imported = events.iter().filter(|event| event["detail"]["action"] == "imported");
        assert_eq!(imported.count(), 1, "{events:?}");
    }
);

scenario!(
    approvals_that_name_the_same_portals_in_another_order_all_come_through,
    |fixture: Fixture| async move {
        let (source, _) = asking(&fixture).await;
        let boss = imported(&fixture, sample::BY_PICK).await;
        let names = ["one", "two", "three", "four"];
        let mut portals = Vec::new();
        for name in names {
            portals.push(fixture.portal(name, json!({ "allowed_users": [id(&boss)] })).await);
        }
        let people: Vec<String> = (0..10).map(|number| format!("newcomer{number}")).collect();
        for userid in &people {
            fixture.edit_corp(|corp| corp.add_member(Member::new(userid, &format!("新人{userid}"), &[4])));
        }
        fixture.advance(Duration::from_secs(3600));
        fixture.sync(id(&source)).await;
        for userid in &people {
            apply(&fixture, &portals[0], &fixture.browser(), userid, "").await;
        }
        let requests = fixture.admin().items("access-requests?state=open").await;
        assert_eq!(requests.len(), people.len());
        let backwards: Vec<&str> = names.into_iter().rev().collect();
        let decisions = requests.iter().enumerate().map(|(number, request)| {
            let chosen = if number % 2 == 0 {
                names.to_vec()
            } else {
                backwards.clone()
            };
            let (fixture, body) = (&fixture, json!({ "portals": chosen }));
            async move { decide(fixture, request, "approve", body).await }
        });
        for decided in join_all(decisions).await {
            assert_eq!(decided.status, 200, "{}", decided.body);
        }
        for request in &requests {
            assert_eq!(standing(&fixture, request).await["state"], "approved");
        }
        for name in names {
            let held = fixture.admin().get(&format!("clients/{name}")).await;
            assert_eq!(held["allowed_users"].as_array().unwrap().len(), people.len() + 1);
        }
    }
);
