//! Taking a move back, and what is left once the company deletes the suite's app: before, during and after.

use std::time::Duration;

use serde_json::json;
use simulator::{Action, Delivery, sample, world::Member};

use super::{company, told};
use crate::{
    actors::{As, id, id_claims, text},
    console::{at_work, in_both_languages},
    fixture::Fixture,
    installations::tick,
    scenario,
};

/// The company deletes the suite's app in WeCom.
async fn delete_app(fixture: &Fixture) {
    fixture.advance(Duration::from_secs(2));
    fixture
        .wecom
        .uninstall(sample::CORP, sample::SUITE, Delivery::default())
        .await
        .unwrap();
    tick(fixture).await;
    tick(fixture).await;
}

scenario!(
    a_move_is_taken_back_and_everybody_is_who_they_were_at_the_suite,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = company.portal(&fixture, "wiki").await;
        let before = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let (people, source) = (company.people(&fixture).await, company.source(&fixture).await);
        let done = company.moved(&fixture).await;
        company.undone(&fixture, &done).await;
        let after = company.people(&fixture).await;
        for (userid, user) in people {
            assert_eq!(after.get(&userid), Some(&user), "{userid}");
        }
        let now = company.source(&fixture).await;
        assert_eq!(now["corp_id"], source["corp_id"], "{now}");
        let installation = fixture.admin().items("installations").await.remove(0);
        assert_eq!(installation["status"], "bound", "{installation}");
        let again = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(id_claims(&again)["sub"], id_claims(&before)["sub"]);
        assert!(fixture.wecom.calls("service/auth/getuserinfo3rd") > 1);
        let refreshed = portal.refresh(text(&before, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        // Once more, and there again.
        company.moved(&fixture).await;
        let there = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(id_claims(&there)["sub"], id_claims(&before)["sub"]);
    }
);

scenario!(
    what_was_known_by_the_companys_own_app_does_not_stay_and_who_joined_is_told,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let done = company.moved(&fixture).await;
        let path = format!("data-sources/{}", company.source);
        let secrets = json!({ "contacts_secret": sample::CONTACTS_SECRET });
        fixture.admin().change(&path, secrets).await;
        fixture
            .admin()
            .create(&format!("{path}/callbacks"), json!({ "owner": "contacts" }))
            .await;
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let shown = company.shown(&fixture, &done).await;
        assert!(shown["joined"].as_i64().unwrap() > 0, "{shown}");
        fixture.admin().change(&path, json!({ "read_by": "export" })).await;
        company.undone(&fixture, &done).await;
        let source = company.source(&fixture).await;
        assert_eq!(
            (&source["contacts_secret_set"], &source["read_by"]),
            (&json!(false), &json!("lists")),
            "{source}"
        );
        assert!(fixture.admin().items(&format!("{path}/callbacks")).await.is_empty());
        let normal = fixture.admin().user(&told(&fixture, sample::NORMAL)).await;
        assert_eq!(normal["status"], "active", "{normal}");
    }
);

scenario!(
    whoever_joined_and_is_known_to_the_suite_comes_along_on_the_way_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let done = company.moved(&fixture).await;
        fixture.edit_corp(|corp| {
            let like = corp.member(sample::NORMAL).unwrap().clone();
            corp.add_member(Member {
                userid: "newcomer".to_owned(),
                name: "赵六".to_owned(),
                serial: 0,
                ..like
            });
        });
        fixture.sync(&company.source).await;
        let user = company.people(&fixture).await["newcomer"].clone();
        assert!(user.is_string(), "{user}");
        let joined = fixture.admin().items(&company.at(&done, "/joined?limit=200")).await;
        let shown = company.shown(&fixture, &done).await;
        assert_eq!(shown["joined"], json!(joined.len()), "{joined:?}");
        let newcomer = joined.iter().find(|one| one["userid"] == "newcomer").unwrap();
        assert_eq!(
            (&newcomer["user_id"], &newcomer["name"]),
            (&user, &json!("赵六")),
            "{newcomer}"
        );
        let page = format!("/console/moves/{}/{}/joined", company.source, id(&done));
        for page in in_both_languages(&fixture, &at_work(&fixture, "auditor").await, &page).await {
            assert!(
                page.body.contains("newcomer") && page.body.contains("赵六"),
                "{}",
                page.body
            );
        }
        company.undone(&fixture, &done).await;
        let nobody = fixture.admin().items(&company.at(&done, "/joined")).await;
        assert!(nobody.is_empty(), "{nobody:?}");
        assert_eq!(company.people(&fixture).await[&told(&fixture, "newcomer")], user);
        let path = format!("users/{}", user.as_str().unwrap());
        assert_eq!(fixture.admin().get(&path).await["status"], "active");
    }
);

scenario!(
    a_company_that_deletes_the_suites_app_after_the_move_loses_nobody_and_cannot_go_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = company.portal(&fixture, "wiki").await;
        let done = company.moved(&fixture).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let people = company.people(&fixture).await;
        delete_app(&fixture).await;
        assert_eq!(company.people(&fixture).await, people);
        let source = company.source(&fixture).await;
        assert_eq!(
            (&source["enabled"], &source["disabled_reason"]),
            (&json!(true), &json!(null))
        );
        let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert!(fixture.admin().items("offboardings").await.is_empty());
        let installation = fixture.admin().items("installations").await.remove(0);
        assert_eq!(installation["status"], "cancelled", "{installation}");
        let over = company.shown(&fixture, &done).await;
        assert_eq!(over["state"], "final", "{over}");
        let undo = fixture.admin().call("POST", &company.at(&done, "/undo"), None).await;
        assert_eq!(undo.refusal(), (409, "MV-112"), "{}", undo.body);
        // The ids that the suite told are gone.
        assert!(fixture.admin().items(&company.at(&done, "/pairs")).await.is_empty());
        let left = crate::backends::number(
            fixture.database_url(),
            "SELECT COUNT(*) FROM member WHERE userid LIKE 'wo%' AND LENGTH(userid) > 20",
        )
        .await;
        assert_eq!(left, 0);
        assert_eq!(fixture.admin().items("wecom-apps").await.len(), 1);
    }
);

scenario!(
    a_company_that_deletes_the_suites_app_before_the_move_is_cancelled_and_the_move_dropped,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let paired = company.paired(&fixture).await;
        let ready = company.rehearsed(&fixture, &paired).await;
        delete_app(&fixture).await;
        let dropped = company.shown(&fixture, &ready).await;
        assert_eq!(dropped["state"], "dropped", "{dropped}");
        assert!(fixture.admin().items(&company.at(&ready, "/pairs")).await.is_empty());
        let refused = company.change(&fixture, &ready).await;
        assert_eq!(refused.refusal(), (409, "MV-111"), "{}", refused.body);
        let source = company.source(&fixture).await;
        assert_eq!(source["disabled_reason"], "installation_cancelled", "{source}");
    }
);

scenario!(
    an_undone_move_is_no_way_out_of_a_deletion,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = company.portal(&fixture, "wiki").await;
        let done = company.moved(&fixture).await;
        company.undone(&fixture, &done).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        delete_app(&fixture).await;
        portal.assert_ended(&tokens).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.status >= 400 && page.returned("code").is_none(), "{}", page.body);
    }
);

scenario!(
    an_admin_finishes_a_move_and_runs_of_before_are_not_taken_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let first = company.last_sync(&fixture).await;
        let done = company.moved(&fixture).await;
        let path = format!("sync-runs/{}/undo", id(&first));
        let refused = fixture.admin().call("POST", &path, None).await;
        assert_eq!(refused.refusal(), (409, "SY-165"), "{}", refused.body);
        let over = fixture.admin().create(&company.at(&done, "/finish"), json!({})).await;
        assert_eq!(over["state"], "final", "{over}");
        let undo = fixture.admin().call("POST", &company.at(&done, "/undo"), None).await;
        assert_eq!(undo.refusal(), (409, "MV-112"), "{}", undo.body);
        assert!(fixture.admin().items(&company.at(&done, "/pairs")).await.is_empty());
    }
);

scenario!(
    whoever_left_before_gives_an_id_up_that_is_anothers_in_the_new_app_and_gets_it_back,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        // Somebody who left, and whose row has the very id that another has in the company's own app.
        let gone = told(&fixture, sample::BY_PICK);
        let action = Action::Remove {
            userid: sample::BY_PICK.to_owned(),
        };
        fixture
            .wecom
            .act(sample::CORP, action, Delivery::default())
            .await
            .unwrap();
        fixture.wait_for_background_work().await;
        fixture.sync(&company.source).await;
        let rename = format!(
            "UPDATE member SET userid = '{0}', userid_key = '{0}' WHERE userid = '{gone}'",
            sample::NORMAL
        );
        crate::backends::execute(fixture.database_url(), &rename).await;
        let held = format!("SELECT COUNT(*) FROM member WHERE userid_key = '{}'", sample::NORMAL);
        let done = company.moved(&fixture).await;
        assert!(company.people(&fixture).await.contains_key(sample::NORMAL));
        assert_eq!(crate::backends::number(fixture.database_url(), &held).await, 1);
        company.undone(&fixture, &done).await;
        assert!(
            company
                .people(&fixture)
                .await
                .contains_key(&told(&fixture, sample::NORMAL))
        );
        let departed = format!("{held} AND state = 'departed'");
        assert_eq!(crate::backends::number(fixture.database_url(), &departed).await, 1);
    }
);
