//! One company in two modes: connected by a suite and by an app of its own. Where WeCom tells plain ids, the same ids stand on both sides and never meet.

use serde_json::json;
use simulator::sample;

use super::{auth_source_of, company_in, portal_of};
use crate::{
    actors::{As, id, id_claims, text},
    fixture::Fixture,
    scenario,
    signin::in_app_callback,
};

scenario!(
    the_same_userid_at_the_suite_and_at_the_companys_own_app_is_two_people,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| {
            world.switches.suites.encrypted_corpids = false;
            world.switches.suites.encrypted_userids = false;
        })
        .await;
        let own = fixture.connect().await;
        let of_suite = fixture.admin().get(&format!("data-sources/{}", company.source)).await;
        assert_eq!(
            (&own["corp_id"], &of_suite["corp_id"]),
            (&json!(sample::CORP), &json!(sample::CORP))
        );
        let at_suite = portal_of(&fixture, &company).await;
        let mine = auth_source_of(&fixture, id(&own)).await;
        let at_own = fixture.portal("own", json!({ "auth_sources": [mine["id"]] })).await;
        let first = at_suite.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let second = at_own.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_ne!(id_claims(&first)["sub"], id_claims(&second)["sub"]);
        // Whoever leaves the suite's scope stays where they are with the company's own app.
        let user = id_claims(&first)["sub"].as_str().unwrap().to_owned();
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "status": "disabled" }))
            .await;
        at_suite.assert_ended(&first).await;
        let page = at_own
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        // The audit log tells the two apart as well.
        let page = at_suite
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.status >= 400, "{}", page.body);
        let refused = fixture.admin().items("audit-events?kind=refused").await;
        let of_suite_here = format!(
            "member:{}/{}/{}",
            sample::CORP,
            text(&of_suite, "suite_id"),
            sample::NORMAL
        );
        assert_eq!(refused[0]["actor"], of_suite_here, "{refused:?}");
        for (user, met) in [(&first, 1), (&second, 0)] {
            let of_user = format!("refusals?user_id={}", id_claims(user)["sub"].as_str().unwrap());
            assert_eq!(fixture.admin().items(&of_user).await.len(), met, "{of_user}");
        }
        for source in [id(&own), &company.source] {
            let run = fixture.sync(source).await;
            assert_eq!(run["state"], "succeeded", "{run}");
        }
    }
);

scenario!(
    an_auth_source_of_the_suite_does_not_lead_into_the_directory_of_the_companys_own_app,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| {
            world.switches.suites.encrypted_corpids = false;
            world.switches.suites.encrypted_userids = false;
        })
        .await;
        let own = fixture.connect().await;
        let portal = portal_of(&fixture, &company).await;
        let auth_source = auth_source_of(&fixture, &company.source).await;
        let path = format!("auth-sources/{}", id(&auth_source));
        for other in [json!(id(&own)), json!(null)] {
            let change = json!({ "data_source_id": other });
            let changed = fixture.admin().change(&path, change).await;
            let problems = changed["problems"].to_string();
            assert!(problems.contains("GT-104"), "{changed}");
            let page = portal
                .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
                .await;
            assert!(page.body.contains("GT-104"), "{other}: {}", page.body);
        }
    }
);

scenario!(
    an_app_of_a_suite_is_not_entered_by_hand,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| {
            world.switches.suites.encrypted_corpids = false;
        })
        .await;
        let auth_source = auth_source_of(&fixture, &company.source).await;
        let body = json!({
            "name": "again", "corp_id": text(&auth_source, "corp_id"), "agent_id": auth_source["agent_id"],
            "app_secret": "entered-by-hand", "save_anyway": true,
        });
        let reply = fixture.admin().call("POST", "auth-sources", Some(body)).await;
        assert_eq!(reply.refusal(), (422, "DI-101"));
        let path = format!("auth-sources/{}", id(&auth_source));
        fixture.admin().change(&path, json!({ "name": "another name" })).await;
        let reply = fixture
            .admin()
            .call(
                "PATCH",
                &path,
                Some(json!({ "app_secret": "entered-by-hand", "save_anyway": true })),
            )
            .await;
        assert_eq!(reply.refusal(), (422, "DI-101"));
    }
);

// A secret of the company's own would read plain ids and names into the directory of ids.
scenario!(
    a_data_source_of_a_suite_takes_no_credential_of_the_companys_own,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| world.switches.suites.encrypted_corpids = false).await;
        let path = format!("data-sources/{}", company.source);
        let own = json!({ "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET });
        for entered in [
            json!({ "app": own }),
            json!({ "app": null }),
            json!({ "contacts_secret": sample::CONTACTS_SECRET }),
            json!({ "contacts_secret": null }),
            json!({ "customer_secret": sample::CUSTOMER_SECRET }),
            json!({ "customer_secret": null }),
            json!({ "corp_id": sample::CORP2 }),
        ] {
            let reply = fixture.admin().call("PATCH", &path, Some(entered.clone())).await;
            assert_eq!(reply.refusal(), (422, "DI-251"), "{entered}: {}", reply.body);
        }
        fixture
            .admin()
            .change(&path, json!({ "name": "another name", "corp_id": sample::CORP }))
            .await;
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);

scenario!(
    credentials_of_the_companys_own_can_be_tried_beside_the_suite,
    |fixture: Fixture| async move {
        company_in(&fixture, |world| world.switches.suites.encrypted_corpids = false).await;
        let entered = json!({
            "corp_id": sample::CORP, "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
        });
        let reply = fixture.admin().call("POST", "data-sources/check", Some(entered)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
);

scenario!(
    a_sign_in_at_the_suite_is_confirmed_by_the_id_and_not_by_the_name_that_the_own_app_knows,
    |fixture: Fixture| async move {
        let company = company_in(&fixture, |world| {
            world.switches.suites.encrypted_corpids = false;
            world.switches.suites.encrypted_userids = false;
        })
        .await;
        fixture.connect().await;
        let portal = portal_of(&fixture, &company).await;
        let callback = in_app_callback(&fixture, &portal).await;
        let question = fixture.browser().open(&callback).await;
        assert_eq!(question.status, 200, "{}", question.body);
        assert!(
            question.body.contains(sample::NORMAL) && !question.body.contains("李华"),
            "{}",
            question.body
        );
    }
);
