//! A doubt about who somebody is: they wait, or go on, until an admin decides (docs/identity.md).

use serde_json::{Value, json};
use simulator::sample;

use super::{Before, decide, open_findings, rename_person, scans_in_as};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

/// 李华 is signed in through an app that is given neither number nor address, and has another name in the same department.
async fn in_doubt(fixture: &Fixture, doubtful_identity: &str) -> Before {
    let source = fixture
        .connect_with(json!({ "contacts_secret": null, "doubtful_identity": doubtful_identity }))
        .await;
    let before = Before::of(fixture, source).await;
    rename_person(fixture, "欧阳华");
    let run = fixture.sync(id(&before.source)).await;
    assert_eq!(run["counts"]["doubtful"], 1, "{run}");
    before
}

scenario!(
    who_is_in_doubt_waits_and_goes_on_as_the_same_person_once_an_admin_says_so,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(
            page.body.contains("GT-117") && page.returned("code").is_none(),
            "{}",
            page.body
        );
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_none());
        // Nor is a token that was issued before good for anything.
        let issued = text(&before.tokens, "access_token");
        assert_eq!(before.portal.userinfo(issued).await.status, 401);
        assert_eq!(before.portal.introspect(issued).await["active"], false);
        let renewal = text(&before.tokens, "refresh_token");
        assert_eq!(before.portal.introspect(renewal).await["active"], false);
        let refused = before.portal.refresh(renewal).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"), "{}", refused.body);
        assert!(before.told.heard().is_empty(), "nothing ends while nobody has decided");
        let again = fixture.sync(id(&before.source)).await;
        assert_eq!(again["counts"]["doubtful"], 0, "one doubt, one finding: {again}");
        let findings = open_findings(&fixture).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(
            (
                &findings[0]["before"]["name"],
                &findings[0]["after"]["name"],
                &findings[0]["user_id"]
            ),
            (&json!("李华"), &json!("欧阳华"), &before.user["id"])
        );
        let decided = decide(&fixture, &findings[0], "same_person").await;
        assert_eq!(
            (&decided["state"], &decided["decided_by"].is_string()),
            (&json!("same_person"), &true)
        );
        assert_eq!(before.portal.refresh(renewal).await.status, 200, "nothing was used up");
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
        assert_eq!(scans_in_as(&fixture, &before.portal).await, id(&before.user));
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "欧阳华");
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
        let path = format!("identity-findings/{}/decide", id(&findings[0]));
        let twice = fixture
            .admin()
            .call("POST", &path, Some(json!({ "verdict": "somebody_else" })))
            .await;
        assert_eq!(twice.refusal(), (409, "DI-112"));
    }
);

scenario!(
    who_is_in_doubt_inherits_nothing_once_an_admin_says_that_it_is_somebody_else,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let finding = open_findings(&fixture).await.remove(0);
        let operator = fixture.admin_with_role("operator").await;
        let path = format!("identity-findings/{}/decide", id(&finding));
        let refused = operator
            .call("POST", &path, Some(json!({ "verdict": "somebody_else" })))
            .await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        decide(&fixture, &finding, "somebody_else").await;
        before.assert_out(&fixture).await;
        before.assert_newcomer_is_another(&fixture).await;
    }
);

scenario!(
    who_is_in_doubt_goes_on_where_the_data_source_says_so,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "continue").await;
        before.assert_still_in(&fixture).await;
        let issued = text(&before.tokens, "access_token");
        assert_eq!(before.portal.userinfo(issued).await.status, 200);
        // The setting counts at once, also for what was issued before.
        let path = format!("data-sources/{}", id(&before.source));
        for (setting, status) in [("wait", 401), ("continue", 200)] {
            let setting = json!({ "doubtful_identity": setting });
            fixture.admin().change(&path, setting).await;
            assert_eq!(before.portal.userinfo(issued).await.status, status);
        }
        assert_eq!(scans_in_as(&fixture, &before.portal).await, id(&before.user));
        assert_eq!(open_findings(&fixture).await.len(), 1);
        // What is held stays as it is, so that the doubt does not vanish by itself; WeCom showing it again settles it.
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
        rename_person(&fixture, "李华");
        fixture.sync(id(&before.source)).await;
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    }
);

scenario!(
    a_scan_that_puts_somebody_in_doubt_is_refused_with_the_number_that_says_so,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let before = Before::of(&fixture, source).await;
        rename_person(&fixture, "欧阳华");
        let page = before
            .portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-117"), "{}", page.body);
        assert_eq!(open_findings(&fixture).await.len(), 1);
        let silent = before.portal.authorize_silently(&before.browser).await;
        assert!(silent.returned("code").is_none());
    }
);

scenario!(
    a_doubt_about_an_owner_is_decided_by_no_admin,
    |fixture: Fixture| async move {
        let before = in_doubt(&fixture, "wait").await;
        let finding = open_findings(&fixture).await.remove(0);
        let user = format!("users/{}", id(&before.user));
        fixture.admin().change(&user, json!({ "console_role": "owner" })).await;
        let admin = fixture.admin_with_role("admin").await;
        let path = format!("identity-findings/{}/decide", id(&finding));
        for verdict in ["same_person", "somebody_else"] {
            let refused = admin.call("POST", &path, Some(json!({ "verdict": verdict }))).await;
            assert_eq!(refused.refusal(), (403, "DI-107"), "{verdict}: {}", refused.body);
        }
        assert_eq!(open_findings(&fixture).await.len(), 1, "nothing was decided");
        decide(&fixture, &finding, "same_person").await;
        assert_eq!(open_findings(&fixture).await, [] as [Value; 0]);
    }
);
