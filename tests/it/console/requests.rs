//! *Who asks to come in?*: the list, one request with its decision, and who may ask and decide.

use serde_json::json;
use simulator::sample;

use super::{at_work, in_both_languages, send, shown};
use crate::{
    access_requests::{applied, asking, imported, standing},
    actors::id,
    fixture::Fixture,
    scenario,
};

scenario!(
    a_request_is_found_and_approved_by_clicking,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        for page in in_both_languages(&fixture, &operator, "/console/requests").await {
            assert!(
                page.body.contains("李华") && page.body.contains("维基 Wiki"),
                "{}",
                page.body
            );
        }
        // It is told where everybody begins, and beside the menu of every page.
        let [overview, _] = in_both_languages(&fixture, &operator, "/console").await;
        assert!(overview.body.contains("ask to be let in: 1"), "{}", overview.body);
        let waits = "Requests <span class=\"count\">1";
        let [elsewhere, _] = in_both_languages(&fixture, &operator, "/console/portals").await;
        assert!(elsewhere.body.contains(waits), "{}", elsewhere.body);
        let here = format!("/console/requests/{}", id(&request));
        in_both_languages(&fixture, &operator, &here).await;
        let page = shown(&fixture, &operator, &here).await;
        let version = page.field("version");
        let wrong = [
            ("username", "li hua"),
            ("version", version.as_str()),
            ("portal", "wiki"),
        ];
        let page = send(&fixture, &operator, &format!("{here}/approve"), &wrong).await;
        assert!(page.status == 422 && page.body.contains("DI-101"), "{}", page.body);
        assert_eq!(page.field("username"), "li hua", "nothing typed is lost");
        let right = [
            ("username", "li.hua"),
            ("version", version.as_str()),
            ("portal", "wiki"),
            ("until", "2027-01-01"),
        ];
        let page = send(&fixture, &operator, &format!("{here}/approve"), &right).await;
        assert!(page.status == 200 && page.body.contains("Approved"), "{}", page.body);
        let [elsewhere, _] = in_both_languages(&fixture, &operator, "/console/portals").await;
        assert!(!elsewhere.body.contains(waits), "{}", elsewhere.body);
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["state"], &over["username"], &over["portals"]),
            (&json!("approved"), &json!("li.hua"), &json!(["wiki"]))
        );
        let late = send(&fixture, &operator, &format!("{here}/refuse"), &[("version", &version)]).await;
        assert!(late.status == 409 && late.body.contains("AR-103"), "{}", late.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        for page in in_both_languages(&fixture, &operator, "/console/requests?state=any").await {
            assert!(page.body.contains("李华"), "{}", page.body);
        }
        let user = over["user_id"].as_str().unwrap();
        let person = shown(&fixture, &operator, &format!("/console/people/{user}")).await;
        let source = request["data_source_id"].as_str().unwrap();
        let theirs = format!(
            "/console/requests?state=any&amp;data_source={source}&amp;userid={}",
            sample::NORMAL
        );
        assert!(person.body.contains(&theirs), "{}", person.body);
        let page = shown(&fixture, &operator, &theirs.replace("&amp;", "&")).await;
        assert!(page.body.contains(&here), "{}", page.body);
    }
);

scenario!(
    an_auditor_reads_requests_and_decides_none,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let auditor = at_work(&fixture, "auditor").await;
        let here = format!("/console/requests/{}", id(&request));
        let page = shown(&fixture, &auditor, &here).await;
        assert!(!page.body.contains("name=\"username\""), "{}", page.body);
        for act in ["approve", "refuse"] {
            let page = send(&fixture, &auditor, &format!("{here}/{act}"), &[]).await;
            assert_eq!(page.status, 403, "{}", page.body);
        }
        assert_eq!(standing(&fixture, &request).await["state"], "open");
    }
);

scenario!(
    a_request_is_refused_by_clicking_for_a_reason_of_several_lines,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        let here = format!("/console/requests/{}", id(&request));
        let version = shown(&fixture, &operator, &here).await.field("version");
        let form = [
            ("version", version.as_str()),
            ("reason", "先问人事\r\nThen ask again"),
            ("show_reason", "1"),
        ];
        let page = send(&fixture, &operator, &format!("{here}/refuse"), &form).await;
        assert!(page.status == 200 && page.body.contains("Refused"), "{}", page.body);
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["refusal_reason"], &over["reason_shown"]),
            (&json!("先问人事\nThen ask again"), &json!(true))
        );
    }
);

scenario!(
    who_may_ask_and_decide_is_set_by_clicking,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "import": "chosen" })).await;
        let user = imported(&fixture, sample::ADMIN).await;
        let admin = at_work(&fixture, "admin").await;
        let here = format!("/console/requests/settings/{}", id(&source));
        in_both_languages(&fixture, &admin, &here).await;
        send(&fixture, &admin, &here, &[("act", "switch")]).await;
        let nobody = send(&fixture, &admin, &here, &[("act", "add"), ("username", "nobody")]).await;
        assert!(
            nobody.status == 422 && nobody.body.contains("no user of exactly this name"),
            "{}",
            nobody.body
        );
        let page = send(&fixture, &admin, &here, &[("act", "add"), ("username", sample::ADMIN)]).await;
        assert!(page.body.contains("张三"), "{}", page.body);
        let path = format!("data-sources/{}", id(&source));
        let held = fixture.admin().get(&path).await;
        assert_eq!(
            (&held["access_requests"], &held["approvers"]),
            (&json!(true), &json!([id(&user)]))
        );
        let gone = format!("{here}/approvers/{}", id(&user));
        for page in in_both_languages(&fixture, &admin, &gone).await {
            assert!(page.body.contains("张三"), "{}", page.body);
        }
        assert_eq!(
            fixture.admin().get(&path).await["approvers"],
            json!([id(&user)]),
            "asked only"
        );
        send(&fixture, &admin, &gone, &[]).await;
        assert_eq!(fixture.admin().get(&path).await["approvers"], json!([]));
        let operator = at_work(&fixture, "operator").await;
        let refused = send(&fixture, &operator, &here, &[("act", "switch")]).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
    }
);

scenario!(
    companies_whose_requests_reach_nobody_are_named_above_the_list,
    |fixture: Fixture| async move {
        let (source, _) = asking(&fixture).await;
        let operator = at_work(&fixture, "operator").await;
        let settings = format!("/console/requests/settings/{}", id(&source));
        for path in ["/console/requests", settings.as_str()] {
            for page in in_both_languages(&fixture, &operator, path).await {
                assert!(page.body.contains("DR-216"), "{}", page.body);
            }
        }
        let channel = json!({ "kind": "webhook", "name": "hook", "url": "https://hook.example/x" });
        let channel = fixture.admin().create("notice-channels", channel).await;
        let told = json!({ "channel_id": id(&channel), "topics": ["access_requested"] });
        fixture.admin().create("notice-subscriptions", told).await;
        fixture.advance(std::time::Duration::from_secs(6));
        for path in ["/console/requests", settings.as_str()] {
            let page = shown(&fixture, &operator, path).await;
            assert!(!page.body.contains("DR-216"), "{}", page.body);
        }
    }
);
