//! A corp that goes as a whole: its data source is removed, or it cancelled the installation of the app.

use serde_json::{Value, json};
use simulator::sample;

use super::{Secrets, connect};
use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, claims, id, id_claims, text},
    back_channel_logout::listening,
    fixture::Fixture,
    scenario,
};

/// Two people of the corp who are signed in at a portal that listens.
async fn two_people(fixture: &Fixture, portal: &Portal) -> Vec<(Browser, Value)> {
    let mut people = Vec::new();
    for userid in [sample::NORMAL, "zhaoliu"] {
        let browser = fixture.browser();
        let tokens = portal.tokens(fixture, &browser, userid).await;
        people.push((browser, tokens));
    }
    people
}

/// They are out on this replica, the portal heard of each, and each has a report with this reason.
async fn are_out(
    fixture: &Fixture,
    (portal, receiver): (&Portal, &LogoutReceiver),
    people: &[(Browser, Value)],
    reason: &str,
) {
    for (browser, tokens) in people {
        portal.assert_ended(tokens).await;
        portal.assert_signed_out(browser).await;
        let sid = id_claims(tokens)["sid"].clone();
        let told = receiver
            .tokens()
            .iter()
            .filter(|token| claims(token)["sid"] == sid)
            .count();
        assert_eq!(told, 1, "{reason}");
        let sub = id_claims(tokens)["sub"].clone();
        let user = fixture.admin().get(&format!("users/{}", sub.as_str().unwrap())).await;
        assert_eq!(
            (&user["status"], &user["disabled_reason"]),
            (&json!("disabled"), &json!(reason))
        );
        let reports = fixture
            .admin()
            .items(&format!("offboardings?user_id={}", sub.as_str().unwrap()))
            .await;
        assert_eq!(reports.len(), 1, "{reports:?}");
        assert_eq!(
            (&reports[0]["reason"], &reports[0]["portal_counts"]["told"]),
            (&json!(reason), &json!(1))
        );
    }
}

scenario!(
    a_data_source_that_is_removed_ends_each_person_with_a_report,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let people = two_people(&fixture, &portal).await;
        let replica = fixture.replica().await;
        let path = format!("data-sources/{}", id(&source));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        fixture.app.tick().await.unwrap();
        let there = portal.at(&replica.base);
        are_out(&fixture, (&there, &receiver), &people, "source_removed").await;
        let rest = fixture.admin().items("users?limit=200").await;
        assert!(rest.iter().all(|user| user["status"] == "disabled"), "somebody is left");
    }
);

// What `cancel_auth` of a third-party app will call.
scenario!(
    a_corp_that_cancels_the_installation_is_out_and_comes_back_by_an_admin_and_wecoms_word,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let people = two_people(&fixture, &portal).await;
        let replica = fixture.replica().await;
        let corp = id(&source).parse().unwrap();
        assert!(fixture.app.offboarding().cancel_installation(corp).await.unwrap() > 2);
        assert_eq!(
            fixture.app.offboarding().cancel_installation(corp).await.unwrap(),
            0,
            "told twice, ended once"
        );
        fixture.app.tick().await.unwrap();
        let there = portal.at(&replica.base);
        are_out(&fixture, (&there, &receiver), &people, "installation_cancelled").await;
        let path = format!("data-sources/{}", id(&source));
        let shown = fixture.admin().get(&path).await;
        assert_eq!(
            (&shown["enabled"], &shown["disabled_reason"]),
            (&json!(false), &json!("installation_cancelled"))
        );
        // Two processes that write to one SQLite file, which only tests have, do not meet in the middle of a transaction.
        replica.app.wait_for_background_work().await;
        fixture.wait_for_background_work().await;
        // Whoever is left, after a kill or by an admin's mistake, goes at the next look.
        let user = format!("users/{}", text(&id_claims(&people[0].1), "sub"));
        fixture.admin().change(&user, json!({ "status": "active" })).await;
        replica.app.tick().await.unwrap();
        assert_eq!(
            fixture.admin().get(&user).await["disabled_reason"],
            "installation_cancelled"
        );
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_none(), "{}", page.body);
        let shown = fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert_eq!(shown["disabled_reason"], Value::Null);
        let back = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert_eq!(id_claims(&back)["sub"], id_claims(&people[0].1)["sub"]);
    }
);

scenario!(
    a_data_source_takes_no_owner_along_by_an_admin_and_never_the_last,
    |fixture: Fixture| async move {
        let source = connect(&fixture, Secrets::Both).await;
        let owner = fixture.admin();
        let boss = format!("users/{}", owner.user_id(sample::NORMAL).await);
        owner.change(&boss, json!({ "console_role": "owner" })).await;
        let path = format!("data-sources/{}", id(&source));
        let admin = fixture.admin_with_role("admin").await;
        let refused = admin.call("DELETE", &path, None).await;
        assert_eq!(refused.refusal(), (403, "DI-107"), "{}", refused.body);
        let refused = owner.call("DELETE", &path, None).await;
        assert_eq!(refused.refusal(), (409, "DI-249"), "{}", refused.body);
        assert_eq!(owner.get(&path).await["enabled"], true, "nothing was done");
        assert_eq!(owner.get(&boss).await["status"], "active");
        owner
            .create("users", json!({ "username": "local", "console_role": "owner" }))
            .await;
        assert_eq!(owner.call("DELETE", &path, None).await.status, 204);
        assert_eq!(owner.get(&boss).await["disabled_reason"], "source_removed");
    }
);
